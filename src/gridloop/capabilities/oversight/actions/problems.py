"""问题工单: cases that came back too often, kept in step with the loop, told one level up, supervised."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError, InvalidInput
from gridloop.base.common.worktime import CalendarMissing, LimitUnit
from gridloop.capabilities.notify.actions import tell
from gridloop.capabilities.oversight.actions.supervising import supervise
from gridloop.capabilities.oversight.models import (
    ProblemCase,
    ProblemKind,
    ProblemRule,
    SupervisionCause,
)
from gridloop.capabilities.oversight.problems import (
    REVISION,
    Threshold,
    nth,
    repeats,
    thresholds,
    transfers,
)
from gridloop.capabilities.oversight.recipients import Holder, Recipients
from gridloop.capabilities.oversight.words import in_town_language, matter_of, page_of
from gridloop.core.audit.models import Entry
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.cases.models import Case, WorkOrder
from gridloop.core.cases.workflow import OPEN, OrderState
from gridloop.core.org.actors import SYSTEM, Actor
from gridloop.core.org.calendar import work_time
from gridloop.core.org.locate import path_of
from gridloop.core.org.policies import check_can
from gridloop.core.org.revisions import bump

log = structlog.get_logger(__name__)

TOPIC = "oversight.problem"
AT_ONCE = 50
REPLY_WITHIN_DAYS = 2  # working days that a slip by the rule gives
WATCHED_VERBS = ("verify_fail", "transfer", "dispatch", "adjudicate", "add_assistant")
Found = dict[tuple[UUID, ProblemKind], datetime]


def note_problem(file: CaseFile, entry: Entry) -> None:
    """
    Keep what the verb has made a problem case, inside the verb's transaction.

    Read off the file in memory: a case that is none costs no statement. A bulk load announces its verbs when
    the file has come to its end, so when it began is read from what is written and not from `entry`.
    """
    del entry
    found = {kind: since for kind, since in _of_file(file) if since is not None}
    for kind, since in found.items():
        ProblemCase.objects.get_or_create(case=file.case, kind=kind, defaults={"since": since})


def rebuild_problems() -> tuple[int, int]:
    """
    Make the rows anew from work orders and log; return how many were added or moved, and how many went.

    What stays keeps the moment at which it was told.
    """
    with transaction.atomic():
        bump(REVISION)
        wanted = _from_history(thresholds())
        held = {(p.case_id, ProblemKind(p.kind)): p for p in ProblemCase.objects.select_for_update()}
        gone = [row.pk for key, row in held.items() if key not in wanted]
        ProblemCase.objects.filter(pk__in=gone).delete()
        moved = [row for key, row in held.items() if key in wanted and row.since != wanted[key]]
        for row in moved:
            row.since = wanted[row.case_id, ProblemKind(row.kind)]
        ProblemCase.objects.bulk_update(moved, ["since"])
        fresh = [
            ProblemCase(case_id=case, kind=kind, since=since)
            for (case, kind), since in wanted.items()
            if (case, kind) not in held
        ]
        ProblemCase.objects.bulk_create(fresh)
    return len(fresh) + len(moved), len(gone)


def save_problem_rules(rules: dict[ProblemKind, Threshold], *, actor: Actor, at: datetime) -> tuple[int, int]:
    """
    Change from how many times on a case is a problem case, and make the list anew by it.

    :raises NotAllowed: the actor may not manage oversight.
    :raises InvalidInput: a number is out of range.
    """
    del at
    check_can(actor, "oversight.manage")
    if any(not 0 <= rule.times <= 50 for rule in rules.values()):
        raise InvalidInput(_("次数应在 0 到 50 之间，0 表示不用。"))
    with transaction.atomic():
        for kind, rule in rules.items():
            ProblemRule.objects.update_or_create(
                kind=kind, defaults={"threshold": rule.times, "is_supervised": rule.is_supervised}
            )
        bump(REVISION)
        return rebuild_problems()


def raise_problems(*, at: datetime) -> int:
    """
    Tell the leaders of each new problem case, once, and supervise it where the rule says so.

    Of one that has ended meanwhile nobody is told any more. Return of how many somebody was told.
    """
    people = Recipients(timezone.localdate(at))
    told = 0
    while True:
        with transaction.atomic():
            rows = list(
                ProblemCase.objects.filter(told_at=None)
                .select_related("case")
                .select_for_update(of=("self",), skip_locked=True)
                .order_by("pk")[:AT_ONCE]
            )
            told += sum(_raise(row, people, at) for row in rows)
            ProblemCase.objects.filter(pk__in=[row.pk for row in rows]).update(told_at=at)
        if len(rows) < AT_ONCE:
            return told


def _raise(row: ProblemCase, people: Recipients, at: datetime) -> bool:
    if row.case.state not in OPEN:
        return False
    kind = ProblemKind(row.kind)
    _tell(row.case, kind, people, at)
    if thresholds()[kind].is_supervised:
        _supervise(row.case, kind, at)
    return True


@in_town_language
def _tell(case: Case, kind: ProblemKind, people: Recipients, at: datetime) -> None:
    tell(
        to=people.leader(Holder(None, None, path_of(case.region_id))),
        topic=TOPIC,
        title=_("问题工单：%(number)s %(kind)s") % {"number": case.number, "kind": kind.label},
        body=matter_of(case),
        url=page_of(case.pk),
        case_id=case.pk,
        at=at,
        once=f"problem/{case.pk}/{kind}",
    )


@in_town_language
def _supervise(case: Case, kind: ProblemKind, at: datetime) -> None:
    lead = (
        WorkOrder.objects.filter(case=case, role="lead", state__in=["issued", "handling"])
        .values_list("unit", flat=True)
        .first()
    )
    if lead is None:
        return
    demand = _("本案%(kind)s，请单位负责人过问，写明原因、措施和办结时间。") % {"kind": kind.label}
    try:
        due = work_time().due(at, REPLY_WITHIN_DAYS, LimitUnit.WORKING_DAY)
        with transaction.atomic():
            supervise(
                case.pk,
                actor=SYSTEM,
                at=at,
                unit_id=lead,
                cause=SupervisionCause.PROBLEM,
                demand=demand,
                reply_by=timezone.localdate(due),
            )
    except (DomainError, CalendarMissing) as refusal:
        # Supervised already, or standing still: the leaders know of it all the same.
        log.info("problem_not_supervised", case=str(case.pk), why=refusal.message)


def _of_file(file: CaseFile) -> Iterator[tuple[ProblemKind, datetime | None]]:
    rules = thresholds()
    yield ProblemKind.REPEAT, nth(repeats(file.orders), rules[ProblemKind.REPEAT].times)
    yield ProblemKind.TRANSFER, nth(transfers(file.orders), rules[ProblemKind.TRANSFER].times)
    yield ProblemKind.REWORK, _rework(file, rules[ProblemKind.REWORK].times)


def _rework(file: CaseFile, times: int) -> datetime | None:
    """Return when it was reworked for the `times`-th time, if that is among the lines now being stored."""
    now = [entry.at for entry in file.entries if entry.verb == "verify_fail"]
    before = file.case.reworks - len(now)
    return nth(now, times - before) if times > before else None


def _from_history(rules: dict[ProblemKind, Threshold]) -> Found:
    found: Found = {}
    orders = _orders_of_suspects()
    for case, own in orders.items():
        for kind, moments in ((ProblemKind.REPEAT, repeats(own)), (ProblemKind.TRANSFER, transfers(own))):
            since = nth(moments, rules[kind].times)
            if since is not None:
                found[case, kind] = since
    times = rules[ProblemKind.REWORK].times
    if times:
        for case, moments in _rework_moments(Case.objects.filter(reworks__gte=times)).items():
            since = nth(moments, times)
            if since is not None:
                found[case, ProblemKind.REWORK] = since
    return found


def _orders_of_suspects() -> dict[UUID, list[WorkOrder]]:
    """Return the work orders of cases in which a unit had more than one, or one was given to another unit."""
    twice = WorkOrder.objects.values("case", "unit").annotate(n=Count("pk")).filter(n__gt=1).values("case")
    moved = WorkOrder.objects.filter(state=OrderState.TRANSFERRED).values("case")
    by_case: dict[UUID, list[WorkOrder]] = defaultdict(list)
    for suspects in (twice, moved):
        for order in WorkOrder.objects.filter(case__in=suspects).iterator():
            if order not in by_case[order.case_id]:
                by_case[order.case_id].append(order)
    return by_case


def _rework_moments(cases: Iterable[Case]) -> dict[UUID, list[datetime]]:
    keys = [case.pk for case in cases]
    by_case: dict[UUID, list[datetime]] = defaultdict(list)
    lines = Entry.objects.filter(stream__in=keys, verb="verify_fail").order_by("stream", "seq")
    for stream, at in lines.values_list("stream", "at"):
        by_case[stream].append(at)
    return by_case
