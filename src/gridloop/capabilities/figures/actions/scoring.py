"""Setting the formula, settling months, and leaving cases out of scores."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput, NotFound
from gridloop.capabilities.figures.formula import DELIVERED, Rules, rules_for
from gridloop.capabilities.figures.labels import OF_UNITS, ExclusionReason, What
from gridloop.capabilities.figures.models import (
    Axis,
    Counter,
    Exclusion,
    Formula,
    Grain,
    Progress,
    Publication,
    Tally,
)
from gridloop.capabilities.figures.policies import AlreadyAsked, check_can_decide
from gridloop.capabilities.figures.reading import month_of
from gridloop.capabilities.notify.actions import tell
from gridloop.core.cases import actions as cases
from gridloop.core.cases.actions.given import one_of, storable_text
from gridloop.core.cases.models import Case
from gridloop.core.org.actors import Actor
from gridloop.core.org.policies import check_can
from gridloop.core.org.posts import people_of

WEIGHTS = ("response", "resolution", "satisfaction")
POINTS = ("late_points", "rework_points", "send_back_points")
_COPY = """
    INSERT INTO figures_publishedtally (month, what, unit_id, case_id, region_id, is_excluded)
    SELECT %s, what, unit_id, case_id, region_id, is_excluded FROM figures_tally
    WHERE what = ANY(%s) AND day BETWEEN %s AND %s
"""
_SUM = """
    INSERT INTO figures_counter (grain, axis, what, starts_on, region_id, unit_id, key, n, excluded)
    SELECT 's', '', what, month, region_id, unit_id, '', count(*), count(*) FILTER (WHERE is_excluded)
    FROM figures_publishedtally WHERE month = %s GROUP BY what, month, region_id, unit_id
"""


@transaction.atomic
def set_formula(*, actor: Actor, at: datetime, effective_on: date, source: str, **numbers: int) -> Formula:
    """
    Make a new version of the formula, in force from a month on that is not settled.

    :raises InvalidInput: the weights do not make 100, a number is out of range, or the month is settled.
    :raises NotAllowed: the actor may not manage the formula.
    """
    check_can(actor, "figures.manage")
    month = effective_on.replace(day=1)
    _check_numbers(numbers)
    if Publication.objects.filter(month__gte=month).exists():
        raise InvalidInput(
            _("该月已经结算，公式只能从尚未结算的月份起生效。"),
            fields={"effective_on": _("请选择更晚的月份")},
        )
    newest = Formula.objects.select_for_update().order_by("-version").first()
    return Formula.objects.create(
        version=(newest.version if newest else DELIVERED.version) + 1,
        effective_on=month,
        source=storable_text(source, "source", 300),
        is_local_default=False,
        made_at=at,
        made_by_id=actor.user_id,
        **numbers,
    )


def _check_numbers(numbers: dict[str, int]) -> None:
    if sum(numbers[name] for name in WEIGHTS) != 100 or min(numbers[name] for name in WEIGHTS) < 0:
        raise InvalidInput(_("三项权重之和应为 100。"), fields=dict.fromkeys(WEIGHTS, _("三项之和应为 100")))
    limits = dict.fromkeys(POINTS, (0, 100)) | {"least_cases": (1, 1000), "settles_after_days": (1, 28)}
    wrong = {
        name: _("应在 %(low)s 到 %(high)s 之间") % {"low": low, "high": high}
        for name, (low, high) in limits.items()
        if not low <= numbers[name] <= high
    }
    if wrong:
        raise InvalidInput(_("有的数值超出范围，请按提示改正。"), fields=wrong)


def settle_due(*, at: datetime) -> list[date]:
    """
    Settle every month that is due and is not settled, from the first with figures on; return them.

    A month is due when the days that its formula gives for late words and exclusions are over. Nothing is
    settled before all of history is counted.
    """
    if not Progress.objects.filter(done_at__isnull=False).exists():
        return []
    first = _first_month()
    made = []
    while first is not None and first < timezone.localdate(at).replace(day=1):
        if _is_due(first, timezone.localdate(at)) and settle_month(first, at=at):
            made.append(first)
        first = month_of(first).until + timedelta(days=1)
    return made


def settle_month(month: date, *, at: datetime) -> bool:
    """Settle one month, and return whether it was not yet. Whoever comes second does nothing."""
    days = month_of(month)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            Publication.objects.create(month=month, published_at=at, formula=rules_for(month).as_json())
            cursor.execute(_COPY, [month, sorted(OF_UNITS), days.since, days.until])
            cursor.execute(_SUM, [month])
    except IntegrityError:
        return False
    return True


def _first_month() -> date | None:
    newest = Publication.objects.order_by("-month").values_list("month", flat=True).first()
    if newest:
        return month_of(newest).until + timedelta(days=1)
    months = Counter.objects.filter(
        grain=Grain.MONTH, axis=Axis.TOWN, what__in=[What.DISPATCHED, What.CLOSED]
    )
    return months.order_by("starts_on").values_list("starts_on", flat=True).first()


def _is_due(month: date, today: date) -> bool:
    rules: Rules = rules_for(month)
    return today > month_of(month).until + timedelta(days=rules.settles_after_days)


@transaction.atomic
def ask_exclusion(
    case_id: UUID, *, actor: Actor, at: datetime, reason: ExclusionReason, detail: str
) -> Exclusion:
    """
    Ask that a case be left out of scores; the wish is a line in the case's log, and the deciders are told.

    :raises NotFound: there is no such case, or the actor may not know of it.
    :raises NotAllowed: the actor may not ask.
    :raises InvalidInput: no detail is given, or the case counts for nothing.
    :raises AlreadyAsked: it is left out, or was asked for and is not decided.
    """
    check_can(actor, "figures.ask_exclusion")
    case = Case.objects.visible_to(actor).filter(pk=case_id).first()
    if case is None or actor.user_id is None or actor.unit_id is None:
        raise NotFound(_("没有找到这个案件。"))
    one_of(ExclusionReason, reason, "reason")
    if not (detail := storable_text(detail, "detail", 1000)):
        raise InvalidInput(_("请写明为什么不应计入考核。"), fields={"detail": _("必填")})
    if not Tally.objects.filter(case=case_id, what__in=OF_UNITS).exists():
        raise InvalidInput(_("这个案件没有计入任何单位的考核，不需要剔除。"))
    exclusion = _store_wish(
        Exclusion(
            case=case,
            unit_id=actor.unit_id,
            reason=reason,
            detail=detail,
            asked_at=at,
            asked_by_id=actor.user_id,
        )
    )
    _note(case_id, actor, at, _("申请不计入考核：%(reason)s。%(detail)s"), exclusion, detail)
    deciders = people_of(
        on=timezone.localdate(at), permission="figures.decide_exclusion", region_path=case.region.path
    )
    _tell([i for i in deciders if i != actor.user_id], _("有剔除申请待审定：%s") % case.number, exclusion, at)
    return exclusion


def _store_wish(exclusion: Exclusion) -> Exclusion:
    try:
        with transaction.atomic():
            exclusion.save(force_insert=True)
    except IntegrityError as error:
        raise AlreadyAsked(_("这个案件已经剔除，或已有申请正在审定。")) from error
    return exclusion


@transaction.atomic
def decide_exclusion(
    exclusion_id: UUID, *, actor: Actor, at: datetime, is_granted: bool, answer: str
) -> Exclusion:
    """
    Decide on a wish; granted, the case is left out of every score of a month that is not settled.

    :raises NotFound: there is no such wish, or the actor may not know of its case.
    :raises NotAllowed, AlreadyDecided: see `policies.check_can_decide`.
    :raises InvalidInput: it is refused without a word.
    """
    # The case first, as every verb does: what it counts for must not change while it is taken out.
    case_id = Exclusion.objects.filter(pk=exclusion_id).values_list("case", flat=True).first()
    if case_id is None:
        raise NotFound(_("没有找到这项申请。"))
    case = Case.objects.select_for_update().filter(pk=case_id).first()
    exclusion = Exclusion.objects.select_for_update().filter(pk=exclusion_id).first()
    if case is None or exclusion is None or not Case.objects.visible_to(actor).filter(pk=case_id).exists():
        raise NotFound(_("没有找到这项申请。"))
    check_can_decide(actor, exclusion)
    answer = storable_text(answer, "answer", 1000)
    if not is_granted and not answer:
        raise InvalidInput(_("不同意时请写明理由。"), fields={"answer": _("必填")})
    changed: dict[str, Any] = {
        "decided_at": at, "decided_by_id": actor.user_id, "is_granted": is_granted, "answer": answer,
    }  # fmt: skip
    for name, value in changed.items():
        setattr(exclusion, name, value)
    exclusion.save(update_fields=["decided_at", "decided_by", "is_granted", "answer"])
    if is_granted:
        Tally.objects.filter(case=case_id).update(is_excluded=True)
    said = _("同意不计入考核。%(detail)s") if is_granted else _("不同意剔除，仍计入考核。%(detail)s")
    _note(case.pk, actor, at, said, exclusion, answer)
    verdict = _("剔除申请已同意：%s") if is_granted else _("剔除申请未同意：%s")
    _tell([exclusion.asked_by_id], verdict % case.number, exclusion, at)
    return exclusion


def _note(case_id: UUID, actor: Actor, at: datetime, words: str, exclusion: Exclusion, detail: str) -> None:
    note = words % {"reason": exclusion.get_reason_display(), "detail": detail}
    cases.annotate(case_id, actor=actor, at=at, note=note)


def _tell(people: list[int], title: str, exclusion: Exclusion, at: datetime) -> None:
    tell(
        to=people,
        topic="figures.exclusion",
        title=title,
        url=reverse("figures:exclusions"),
        case_id=exclusion.case_id,
        at=at,
        once=f"exclusion/{exclusion.pk}/{exclusion.is_granted}",
    )
