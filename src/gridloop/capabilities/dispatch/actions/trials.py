"""Dry runs: a past period held against rules and duty lists that are not saved; a job where it is long."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from gridloop.base.common.errors import InvalidInput
from gridloop.capabilities.dispatch.decision import Decision, decide
from gridloop.capabilities.dispatch.matching import RuleView
from gridloop.capabilities.dispatch.models import DispatchRule, DryRun, DryRunCase, Precedent
from gridloop.capabilities.dispatch.portions import portions
from gridloop.capabilities.dispatch.rules import rules_in_force, view
from gridloop.capabilities.dispatch.teaching import DISPATCHED, REFUSED
from gridloop.core.cases.models import Case
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.actors import Actor
from gridloop.core.org.calendar import work_time
from gridloop.core.org.models import Unit
from gridloop.core.org.policies import check_can

TRY_OUT = "gridloop.capabilities.dispatch.tasks.try_out"
PORTION = 500
AT_ONCE = 1_000  # dispatches that are held against the changes within the request
MOST = 50_000  # dispatches of one dry run, the newest
_SAID = (
    "name", "category_ids", "region_ids", "channels", "words", "weekdays", "starts", "ends", "working_time",
    "lead_id", "assist_unit_ids", "assignee_id", "beats_duty",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lead:
    """A change of the duty list: this unit leads such cases there (everywhere where no region is given)."""

    category_id: int
    region_id: int | None
    unit_id: int | None


@dataclass(frozen=True, slots=True)
class Moved:
    """A case whose unit would have been another one, and why."""

    case_id: Any
    at: datetime
    source: int | None
    target: int | None
    really: int
    words: str


def with_rule(draft: DispatchRule, rule_id: int | None) -> list[DispatchRule]:
    """Return all active rules as they would be with this one added last, or in the place of another."""
    rules = list(DispatchRule.objects.active().in_order())
    if rule_id is None:
        return [*rules, draft]
    draft.pk = rule_id
    return [draft if rule.pk == rule_id else rule for rule in rules]


def without_rule(rule_id: int) -> list[DispatchRule]:
    """Return all active rules but this one."""
    return list(DispatchRule.objects.active().in_order().exclude(pk=rule_id))


@transaction.atomic
def ask_dry_run(
    *,
    actor: Actor,
    at: datetime,
    since: datetime,
    until: datetime,
    rules: Sequence[DispatchRule] | None = None,
    leads: Iterable[Lead] = (),
) -> DryRun:
    """
    Hold the dispatches of a period against changed rules or leads; a long period is left to a job.

    :param rules: all rules in their order, stored or not; None leaves them as they are.
    :raises NotAllowed: the actor does not manage dispatch.
    :raises InvalidInput: the period is empty.
    """
    check_can(actor, "dispatch.manage")
    if since >= until:
        raise InvalidInput(_("结束日期应晚于开始日期。"), fields={"until": _("应晚于开始日期")})
    kept = list(DispatchRule.objects.active().in_order()) if rules is None else rules
    dry_run = DryRun.objects.create(
        made_by_id=actor.user_id,
        made_at=at,
        since=since,
        until=until,
        rules=[_as_json(rule) for rule in kept],
        leads=[asdict(lead) for lead in leads],
    )
    if _dispatches(dry_run)[: AT_ONCE + 1].count() > AT_ONCE:
        app.configure_task(TRY_OUT).defer(dry_run_id=dry_run.pk)
        return dry_run
    return try_out(dry_run.pk, at=at)


@transaction.atomic
def try_out(dry_run_id: int, *, at: datetime) -> DryRun:
    """Hold the period against the changes and keep what would have moved; once, whoever calls it again."""
    dry_run = DryRun.objects.select_for_update().get(pk=dry_run_id)
    if dry_run.finished_at is not None:
        return dry_run
    rows = list(_dispatches(dry_run)[: MOST + 1])
    dry_run.is_cut, rows = len(rows) > MOST, rows[:MOST]
    known = set(Unit.objects.values_list("pk", flat=True))
    for moved in portions(moved_by(rows, *_changes(dry_run)), PORTION):
        DryRunCase.objects.bulk_create(_row(dry_run, one, known) for one in moved if one.really in known)
        dry_run.moved += len(moved)
    dry_run.asked, dry_run.finished_at = len(rows), at
    dry_run.save(update_fields=["asked", "moved", "is_cut", "finished_at"])
    return dry_run


def moved_by(rows: Iterable[Precedent], rules: Sequence[RuleView], leads: Sequence[Lead]) -> Iterator[Moved]:
    """Yield the dispatches that the changes would give to another unit. One statement for 500 of them."""
    book, work, now = rulebook(), work_time(), rules_in_force()
    changed = book.with_leads({(lead.category_id, lead.region_id): lead.unit_id for lead in leads})
    for portion in portions(rows, PORTION):
        cases = Case.objects.in_bulk([row.case_id for row in portion])
        for row in portion:
            if (case := cases.get(row.case_id)) is None:
                continue
            before = decide(case, book, now, row.at, work)
            after = decide(case, changed, rules, row.at, work)
            if before.unit_id != after.unit_id:
                yield Moved(row.case_id, row.at, before.unit_id, after.unit_id, row.unit_id, words_of(after))


def words_of(decision: Decision) -> str:
    """Return what decides, in words."""
    if decision.unit_id is None:
        return _("规则和履职清单都没有答案，由人工判断")
    if decision.rule is not None and decision.rule.lead_unit_id is not None:
        return _("按规则“%(rule)s”") % {"rule": decision.rule.name}
    return _("按“%(category)s”的履职清单") % {"category": decision.category}


def flows(dry_run: DryRun) -> list[tuple[int | None, int | None, int]]:
    """Return (from, to, how many), the most first. One statement."""
    pairs = DryRunCase.objects.filter(dry_run=dry_run).values_list("source", "target")
    return [(source, target, count) for (source, target), count in Counter(pairs).most_common()]


def _dispatches(dry_run: DryRun) -> models.QuerySet[Precedent]:
    """Return the dispatches of the period, the newest first; a transfer is none of them."""
    period = Precedent.objects.filter(share=DISPATCHED, at__gte=dry_run.since, at__lt=dry_run.until)
    twin = Precedent.objects.filter(case_id=OuterRef("case_id"), seq=OuterRef("seq"), share=REFUSED)
    return period.filter(~Exists(twin)).order_by("-at", "-pk")


def _changes(dry_run: DryRun) -> tuple[list[RuleView], list[Lead]]:
    rules = [view(_as_rule(said)) for said in dry_run.rules]
    return rules, [Lead(**lead) for lead in dry_run.leads]


def _as_json(rule: DispatchRule) -> dict[str, Any]:
    said = {name: getattr(rule, name) for name in _SAID}
    hours = {name: said[name].isoformat() if said[name] else None for name in ("starts", "ends")}
    return {"id": rule.pk, **said, **hours}


def _as_rule(said: dict[str, Any]) -> DispatchRule:
    hours = {name: time.fromisoformat(said[name]) if said[name] else None for name in ("starts", "ends")}
    return DispatchRule(**said | hours)


def _row(dry_run: DryRun, moved: Moved, known: set[int]) -> DryRunCase:
    return DryRunCase(
        dry_run=dry_run,
        case_id=moved.case_id,
        at=moved.at,
        source_id=moved.source if moved.source in known else None,
        target_id=moved.target if moved.target in known else None,
        really_id=moved.really,
        words=moved.words[:300],
    )
