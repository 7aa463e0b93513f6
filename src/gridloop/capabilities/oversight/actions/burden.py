"""减负: refusing rules that ask for what may not be asked for, exemptions, and the figures of each day."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from gridloop.base.common.asks import Asked
from gridloop.base.common.days import midnight
from gridloop.base.common.errors import InvalidInput, NotFound
from gridloop.capabilities.notify.models import Notice
from gridloop.capabilities.oversight.lint import Finding, lint
from gridloop.capabilities.oversight.models import BurdenDay, BurdenExemption, BurdenMeasure
from gridloop.capabilities.oversight.models.burden import BurdenPattern
from gridloop.core.audit.models import Entry
from gridloop.core.cases.actions.given import one_of, storable_text
from gridloop.core.cases.models import Attachment, Case
from gridloop.core.cases.workflow import State
from gridloop.core.org.actors import Actor
from gridloop.core.org.models import Post
from gridloop.core.org.permissions import Role
from gridloop.core.org.policies import check_can

LONGEST = timedelta(days=31)  # an emergency that lasts longer is looked at again
TEXT_MOST = 1000
AT_ONCE = 1000
MOST_MISSED = 31  # days that a job makes up for after it was down


class AsksTooMuch(InvalidInput):
    """A rule asks of people what may not be asked of them."""

    code = "asks-too-much"


def refuse_burden(asked: Asked, at: datetime) -> None:
    """
    Refuse a rule that shows one of the five patterns, unless an exemption is in force for it.

    :raises AsksTooMuch: it does; `fields` says where.
    """
    found = unexcused(lint(asked), at)
    if not found:
        return
    shown = _("；").join(f"“{one.words}”（{one.pattern.label}）" for one in found)
    raise AsksTooMuch(
        _(
            "这条规则会加重基层负担，不能保存：%(shown)s。请改写；应急等确需的，请值班领导先在“减负”页登记例外，"
            "对象填 %(key)s。"
        )
        % {"shown": shown, "key": asked.key},
        fields={one.field: str(one.pattern.label) for one in found if one.field},
    )


def unexcused(found: Iterable[Finding], at: datetime) -> list[Finding]:
    """Return the findings that no exemption covers at a moment; asks nothing where there are none."""
    findings = list(found)
    if not findings:
        return []
    excused = set(
        BurdenExemption.objects.filter(
            subject__in={one.key for one in findings}, until__gte=at, ended_at=None
        ).values_list("subject", "pattern")
    )
    return [one for one in findings if (one.key, one.pattern.value) not in excused]


def exempt(
    *, actor: Actor, at: datetime, subject: str, pattern: str, reason: str, until: datetime
) -> BurdenExemption:
    """
    Record that in an emergency something may be asked for all the same: who allows it, why, and until when.

    :raises NotAllowed: the actor may not manage oversight.
    :raises InvalidInput: no reason, or an end that is past or more than a month away.
    """
    check_can(actor, "oversight.manage")
    why, what = storable_text(reason, "reason", TEXT_MOST), storable_text(subject, "subject", 80)
    if not why:
        raise InvalidInput(_("请写明是什么应急情况、为什么确需。"), fields={"reason": _("必填")})
    if not what:
        raise InvalidInput(_("请填写对象。"), fields={"subject": _("必填")})
    if not at < until <= at + LONGEST:
        raise InvalidInput(
            _("有效期应在今后 %(days)s 天之内，到期仍需要的再登记。") % {"days": LONGEST.days},
            fields={"until": _("请改日期")},
        )
    return BurdenExemption.objects.create(
        subject=what,
        pattern=one_of(BurdenPattern, pattern, "pattern"),
        reason=why,
        granted_by_id=actor.user_id,
        granted_as=actor.label,
        granted_at=at,
        until=until,
    )


def end_exemption(exemption_id: int, *, actor: Actor, at: datetime) -> None:
    """End an exemption before its time; ending it again changes nothing."""
    check_can(actor, "oversight.manage")
    if not BurdenExemption.objects.filter(pk=exemption_id).exists():
        raise NotFound(_("没有找到这条例外。"))
    BurdenExemption.objects.filter(pk=exemption_id, ended_at=None).update(ended_at=at)


@transaction.atomic
def count_day(day: date) -> None:
    """
    Make the figures of one local day from the cases that were closed on it: what grid workers filled in for
    them from first to last, the pictures they took, the messages they got. Made again they are the same.

    Read case by case through the log's own index: nothing but that day's cases is touched.
    """
    start, end = midnight(day), midnight(day + timedelta(days=1))
    closed = Case.objects.filter(closed_at__gte=start, closed_at__lt=end, state=State.CLOSED, is_drill=False)
    keys = list(closed.values_list("pk", flat=True))
    numbers: Counter[tuple[str, str]] = Counter({(BurdenMeasure.CLOSED, ""): len(keys)})
    for chunk in _chunks(keys):
        numbers += _of_cases(chunk)
    BurdenDay.objects.filter(day=day).delete()
    BurdenDay.objects.bulk_create(
        BurdenDay(day=day, measure=measure, verb=verb, number=number)
        for (measure, verb), number in sorted(numbers.items())
    )


def count_missed(*, today: date) -> int:
    """Count the days that are over and have no figures, the latest month of them; return how many."""
    days = [today - timedelta(days=n) for n in range(MOST_MISSED, 0, -1)]
    known = set(BurdenDay.objects.filter(day__gte=days[0]).values_list("day", flat=True))
    missing = [day for day in days if day not in known]
    for day in missing:
        count_day(day)
    return len(missing)


def _of_cases(keys: Sequence[UUID]) -> Counter[tuple[str, str]]:
    posts = dict(Post.objects.filter(role=Role.GRID_WORKER).values_list("pk", "user"))
    people = set(posts.values())
    lines = Entry.objects.filter(stream__in=keys, post_id__in=posts)
    found: Counter[tuple[str, str]] = Counter(
        {(BurdenMeasure.ACTS, verb): n for verb, n in Counter(lines.values_list("verb", flat=True)).items()}
    )
    pictures = Attachment.objects.filter(case__in=keys, content_type__startswith="image/", by__in=people)
    found[BurdenMeasure.PHOTOS, ""] = pictures.count()
    found[BurdenMeasure.MESSAGES, ""] = Notice.objects.filter(case__in=keys, user__in=people).count()
    return found


def _chunks(keys: Sequence[UUID]) -> Iterator[list[UUID]]:
    rest = iter(keys)
    while chunk := list(islice(rest, AT_ONCE)):
        yield chunk
