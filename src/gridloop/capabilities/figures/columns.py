"""
The columns that a register may have. What tells of a person is not among them: no description, no address, no
reporter; and a number in a title or a result that could be a telephone's is blotted out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridloop.base.common.spreadsheets import without_numbers
from gridloop.capabilities.figures.labels import What
from gridloop.core.cases.actions.closing import SATISFIED_FROM
from gridloop.core.cases.choices import region_name, unit_name
from gridloop.core.cases.labels import Label
from gridloop.core.cases.models import Case, Feedback, OrderRole, WorkOrder
from gridloop.core.cases.workflow import ACTIVE_ORDERS, OrderState
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.locate import path_of
from gridloop.core.org.models import Level, Region
from gridloop.core.org.revisions import cached

Value: TypeAlias = Callable[[Any, datetime], Any]  # a row of `loaded`, and now


@dataclass(frozen=True, slots=True)
class Column:
    """One column by the name that a definition keeps."""

    name: str
    label: Label
    value: Value
    width: int = 14


def loaded(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Load all that the columns show, in the statement of the list itself."""
    leads = WorkOrder.objects.filter(
        case=OuterRef("pk"), role=OrderRole.LEAD, state__in=sorted({*ACTIVE_ORDERS, OrderState.FILED})
    ).order_by("-issued_at")
    rated = Feedback.objects.filter(case=OuterRef("pk"), is_reached=True, result__isnull=False).order_by(
        "-at", "-pk"
    )
    return (
        cases.select_related("category", "region")
        .defer("description", "log_head")
        .annotate(
            lead_unit=Subquery(leads.values("unit")[:1]),
            dispatched_at=Subquery(leads.values("issued_at")[:1]),
            signed_at=Subquery(leads.values("signed_at")[:1]),
            rating=Subquery(rated.values("result")[:1]),
            is_lawful=Subquery(rated.values("is_lawful")[:1]),
        )
    )


def _yes(value: object) -> str:
    return _("是") if value else _("否")


def _main_category(case: Any) -> str:
    category = rulebook().category(case.category_id)
    main = rulebook().category(category.parent_id) if category and category.parent_id else category
    return main.name if main else ""


def _village(case: Any) -> str:
    path = path_of(case.region_id)
    villages = cached("regions", _villages)
    found = (villages.get(path[:n]) for n in range(len(path), 0, -Region.steplen))
    return next((name for name in found if name), "")


def _villages() -> dict[str, str]:
    return dict(Region.objects.filter(level__in=[Level.VILLAGE, Level.COMMUNITY]).values_list("path", "name"))


def _hours(case: Any) -> float | None:
    if case.closed_at is None or case.registered_at is None:
        return None
    return round((case.closed_at - case.registered_at).total_seconds() / 3600, 1)


def _word(case: Any) -> str:
    if case.rating is None:
        return ""
    if case.is_lawful is False:
        return _("诉求不合理")
    return _("满意") if case.rating >= SATISFIED_FROM else _("不满意")


COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        Column("number", gettext_lazy("编号"), lambda c, _n: c.number, 16),
        Column(
            "title",
            gettext_lazy("标题"),
            lambda c, _n: _("（保密件）") if c.is_confidential else without_numbers(c.title),
            36,
        ),
        Column("main_category", gettext_lazy("大类"), lambda c, _n: _main_category(c)),
        Column("category", gettext_lazy("小类"), lambda c, _n: c.category.name if c.category else ""),
        Column("demand", gettext_lazy("诉求类型"), lambda c, _n: c.get_demand_display(), 10),
        Column("channel", gettext_lazy("来源"), lambda c, _n: c.get_channel_display(), 12),
        Column("source_ref", gettext_lazy("来源编号"), lambda c, _n: c.source_ref, 18),
        Column("urgency", gettext_lazy("紧急程度"), lambda c, _n: c.get_urgency_display(), 10),
        Column("village", gettext_lazy("村（社区）"), lambda c, _n: _village(c)),
        Column("region", gettext_lazy("网格"), lambda c, _n: region_name(c.region_id), 16),
        Column("state", gettext_lazy("状态"), lambda c, _n: c.state_label, 10),
        Column("lead_unit", gettext_lazy("主办单位"), lambda c, _n: unit_name(c.lead_unit), 18),
        Column("reported_at", gettext_lazy("上报时间"), lambda c, _n: c.reported_at, 16),
        Column("registered_at", gettext_lazy("立案时间"), lambda c, _n: c.registered_at, 16),
        Column("dispatched_at", gettext_lazy("派遣时间"), lambda c, _n: c.dispatched_at, 16),
        Column("signed_at", gettext_lazy("签收时间"), lambda c, _n: c.signed_at, 16),
        Column("closed_at", gettext_lazy("结束时间"), lambda c, _n: c.closed_at, 16),
        Column("due_at", gettext_lazy("当前期限"), lambda c, _n: c.due_at, 16),
        Column(
            "is_late",
            gettext_lazy("是否超期"),
            lambda c, now: _yes(c.due_at is not None and c.due_at < now),
            10,
        ),
        Column("hours", gettext_lazy("办理用时（小时）"), lambda c, _n: _hours(c), 14),
        Column("send_backs", gettext_lazy("退单次数"), lambda c, _n: c.send_backs, 10),
        Column("reworks", gettext_lazy("返工次数"), lambda c, _n: c.reworks, 10),
        Column("reopenings", gettext_lazy("重办次数"), lambda c, _n: c.reopenings, 10),
        Column("is_self_closed", gettext_lazy("自办自结"), lambda c, _n: _yes(c.is_self_closed), 10),
        Column("is_reached", gettext_lazy("待回访"), lambda c, _n: _yes(c.needs_call_back), 10),
        Column("rating", gettext_lazy("结果评分"), lambda c, _n: c.rating, 10),
        Column("word", gettext_lazy("满意情况"), lambda c, _n: _word(c), 10),
        Column(
            "outcome",
            gettext_lazy("办理结果"),
            lambda c, _n: "" if c.is_confidential else without_numbers(c.outcome),
            40,
        ),
        Column(
            "reject_reason", gettext_lazy("不予受理原因"), lambda c, _n: c.get_reject_reason_display(), 24
        ),
        Column("remark", gettext_lazy("备注"), lambda _c, _n: "", 14),
    )
}
STATISTICS: tuple[What, ...] = (
    What.REPORTED, What.REGISTERED, What.REJECTED, What.SELF_CLOSED, What.DISPATCHED, What.CLOSED,
    What.ON_TIME, What.REOPENED, What.RATED, What.SATISFIED,
)  # fmt: skip
