"""Automatic dispatch by category: what is on, what it did lately, and how much of that came back."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from gridloop.capabilities.dispatch.models import AutoDispatch, HowChosen, Reason
from gridloop.core.cases.models import Case
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.actors import Actor


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


def _setting(row: AutoDispatch, made: int, returned: int) -> Setting:
    category = rulebook().category(row.category_id)
    return Setting(row, category.name if category else "", made, returned)
