"""
Duty hours as a weekly pattern, written as people write it: 周一至周五 08:30-17:30；周六 09:00-12:00.

Nothing, or 全天, is round the clock. A span that ends before it begins runs into the next day. Pure.
"""

import re
from datetime import datetime
from functools import lru_cache

from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput

DAYS = "一二三四五六日"
WEEK_M, DAY_M = 7 * 24 * 60, 24 * 60
ALWAYS = "全天"
_ALWAYS = frozenset({"", ALWAYS, "24小时", "24小时值守", "全天候"})
_DAY = r"(?:周|星期)?([一二三四五六日天])"
_DAYS = re.compile(rf"^{_DAY}(?:\s*[至到\-—~]\s*{_DAY})?")
_TIME = r"(\d{1,2})[:：](\d{2})"
_SPAN = re.compile(rf"{_TIME}\s*[至到\-—~]\s*{_TIME}")
Spans = tuple[tuple[int, int], ...]


def tidy(text: str) -> str:
    """
    Return the pattern in its one spelling; empty for round the clock.

    :raises InvalidInput: it cannot be read.
    """
    clean = text.strip()
    if clean in _ALWAYS:
        return ""
    return "；".join(_tidy_part(part) for part in re.split(r"[；;\n]+", clean) if part.strip())


def is_on_duty(pattern: str, at: datetime) -> bool:
    """Say whether the moment, in the town's own time, lies in a tidy pattern."""
    if not pattern:
        return True
    local = timezone.localtime(at)
    minute = local.weekday() * DAY_M + local.hour * 60 + local.minute
    return any(start <= minute < end or start <= minute + WEEK_M < end for start, end in _spans(pattern))


def shown(pattern: str) -> str:
    """Return the pattern as it is read: round the clock in words."""
    return pattern or _("全天")


def _tidy_part(part: str) -> str:
    days, hours = _read(part.strip())
    names = f"周{DAYS[days[0]]}" if len(days) == 1 else f"周{DAYS[days[0]]}至周{DAYS[days[-1]]}"
    spans = "、".join(f"{a // 60:02d}:{a % 60:02d}-{b // 60:02d}:{b % 60:02d}" for a, b in hours)
    return f"{names} {spans}"


def _read(part: str) -> tuple[list[int], list[tuple[int, int]]]:
    """Return the weekdays (0 is Monday), in the order of the week, and the spans of the day in minutes."""
    text = part.replace("每天", "周一至周日").replace("每日", "周一至周日").replace("工作日", "周一至周五")
    found = _DAYS.match(text)
    spans = [tuple(map(int, span)) for span in _SPAN.findall(text)]
    if (
        found is None
        or not spans
        or any(h1 > 24 or h2 > 24 or m1 > 59 or m2 > 59 for h1, m1, h2, m2 in spans)
    ):
        raise InvalidInput(
            _("看不懂值守时间“%(text)s”。请写成“周一至周五 08:30-17:30；周六 09:00-12:00”，或写“全天”。")
            % {"text": part[:60]},
            fields={"duty": _("格式不对")},
        )
    first = _day(found[1])
    last = _day(found[2]) if found[2] else first
    days = [(first + n) % 7 for n in range((last - first) % 7 + 1)]
    return days, [(h1 * 60 + m1, min(h2 * 60 + m2, DAY_M)) for h1, m1, h2, m2 in spans]


def _day(name: str) -> int:
    return DAYS.index("日" if name == "天" else name)


@lru_cache(maxsize=1024)
def _spans(pattern: str) -> Spans:
    """Return the spans in minutes of the week; one that runs on past Sunday ends beyond the week."""
    found = []
    for part in pattern.split("；"):
        days, hours = _read(part)
        for day in days:
            for start, end in hours:
                length = end - start if end > start else end - start + DAY_M
                found.append((day * DAY_M + start, day * DAY_M + start + length))
    return tuple(found)
