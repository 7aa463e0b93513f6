"""What people fill in: which month to look at, an exclusion, the formula, a register, a brief."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridloop.base.shell.forms import PickMany
from gridloop.capabilities.figures.columns import COLUMNS
from gridloop.capabilities.figures.formula import Rules
from gridloop.capabilities.figures.labels import BriefKind, ExclusionReason, Period, What
from gridloop.capabilities.figures.reading import By
from gridloop.core.cases.choices import region_choices, unit_groups
from gridloop.core.cases.labels import Channel, Demand
from gridloop.core.catalogue.rulebook import rulebook

STATES = {
    "": _("全部"),
    "open": _("在办"),
    "late": _("在办且已超期"),
    "closed": _("已结案"),
    "self_closed": _("自办自结"),
    "rejected": _("不予受理"),
}
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


def _day(label: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))


class MonthField(forms.DateField):
    """A month as browsers send it, `2026-11`, kept as its first day."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput({"type": "month"}, format="%Y-%m")
        super().__init__(widget=widget, input_formats=["%Y-%m", "%Y-%m-%d"], **kwargs)

    def clean(self, value: Any) -> date | None:
        """Return the first day of the month, None where nothing is given."""
        found: date | None = super().clean(value)
        if found and not EARLIEST <= found < LATEST:
            raise forms.ValidationError(_("请选择 2000 年以后的月份。"))
        return found.replace(day=1) if found else None


class ScoreFilter(forms.Form):
    """Which table: its month, its lines, and the region that it is about."""

    month = MonthField(label=_("月份"), required=False)
    by = forms.ChoiceField(
        label=_("按"), required=False, choices=[(By.UNIT.value, _("单位")), (By.REGION.value, _("区划"))]
    )
    region = forms.TypedChoiceField(label=_("区划范围"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = [("", _("全部")), *region_choices()]  # type: ignore[attr-defined]

    @property
    def given(self) -> dict[str, Any]:
        """What was chosen; what is missing or wrong is this month, by unit, of the whole town."""
        found = self.cleaned_data if self.is_valid() else {}
        return {
            "month": found.get("month") or timezone.localdate().replace(day=1),
            "by": By(found.get("by") or By.UNIT),
            "region_id": found.get("region"),
        }


class BehindFilter(ScoreFilter):
    """Which figure of the table somebody points at."""

    what = forms.ChoiceField(choices=What.choices)
    without = forms.ChoiceField(choices=What.choices, required=False)
    key = forms.IntegerField(required=False, min_value=0)
    excluded = forms.BooleanField(required=False)


class ExclusionForm(forms.Form):
    reason = forms.ChoiceField(label=_("剔除理由"), choices=ExclusionReason.choices)
    detail = forms.CharField(
        label=_("情况说明"),
        max_length=1000,
        widget=forms.Textarea({"rows": 5}),
        help_text=_("写明为什么不应计入考核，以及能证明的材料；说明会记入案件办理经过。"),
    )


class DecisionForm(forms.Form):
    is_granted = forms.TypedChoiceField(choices=[("1", ""), ("0", "")], coerce=lambda v: v == "1")
    note = forms.CharField(max_length=1000, required=False)


def _number(label: Any, most: int, low: int = 0, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=low, max_value=most, help_text=help_text)


class FormulaForm(forms.Form):
    effective_on = MonthField(label=_("从哪个月起生效"))
    response = _number(_("响应率权重（%）"), 100)
    resolution = _number(_("解决率权重（%）"), 100)
    satisfaction = _number(_("满意率权重（%）"), 100, help_text=_("三项权重之和应为 100。"))
    late_points = _number(_("超期扣分"), 100, help_text=_("全部超期时扣多少分，按超期率折算；0 为不扣。"))
    rework_points = _number(_("返工扣分"), 100)
    send_back_points = _number(_("退单扣分"), 100)
    least_cases = _number(_("最少样本（件）"), 1000, 1, _("当月办结少于此数的，只列数字，不评分。"))
    settles_after_days = _number(_("次月几日后结算"), 28, 1, _("结算后该月数字不再变动。"))
    source = forms.CharField(
        label=_("依据"), max_length=300, required=False, widget=forms.Textarea({"rows": 2})
    )

    @classmethod
    def of(cls, rules: Rules, month: date) -> "FormulaForm":
        """Return the form filled with a formula, to begin in `month`."""
        return cls(initial=rules.as_json() | {"effective_on": month})


class RegisterForm(forms.Form):
    """The definition editor of a register."""

    name = forms.CharField(label=_("台账名称"), max_length=40)
    period = forms.ChoiceField(label=_("默认期间"), choices=Period.choices)
    basis = forms.ChoiceField(
        label=_("按哪个日期"), choices=[("reported", _("上报日期")), ("closed", _("结束日期"))]
    )
    state = forms.ChoiceField(label=_("案件状态"), required=False, choices=list(STATES.items()))
    main = forms.MultipleChoiceField(label=_("大类"), required=False, widget=forms.CheckboxSelectMultiple)
    channel = forms.MultipleChoiceField(
        label=_("来源"), required=False, choices=Channel.choices, widget=forms.CheckboxSelectMultiple
    )
    demand = forms.MultipleChoiceField(
        label=_("诉求类型"), required=False, choices=Demand.choices, widget=forms.CheckboxSelectMultiple
    )
    region = forms.TypedChoiceField(label=_("村（社区）"), required=False, coerce=int, empty_value=None)
    unit = forms.TypedChoiceField(label=_("承办单位"), required=False, coerce=int, empty_value=None)
    columns = forms.MultipleChoiceField(
        label=_("栏目"),
        choices=[(c.name, c.label) for c in COLUMNS.values()],
        widget=PickMany,
        help_text=_("姓名、电话、地址和问题描述不能列入台账；标题和办理结果中的号码会被遮盖。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        every = ("", _("全部"))
        choices = {
            "main": [(c.code, c.name) for c in rulebook().main()],
            "region": [every, *region_choices()],
            "unit": [every, *unit_groups()],
        }
        for name, found in choices.items():
            self.fields[name].choices = found  # type: ignore[attr-defined]

    def filters(self) -> dict[str, Any]:
        """Return what narrows the cases."""
        names = ("basis", "state", "main", "channel", "demand", "region", "unit")
        return {name: self.cleaned_data[name] for name in names if self.cleaned_data[name]}


class DaysForm(forms.Form):
    """The days of a register."""

    since = _day(_("从"))
    until = _day(_("到"))

    def clean(self) -> dict[str, Any]:
        """Refuse days that no calendar of ours has, and an end before the beginning."""
        found = super().clean() or self.cleaned_data
        since, until = found.get("since"), found.get("until")
        for name, day in (("since", since), ("until", until)):
            if day and not EARLIEST <= day < LATEST:
                self.add_error(name, _("请选择 2000 年以后的日期。"))
        if since and until and until < since:
            self.add_error("until", _("应不早于起始日期"))
        return found


class BriefForm(forms.Form):
    kind = forms.ChoiceField(label=_("种类"), choices=BriefKind.choices)
    day = _day(_("日期（周报、月报取所在的周、月）"))

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if not EARLIEST <= day < LATEST:
            raise forms.ValidationError(_("请选择 2000 年以后的日期。"))
        return day
