"""A day or a month that the screen plays again, as `2026-11-24` or `2026-11` in the address."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from gridloop.base.common.days import midnight
from gridloop.base.common.errors import InvalidInput
from gridloop.base.common.ids import first_id
from gridloop.faces.centre.counting import Cases

_FIRST, _LAST = date(1970, 1, 2), date(9998, 12, 1)


@dataclass(frozen=True, slots=True)
class Span:
    """From one midnight to another."""

    begins: datetime
    ends: datetime

    def of(self, cases: Cases) -> Cases:
        """Narrow to what was reported in the span, along the keys, which sort by the time of reporting."""
        return cases.filter(pk__gte=first_id(self.begins), pk__lt=first_id(self.ends))

    @property
    def minutes(self) -> int:
        return int((self.ends - self.begins).total_seconds() // 60)


def read_span(text: str) -> Span:
    """
    Return the day or the month that the text names.

    :raises InvalidInput: neither of both, or outside the calendar.
    """
    try:
        is_month = len(text) == len("2026-11")
        first = date.fromisoformat(f"{text}-01" if is_month else text)
    except ValueError as error:
        raise _bad_span() from error
    if not _FIRST <= first <= _LAST:
        raise _bad_span()
    after = (first + timedelta(days=32)).replace(day=1) if is_month else first + timedelta(days=1)
    return Span(midnight(first), midnight(after))


def _bad_span() -> InvalidInput:
    return InvalidInput(
        _("回放的日期应为一天（2026-03-02）或一个月（2026-03）。"), fields={"when": _("格式不对")}
    )
