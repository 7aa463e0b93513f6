"""What people and programs give, checked before anything is done with it: a slip is refused, no crash."""

import inspect
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput
from gridloop.base.common.worktime import CalendarMissing, LimitUnit, WorkTime

Choice = TypeVar("Choice", bound=Enum)
MOST_DAYS_AHEAD = 366  # a pause beyond a year is a slip of the finger


def check_details(body: Callable[..., None], details: Mapping[str, Any]) -> None:
    """
    Refuse details that the verb does not know, or that lack what it needs.

    :raises InvalidInput: `fields` names each of them.
    """
    known, needed = _parameters(body)
    wrong = {name: _("没有这一项") for name in details.keys() - known}
    wrong |= {name: _("必填") for name in needed - details.keys()}
    if wrong:
        raise InvalidInput(_("提交的内容不完整，或含有无法识别的项目，请检查后重新提交。"), fields=wrong)
    for name, value in details.items():
        if isinstance(value, str):
            storable_text(value, name)


@cache
def _parameters(body: Callable[..., None]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of all that the verb takes beside its move, and of what it cannot do without."""
    known = list(inspect.signature(body).parameters.values())[1:]
    return frozenset(p.name for p in known), frozenset(p.name for p in known if p.default is p.empty)


def storable_text(text: str, field: str, most: int | None = None) -> str:
    """
    Return the text without blanks at its ends.

    :raises InvalidInput: it is longer than `most`, or holds what the database cannot keep (NUL, half a
        surrogate pair).
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        _refuse_characters(field)
    if "\x00" in text:
        _refuse_characters(field)
    text = text.strip()
    if most is not None and len(text) > most:
        raise InvalidInput(
            _("内容过长，最多 %(most)s 个字。") % {"most": most},
            fields={field: _("最多 %(most)s 个字") % {"most": most}},
        )
    return text


def one_of(kind: type[Choice], value: Any, field: str) -> Choice:
    """Return the choice of this value. :raises InvalidInput: there is none."""
    try:
        return kind(value)
    except ValueError as error:
        raise InvalidInput(_("请从列表中选择。"), fields={field: _("没有这个选项")}) from error


def check_point(lon: float | None, lat: float | None) -> None:
    """:raises InvalidInput: half a point, or one that lies nowhere on earth."""
    if (lon is None) != (lat is None):
        raise InvalidInput(_("经度和纬度要同时填写。"), fields={"lon": _("缺少经度或纬度")})
    if lon is None or lat is None:
        return
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise InvalidInput(_("坐标超出范围，请重新选择位置。"), fields={"lon": _("超出范围")})


def check_pause(until: datetime, *, at: datetime, work: WorkTime) -> None:
    """:raises InvalidInput: the end of a pause is no moment, is past, too far off, or off the calendar."""
    if until.tzinfo is None:
        raise InvalidInput(_("恢复时间缺少时区。"), fields={"until": _("缺少时区")})
    if until <= at:
        raise InvalidInput(_("恢复时间应晚于现在。"), fields={"until": _("请选择以后的时间")})
    if (until - at).days > MOST_DAYS_AHEAD:
        raise InvalidInput(_("挂起最长一年，请选择更早的恢复时间。"), fields={"until": _("超过一年")})
    try:
        work.resume(until, 0, LimitUnit.WORKING_DAY)
    except CalendarMissing as missing:
        raise InvalidInput(missing.message, fields={"until": _("工作日历还没有这一天")}) from missing


def check_unit_ids(unit_ids: Iterable[Any], field: str) -> list[int]:
    """Return the keys. :raises InvalidInput: one of them cannot be the key of a unit."""
    given = list(unit_ids)
    if not all(isinstance(unit_id, int) and 0 < unit_id < 2**63 for unit_id in given):
        raise InvalidInput(_("所选单位不存在或已停用。"), fields={field: _("请重新选择单位")})
    return given


def _refuse_characters(field: str) -> None:
    raise InvalidInput(
        _("文字中含有无法保存的控制字符，请删除后重新提交。"), fields={field: _("含有无法保存的字符")}
    )
