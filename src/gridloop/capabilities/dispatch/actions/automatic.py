"""
Automatic dispatch: switched on by category, only where the score passes and nothing is doubtful, marked as
such, taken back like any dispatch, and stopped by itself when too much of it comes back.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from gridloop.base.common.errors import DomainError, InvalidInput, NotFound
from gridloop.capabilities.dispatch.actions.reasons import count_rules, reason_of
from gridloop.capabilities.dispatch.models import AutoDispatch, HowChosen, Reason
from gridloop.capabilities.dispatch.options import Option, Proposals
from gridloop.capabilities.dispatch.planning import reasons, shown
from gridloop.capabilities.dispatch.proposals import propose
from gridloop.capabilities.notify.actions import tell
from gridloop.core.audit.models import Entry
from gridloop.core.cases.actions import dispatch
from gridloop.core.cases.errors import InvalidTransition, StaleCase
from gridloop.core.cases.models import Case, WorkOrder
from gridloop.core.cases.workflow import State
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.actions.acts import log_act, stream_of
from gridloop.core.org.actors import SYSTEM, Actor
from gridloop.core.org.policies import check_can
from gridloop.core.org.posts import people_of

PERMISSION = "dispatch.manage"
PORTION, MOST_PORTIONS = 200, 10  # cases that are weighed together, and how often in one run of the job
LAST = 50  # automatic dispatches of a category whose return is watched
FEWEST = 5  # of them, before a share says anything

log = structlog.get_logger(__name__)


@transaction.atomic
def set_automatic(
    category_id: int,
    *,
    is_on: bool,
    actor: Actor,
    at: datetime,
    threshold: float = 0.85,
    most_returned: float = 0.1,
) -> AutoDispatch:
    """
    Switch automatic dispatch of a sub-category on or off; switching it on begins its watch anew.

    :raises NotAllowed: the actor does not manage dispatch.
    :raises InvalidInput: no sub-category, or a share that is none.
    """
    check_can(actor, PERMISSION)
    category = rulebook().category(category_id)
    if category is None or category.parent_id is None:
        raise InvalidInput(_("请选择一个小类。"), fields={"category_id": _("请选择小类")})
    for name, value in {"threshold": threshold, "most_returned": most_returned}.items():
        if not 0 <= value <= 1:
            raise InvalidInput(_("比例应在 0 到 1 之间。"), fields={name: _("应在 0 到 1 之间")})
    row, _made = AutoDispatch.objects.select_for_update().get_or_create(category_id=category_id)
    row.is_on, row.threshold, row.most_returned = is_on, threshold, most_returned
    row.since = at if is_on else row.since
    row.stopped_at, row.stopped_why = None, ""
    row.save()
    data = {"is_on": is_on, "threshold": threshold, "most_returned": most_returned}
    log_act(row, "set", actor=actor, at=at, data=data)
    return row


def dispatch_waiting(*, at: datetime) -> int:
    """Dispatch, as the system, what is certain enough where it is switched on; return how many."""
    with override(settings.LANGUAGE_CODE):  # what the log keeps is in the town's language
        stop_where_too_much_returned(at=at)
        on = {row.category_id: row for row in AutoDispatch.objects.filter(is_on=True)}
        failed = _failed(on.values())
        return sum(_dispatch_sure(cases, on, failed, at) for cases in _waiting(list(on)))


def sure_option(proposals: Proposals, threshold: float) -> Option | None:
    """Return the first option if it may be taken without a person: certain, no boundary case, good enough."""
    if not proposals.is_certain or proposals.boundary is not None or not proposals.options:
        return None
    first = proposals.options[0]
    return first if first.score >= threshold else None


def stop_where_too_much_returned(*, at: datetime) -> list[AutoDispatch]:
    """Switch off, and tell those who manage dispatch, where too much of what was dispatched came back."""
    return [row for row in AutoDispatch.objects.filter(is_on=True) if _stop_if_returned(row.pk, at)]


def _waiting(category_ids: list[int]) -> Iterator[list[Case]]:
    """Yield what waits, the oldest first, in portions; what is doubtful stays and must not stop the rest."""
    cases = Case.objects.real().filter(
        state=State.REGISTERED, category__in=category_ids, is_adjudicating=False, send_backs=0, reopenings=0
    )
    # Whoever took a dispatch back, by hand or with a whole batch, means to decide it: it is not done again.
    earlier = WorkOrder.objects.filter(case=OuterRef("pk"))
    cases = cases.filter(~Exists(earlier)).order_by("pk")
    portion = list(cases[:PORTION]) if category_ids else []
    for _portion in range(MOST_PORTIONS):
        if not portion:
            return
        yield portion
        portion = list(cases.filter(pk__gt=portion[-1].pk)[:PORTION])


def _failed(rows: Iterable[AutoDispatch]) -> set[tuple[str, int]]:
    """Return the cases, by key and version, at which a dispatch broke since it was switched on."""
    broken = Q()
    for row in rows:
        broken |= Q(stream=stream_of(row), at__gte=row.since)
    lines = Entry.objects.filter(broken, verb="autodispatch.fail") if broken else ()
    return {(line.data["case"], line.data["version"]) for line in lines}


def _dispatch_sure(
    cases: list[Case], on: dict[int, AutoDispatch], failed: set[tuple[str, int]], at: datetime
) -> int:
    cases = [case for case in cases if (str(case.pk), case.version) not in failed]
    proposed = propose(cases, at=at)
    return sum(
        _dispatch_or_note(case, option, proposed[case.pk], at)
        for case in cases
        if (option := sure_option(proposed[case.pk], on[case.category_id or 0].threshold))
    )


def _dispatch_or_note(case: Case, option: Option, proposals: Proposals, at: datetime) -> bool:
    """Make one dispatch; one that breaks is left to a person and noted, so that the others go on."""
    try:
        return _dispatch(case, option, proposals, at)
    except (InterfaceError, OperationalError):
        raise  # the database is away, or somebody was in the way: the next run does it
    except Exception as error:
        log.exception("automatic_dispatch_failed", case=str(case.pk))
        _note_failure(case, error, at)
        return False


@transaction.atomic
def _note_failure(case: Case, error: Exception, at: datetime) -> None:
    row = AutoDispatch.objects.select_for_update().get(pk=case.category_id)
    data = {"case": str(case.pk), "version": case.version, "reason": type(error).__name__}
    if isinstance(error, DomainError):
        data["said"] = error.message
    log_act(row, "fail", actor=SYSTEM, at=at, data=data)


@transaction.atomic
def _dispatch(case: Case, option: Option, proposals: Proposals, at: datetime) -> bool:
    """
    Make one dispatch with its reason; leave alone what changed meanwhile.

    :raises DomainError: a rule stands against it, and would again.
    """
    try:
        with transaction.atomic():
            made = dispatch(
                case.pk,
                actor=SYSTEM,
                at=at,
                expected_version=case.version,
                note=_("自动派遣：%(why)s") % {"why": reasons(option)},
                facts={"automatic": True, "option": shown(option)},
                lead_unit_id=option.unit_id,
                assist_unit_ids=option.assist_unit_ids,
                assignee_id=option.assignee_id,
            )
    except (StaleCase, InvalidTransition, NotFound) as refusal:
        log.warning("not_dispatched_automatically", case=str(case.pk), code=refusal.code)
        return False
    reason = reason_of(case.pk, made.version, option.unit_id, proposals, how=HowChosen.AUTOMATIC, at=at)
    reason.save()
    count_rules([reason])
    return True


@transaction.atomic
def _stop_if_returned(category_id: int, at: datetime) -> bool:
    row = AutoDispatch.objects.select_for_update().get(pk=category_id)
    made = Reason.objects.filter(how=HowChosen.AUTOMATIC, case__category=category_id, at__gte=row.since)
    last = list(made.order_by("-pk").values_list("sent_back_at", flat=True)[:LAST])
    returned = sum(moment is not None for moment in last)
    if not row.is_on or len(last) < FEWEST or returned / len(last) <= row.most_returned:
        return False
    row.is_on, row.stopped_at = False, at
    row.stopped_why = _("最近%(count)s件自动派遣中有%(returned)s件被退回或改派，超过上限%(most)s%%") % {
        "count": len(last),
        "returned": returned,
        "most": round(100 * row.most_returned),
    }
    row.save(update_fields=["is_on", "stopped_at", "stopped_why"])
    log_act(row, "stop", actor=SYSTEM, at=at, data={"count": len(last), "returned": returned})
    _tell_managers(row, at)
    return True


def _tell_managers(row: AutoDispatch, at: datetime) -> None:
    category = rulebook().category(row.category_id)
    if category is None:
        raise NotFound(_("没有这个类别。"))
    tell(
        to=people_of(on=timezone.localdate(at), permission=PERMISSION),
        topic="dispatch",
        title=_("“%(category)s”的自动派遣已停止") % {"category": category.name},
        body=row.stopped_why,
        url=reverse("dispatch:queue"),
        at=at,
        once=f"auto-stop:{row.category_id}:{at.isoformat()}",
    )
