"""Duty hours as people write them."""

from datetime import UTC, datetime

import pytest

from gridloop.base.common.errors import InvalidInput
from gridloop.capabilities.incidents.duty import is_on_duty, tidy


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("", ""),
        ("全天", ""),
        ("周一到周五 8:30-17:30", "周一至周五 08:30-17:30"),
        ("星期六 9：00 至 12：00；每天 18:00-08:00", "周六 09:00-12:00；周一至周日 18:00-08:00"),
        ("工作日 08:00-12:00、13:00-17:00", "周一至周五 08:00-12:00、13:00-17:00"),
        ("周五至周一 00:00-24:00", "周五至周一 00:00-24:00"),
    ],
)
def test_a_pattern_is_kept_in_one_spelling(written, kept):
    assert tidy(written) == kept
    assert tidy(kept) == kept


@pytest.mark.parametrize("written", ["随时", "周八 08:00-09:00", "周一 25:00-26:00", "周一", "08:00-09:00"])
def test_what_cannot_be_read_is_refused_with_an_example(written):
    with pytest.raises(InvalidInput, match="周一至周五"):
        tidy(written)


@pytest.mark.parametrize(
    ("pattern", "hour", "day", "is_on"),
    [
        ("", 3, 2, True),
        ("周一至周五 08:30-17:30", 9, 2, True),
        ("周一至周五 08:30-17:30", 18, 2, False),
        ("周一至周五 08:30-17:30", 9, 1, False),  # a Sunday
        ("周一至周日 18:00-08:00", 2, 2, True),  # since Sunday evening
        ("周日 18:00-08:00", 2, 2, True),
        ("周日 18:00-08:00", 9, 2, False),
        ("周五至周一 00:00-24:00", 23, 2, True),
        ("周五至周一 00:00-24:00", 1, 3, False),
    ],
)
def test_who_is_on_duty_at_a_local_hour(pattern, hour, day, is_on):
    at = datetime.fromisoformat(f"2026-03-{day:02d}T{hour:02d}:00:00+08:00")
    assert is_on_duty(pattern, at.astimezone(UTC)) is is_on
