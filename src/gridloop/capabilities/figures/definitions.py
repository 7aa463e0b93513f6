"""
What a register is: its columns, which cases, which days; and the registers that come with the system.

They are what upper levels ask for most; a town copies one and changes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_noop

from gridloop.base.common.errors import NotFound
from gridloop.capabilities.figures.columns import COLUMNS
from gridloop.capabilities.figures.labels import Period
from gridloop.capabilities.figures.models import Register
from gridloop.capabilities.figures.reading import Days, month_of

_FILTERS = ("basis", "state", "main", "region", "unit", "channel", "demand")


@dataclass(frozen=True, slots=True)
class Definition:
    """
    A register. `key` is the delivered one's name or the saved one's id; `divided_by` makes it a statistic: a
    line for each region, unit or category instead of each case.
    """

    key: str
    name: str
    columns: tuple[str, ...]
    period: Period
    filters: Mapping[str, Any] = field(default_factory=dict)
    about: str = ""
    divided_by: str = ""
    is_delivered: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "name": self.name,
            "columns": list(self.columns),
            "filters": dict(self.filters),
            "period": self.period.value,
            "divided_by": self.divided_by,
        }

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Definition":
        known = tuple(name for name in kept["columns"] if name in COLUMNS)
        filters = {name: value for name, value in kept["filters"].items() if name in _FILTERS}
        return cls(
            kept["key"], kept["name"], known, Period(kept["period"]), filters, divided_by=kept["divided_by"]
        )


def _delivered(
    key: str,
    name: str,
    about: str,
    period: Period,
    columns: str = "",
    *,
    divided_by: str = "",
    **filters: Any,
) -> Definition:
    return Definition(
        key, name, tuple(columns.split()), period, filters, about, divided_by, is_delivered=True
    )


DELIVERED: dict[str, Definition] = {
    one.key: one
    for one in (
        _delivered(
            "demands", gettext_noop("民情诉求登记台账"), gettext_noop("群众上报、来访、来信、热线等诉求"),
            Period.THIS_MONTH,
            "number reported_at channel demand main_category category title village lead_unit state "
            "closed_at word",
            channel=["portal", "desk", "hotline", "visit", "letter", "media"],
        ),
        _delivered(
            "disputes", gettext_noop("矛盾纠纷排查台账"), gettext_noop("矛盾纠纷类案件的排查与化解"),
            Period.THIS_MONTH,
            "number reported_at channel title village region lead_unit state outcome closed_at remark",
            main=["MD"],
        ),
        _delivered(
            "hazards", gettext_noop("隐患排查整改台账"), gettext_noop("安全生产、消防等隐患的整改闭环"),
            Period.THIS_MONTH,
            "number reported_at category title village region urgency lead_unit signed_at due_at "
            "closed_at outcome is_late remark",
            main=["XF", "AQ"],
        ),
        _delivered(
            "hotline", gettext_noop("12345 热线办理台账"), gettext_noop("热线转来工单的办理与回访"),
            Period.THIS_MONTH,
            "number source_ref reported_at demand category title lead_unit signed_at closed_at hours outcome "
            "word",
            channel=["hotline"],
        ),
        _delivered(
            "late", gettext_noop("超期及督办台账"), gettext_noop("在办且已超期的案件"),
            Period.THIS_YEAR,
            "number title category village lead_unit state reported_at due_at is_late send_backs reworks "
            "remark",
            state="late",
        ),
        _delivered(
            "environment", gettext_noop("环境整治台账"), gettext_noop("市容环境、河道、垃圾等问题的整治"),
            Period.THIS_MONTH,
            "number reported_at channel category title village region lead_unit state closed_at outcome",
            main=["11", "03", "HB", "SW"],
        ),
        _delivered(
            "satisfaction", gettext_noop("满意度回访台账"), gettext_noop("已办结案件的回访与评价"),
            Period.LAST_MONTH,
            "number title category lead_unit closed_at is_reached rating word reopenings remark",
            basis="closed", state="closed",
        ),
        _delivered(
            "self_closed", gettext_noop("网格自办自结台账"), gettext_noop("网格员当场解决、不计入考核的事项"),
            Period.THIS_MONTH,
            "number reported_at category title village region closed_at outcome",
            state="self_closed",
        ),
        _delivered(
            "daily", gettext_noop("网格事件日报统计"), gettext_noop("各村（社区）、网格每日事件数"),
            Period.YESTERDAY, divided_by="region",
        ),
        _delivered(
            "units", gettext_noop("承办单位办理统计"), gettext_noop("各单位派遣、办结、按时和满意件数"),
            Period.THIS_MONTH, divided_by="unit",
        ),
    )
}  # fmt: skip


def definition(key: str) -> Definition:
    """Return a delivered or a saved register. :raises NotFound: there is none."""
    if key in DELIVERED:
        return DELIVERED[key]
    try:
        row = Register.objects.filter(pk=UUID(key)).first()
    except ValueError:
        row = None
    if row is None:
        raise NotFound("没有找到这个台账，可能已被删除。")
    return saved(row)


def saved(row: Register) -> Definition:
    """Return the definition that a row keeps; a column that is no longer known is left out."""
    columns = tuple(name for name in row.columns if name in COLUMNS)
    return Definition(str(row.pk), row.name, columns, Period(row.period), row.filters)


def days_of(period: Period, today: date) -> Days:
    """Return the days of a period as seen from today."""
    monday = today - timedelta(days=today.weekday())
    one = timedelta(days=1)
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    last_month = month_of(today.replace(day=1) - one)
    return {
        Period.TODAY: Days(today, today),
        Period.YESTERDAY: Days(today - one, today - one),
        Period.THIS_WEEK: Days(monday, today),
        Period.LAST_WEEK: Days(monday - 7 * one, monday - one),
        Period.THIS_MONTH: Days(today.replace(day=1), today),
        Period.LAST_MONTH: last_month,
        Period.THIS_QUARTER: Days(quarter, today),
        Period.THIS_YEAR: Days(today.replace(month=1, day=1), today),
    }[period]
