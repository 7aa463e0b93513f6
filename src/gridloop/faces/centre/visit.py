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
    """Return the masked figures of what `actor` may see. Two statements."""
    shown = fit_for_visitors(Case.objects.visible_to(actor))
    today = timezone.localdate(now)
    groups = open_groups(shown, now, midnight(today + timedelta(days=1)))
    total, late = sum(g.count for g in groups), sum(g.late for g in groups)
    return Visit(
        at=now,
        today=today,
        open=total,
        in_time=(total - late) / total if total else None,
        days=trend(shown, today - timedelta(days=DAYS - 1), today),
        by_state=by_state(groups),
        categories=_told(by_category(groups)),
        communities=_told(by_community(groups)),
    )


def fit_for_visitors(cases: Cases) -> Cases:
    """Narrow to cases of categories that may be counted before strangers, none of them confidential."""
    return cases.real().filter(is_confidential=False, category__in=shown_categories())


def shown_categories() -> list[int]:
    """Return the categories that visitors may see counted: open to the public and not sensitive here."""
    hidden = tuple(settings.CENTRE_HIDDEN_CATEGORIES)
    known = [*rulebook().main(), *rulebook().sub()]
    return [c.id for c in known if c.is_public and not (hidden and c.code.startswith(hidden))]


def _told(shares: Iterable[Share]) -> list[Share]:
    """Leave out what belongs nowhere and what is too small: who lives there would know whose it is."""
    return [replace(share, late=0) for share in shares if share.key is not None and share.count >= FEW]
