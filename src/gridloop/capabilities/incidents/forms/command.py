"""Opening, leading and closing an incident."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gridloop.base.shell.forms import FilesField
from gridloop.capabilities.incidents.actions import Opening, Review, Task, Wanted
from gridloop.capabilities.incidents.config import skill_names
from gridloop.capabilities.incidents.models import IncidentKind, IncidentLevel, Plan, ResourceKind
from gridloop.core.cases.choices import unit_groups

LINES = forms.Textarea(attrs={"rows": 3})


class OpenForm(forms.Form):
    """What is known when the leader presses the button."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    case_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    kind = forms.ChoiceField(label=_("事件类型"), choices=IncidentKind.choices)
    level = forms.ChoiceField(label=_("级别"), choices=IncidentLevel.choices, initial=IncidentLevel.MINOR)
    title = forms.CharField(
        label=_("事件名称"), max_length=80, help_text=_("会发给被呼叫的人，不要写上报人的信息。")
    )
    brief = forms.CharField(
        label=_("情况与要求"),
        max_length=1000,
        required=False,
        widget=LINES,
        help_text=_("会发给被呼叫的人。"),
    )
    address = forms.CharField(label=_("地点"), max_length=200, required=False)
    lon = forms.FloatField(label=_("经度"), min_value=-180, max_value=180)
    lat = forms.FloatField(label=_("纬度"), min_value=-90, max_value=90)
    plan = forms.TypedChoiceField(
        label=_("预案"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=_("启用后自动列出角色和步骤，也可稍后启用。"),
    )
    is_drill = forms.BooleanField(
        label=_("这是演练"), required=False, help_text=_("处处标明“演练”，不计入任何统计。")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plan"].choices = [("", _("先不用预案")), *plan_choices()]  # type: ignore[attr-defined]

    def opening(self) -> Opening:
        said = self.cleaned_data
        return Opening(
            kind=said["kind"],
            level=said["level"],
            title=said["title"],
            brief=said["brief"],
            address=said["address"],
            lon=said["lon"],
            lat=said["lat"],
            case_id=said["case_id"],
            plan_id=said["plan"],
            is_drill=said["is_drill"],
        )


class SearchForm(forms.Form):
    """Whom to look for beyond the plan."""

    kind = forms.ChoiceField(
        label=_("类型"), required=False, choices=[("", _("全部类型")), *ResourceKind.choices]
    )
    skill = forms.ChoiceField(label=_("技能"), required=False)
    duty = forms.BooleanField(label=_("只看在岗"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["skill"].choices = [("", _("不限技能")), *skill_names().items()]  # type: ignore[attr-defined]


class NoteForm(forms.Form):
    """A line of the log."""

    note = forms.CharField(label=_("记录"), max_length=1000, required=False, widget=LINES)
    files = FilesField(label=_("照片或文件"), required=False)  # type: ignore[assignment]


class CloseForm(forms.Form):
    """How it ended, and what was learnt if that is known already."""

    outcome = forms.CharField(label=_("处置结果"), max_length=4000, widget=LINES)
    worked = forms.CharField(label=_("做得好的"), max_length=4000, required=False, widget=LINES)
    failed = forms.CharField(label=_("做得不够的"), max_length=4000, required=False, widget=LINES)


class ReviewForm(forms.Form):
    """What was learnt, written later."""

    worked = forms.CharField(label=_("做得好的"), max_length=4000, required=False, widget=LINES)
    failed = forms.CharField(label=_("做得不够的"), max_length=4000, required=False, widget=LINES)


class TaskForm(forms.Form):
    """One thing to put right."""

    text = forms.CharField(label=_("整改事项"), max_length=200)
    unit = forms.TypedChoiceField(label=_("责任单位"), coerce=int, required=False, empty_value=None)
    due_on = forms.DateField(
        label=_("完成期限"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = [("", _("未定")), *unit_groups()]  # type: ignore[attr-defined]


TaskFormSet = forms.formset_factory(TaskForm, extra=3, max_num=30)


def review_of(said: dict[str, Any], tasks: Any) -> Review | None:
    """Return the review that the forms hold; None where nothing was written."""
    rows = tuple(
        Task(form.cleaned_data["text"], form.cleaned_data.get("unit"), form.cleaned_data.get("due_on"))
        for form in tasks
        if form.cleaned_data.get("text")
    )
    is_blank = not (said["worked"].strip() or said["failed"].strip() or rows)
    return None if is_blank else Review(said["worked"], said["failed"], rows)


def wanted_of(data: Any) -> list[Wanted]:
    """Return what was picked: each value is `resource|role|skill,skill`, as the list of candidates has it."""
    picked = []
    for value in data.getlist("pick")[:200]:
        pk, _bar, rest = value.partition("|")
        role, _bar, skills = rest.rpartition("|")
        if pk.isdecimal() and len(pk) < 10:
            picked.append(Wanted(int(pk), role[:40], tuple(s for s in skills.split(",") if s)[:10]))
    return picked


def plan_choices(kind: str = "") -> list[tuple[int, str]]:
    """Return the plans in use, those for a kind of emergency first."""
    rows = Plan.objects.filter(is_active=True).order_by("kind", "name").values_list("pk", "name", "kind")
    return [(pk, name) for pk, name, _kind in sorted(rows, key=lambda row: row[2] != kind)]
