"""The burden as figures: what forms and rules ask of grid workers, and what that comes to a closed case."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Sum
from django.urls import get_resolver

from gridloop.base.common import asks
from gridloop.base.common.asks import Asked
from gridloop.base.shell.asking import form_classes, of_form
from gridloop.capabilities.oversight.lint import Finding, lint_all
from gridloop.capabilities.oversight.models import BurdenDay, BurdenMeasure

WINDOW_DAYS = 30
FEW = 20  # below so many closed cases a mean says little


@dataclass(frozen=True, slots=True)
class Use:
    """A form with how often grid workers filled it in for the cases of the window."""

    asked: Asked
    times: int

    @property
    def filled(self) -> int:
        return self.times * self.asked.fields


@dataclass(frozen=True, slots=True)
class Burden:
    """
    The figures of a window. Per closed case: fields that grid workers filled in, pictures, messages; None
    where no case was closed.
    """

    first_on: date
    last_on: date
    closed: int
    uses: list[Use]
    photos: int
    messages: int

    @property
    def is_few(self) -> bool:
        return self.closed < FEW

    @property
    def fields_a_case(self) -> float | None:
        return self._a_case(sum(use.filled for use in self.uses))

    @property
    def acts_a_case(self) -> float | None:
        return self._a_case(sum(use.times for use in self.uses))

    @property
    def photos_a_case(self) -> float | None:
        return self._a_case(self.photos)

    @property
    def messages_a_case(self) -> float | None:
        return self._a_case(self.messages)

    def _a_case(self, number: int) -> float | None:
        return round(number / self.closed, 1) if self.closed else None


def burden(today: date) -> Burden:
    """Return the figures of the last days that are over; one statement over the rollup."""
    first, last = today - timedelta(days=WINDOW_DAYS), today - timedelta(days=1)
    rows = BurdenDay.objects.filter(day__gte=first, day__lte=last).values("measure", "verb")
    numbers: Counter[tuple[str, str]] = Counter()
    for row in rows.annotate(total=Sum("number")).order_by():
        numbers[row["measure"], row["verb"]] += row["total"]
    uses = [Use(one, numbers[BurdenMeasure.ACTS, one.verb]) for one in asks.asked() if one.is_for_base]
    return Burden(
        first,
        last,
        numbers[BurdenMeasure.CLOSED, ""],
        sorted(uses, key=lambda use: (-use.filled, use.asked.key)),
        numbers[BurdenMeasure.PHOTOS, ""],
        numbers[BurdenMeasure.MESSAGES, ""],
    )


def everything_asked() -> list[Asked]:
    """Return every form of ours, registered or not, and every rule."""
    _ = get_resolver().url_patterns  # loads the pages, and with them their forms
    return [*asks.asked(), *(of_form(form) for form in form_classes())]


def findings(everything: Iterable[Asked]) -> list[Finding]:
    """Return what of the five patterns is asked for, each form and field once."""
    found = {(one.field, one.words, one.pattern, one.key): one for one in lint_all(everything)}
    return sorted(found.values(), key=lambda one: (one.pattern, one.key, one.field))
