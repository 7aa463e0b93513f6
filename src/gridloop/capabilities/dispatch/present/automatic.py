"""Automatic dispatch by category: what is on, what it did lately, and how much of that came back."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from gridloop.capabilities.dispatch.models import AutoDispatch, HowChosen, Reason
from gridloop.core.audit.models import Entry
from gridloop.core.cases.models import Case
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.actions.acts import stream_of
from gridloop.core.org.actors import Actor

FAILURES_DAYS = 30
MOST_FAILURES = 200


@dataclass(frozen=True, slots=True)
class Failure:
    """One case that was tried and could not be dispatched: when, and why in words; it waits for a person."""

    case: Case
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Setting:
    """One category's setting, with how many went out by it and how many of them came back."""

    row: AutoDispatch
    category: str
    made: int
    returned: int

    @property
    def threshold(self) -> int:
        return round(100 * self.row.threshold)

    @property
    def most_returned(self) -> int:
        return round(100 * self.row.most_returned)


def settings() -> list[Setting]:
    """Return every setting that was ever made, those that are on first: two statements."""
    rows = list(AutoDispatch.objects.order_by("-is_on", "category__code"))
    made = Reason.objects.filter(how=HowChosen.AUTOMATIC, case__category__in=[r.category_id for r in rows])
    numbers: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    counted = made.values_list("case__category").annotate(n=Count("pk"), back=Count("sent_back_at"))
    numbers |= {category: (n, back) for category, n, back in counted.order_by()}
    return [_setting(row, *numbers[row.category_id]) for row in rows]


def done(actor: Actor) -> QuerySet[Reason]:
    """Return what was dispatched automatically and the actor may see."""
    found = Reason.objects.filter(how=HowChosen.AUTOMATIC, case__in=Case.objects.visible_to(actor))
    return found.select_related("case", "unit")


def failures(found: list[Setting], actor: Actor, now: datetime) -> list[Failure]:
    """
    Return what automatic dispatch tried in the last 30 days and could not do, the newest first.

    Each case once by its last trial; 200 at the most, and only what the actor may see. Two statements.
    """
    streams = [stream_of(setting.row) for setting in found]
    lines = Entry.objects.filter(
        stream__in=streams, verb="autodispatch.fail", at__gte=now - timedelta(days=FAILURES_DAYS)
    )
    last: dict[str, Entry] = {}
    for line in lines.order_by("-at", "-seq")[:MOST_FAILURES]:
        last.setdefault(line.data["case"], line)
    cases = Case.objects.visible_to(actor).in_bulk(list(last))
    known = {str(key): case for key, case in cases.items()}
    return [Failure(known[key], line.at, _why(line)) for key, line in last.items() if key in known]


def _why(line: Entry) -> str:
    said = line.data.get("said")
    return str(said) if said else _("系统出错（%(name)s），请人工派遣") % {"name": line.data["reason"]}


def _setting(row: AutoDispatch, made: int, returned: int) -> Setting:
    category = rulebook().category(row.category_id)
    return Setting(row, category.name if category else "", made, returned)
