"""
The screen for visitors: what the town does, and nobody's matter.

It is masked here, before anything leaves the server: no title, number, address, name, unit, code or exact
point; confidential cases and sensitive categories are left out of every count, and a village's or a square's
count below `FEW` is never told. Uncategorised cases are left out too: nobody knows yet what they are about.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from gridloop.base.common.days import midnight
from gridloop.capabilities.figures.labels import What
from gridloop.capabilities.figures.reading import By, Days, Sums, scope_of, totals
from gridloop.core.cases.models import Case
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.actors import Actor
from gridloop.faces.centre.analysis import DAYS, Day, trend
from gridloop.faces.centre.counting import Cases, Share, by_category, by_community, by_state, open_groups

FEW = 5


@dataclass(frozen=True, slots=True)
class Visit:
    """All that visitors see."""

    at: datetime
    today: date
    open: int
    in_time: float | None
    days: list[Day]
    by_state: list[Share]
    categories: list[Share]
    communities: list[Share]


def visit(actor: Actor, now: datetime) -> Visit:
    """Return the masked figures of what `actor` may see. Three statements."""
    visible, today = Case.objects.visible_to(actor), timezone.localdate(now)
    shown = fit_for_visitors(visible)
    groups = open_groups(shown, now, midnight(today + timedelta(days=1)))
    total, late = sum(g.count for g in groups), sum(g.late for g in groups)
    return Visit(
        at=now,
        today=today,
        open=total,
        in_time=(total - late) / total if total else None,
        days=_days(actor, visible, Days(today - timedelta(days=DAYS - 1), today)),
        by_state=by_state(groups),
        categories=_told(by_category(groups)),
        communities=_told(by_community(groups)),
    )


def fit_for_visitors(cases: Cases) -> Cases:
    """Narrow to cases of categories that may be counted before strangers, none of them confidential."""
    return cases.real().filter(is_confidential=False, category__in=shown_categories())


def _days(actor: Actor, visible: Cases, period: Days) -> list[Day]:
    """Return what came and ended each day: what the counters say, less the few confidential cases."""
    within = scope_of(actor)
    if within.units is not None:  # counters of a unit know nothing of what was reported
        return trend(fit_for_visitors(visible), period.since, period.until)
    whats, shown = [What.REPORTED, What.CLOSED, What.SELF_CLOSED], shown_categories()
    counted = totals(within, period, by=By.DAY, whats=whats, category_ids=shown)
    hidden = visible.real().filter(is_confidential=True, category__in=shown)
    return [
        Day(
            less.day,
            sums.n(What.REPORTED) - less.reported,
            sums.n(What.CLOSED) + sums.n(What.SELF_CLOSED) - less.closed,
        )
        for less in trend(hidden, period.since, period.until)
        for sums in [counted.get(less.day, Sums())]
    ]


def shown_categories() -> list[int]:
    """Return the categories that visitors may see counted: open to the public and not sensitive here."""
    hidden = tuple(settings.CENTRE_HIDDEN_CATEGORIES)
    known = [*rulebook().main(), *rulebook().sub()]
    return [c.id for c in known if c.is_public and not (hidden and c.code.startswith(hidden))]


def _told(shares: Iterable[Share]) -> list[Share]:
    """Leave out what belongs nowhere and what is too small: who lives there would know whose it is."""
    return [replace(share, late=0) for share in shares if share.key is not None and share.count >= FEW]
