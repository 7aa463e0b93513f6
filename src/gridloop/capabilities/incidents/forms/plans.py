"""The editor of a plan: its head, and rows of roles and steps."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gridloop.base.shell.forms import FilesField, PickMany
from gridloop.capabilities.incidents.actions import PlanContent, PlanRole, PlanStep
from gridloop.capabilities.incidents.config import skill_names
from gridloop.capabilities.incidents.models import IncidentKind, PlanVersion, Resource, ResourceKind


class PlanForm(forms.Form):
    """The head of a plan, and its documents."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=_("预案名称"), max_length=60)
    kind = forms.ChoiceField(label=_("适用事件"), choices=IncidentKind.choices)
    is_active = forms.BooleanField(label=_("启用"), required=False, initial=True)
    remark = forms.CharField(label=_("修订说明"), max_length=200, required=False)
    kept = forms.MultipleChoiceField(
        label=_("保留的文件"), required=False, widget=forms.CheckboxSelectMultiple
    )
    documents = FilesField(label=_("上传预案文件"), required=False)

    def __init__(self, *args: Any, before: PlanVersion | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = before.documents if before else []
        self.fields["kept"].choices = [(d["sha256"], d["name"]) for d in held]  # type: ignore[attr-defined]
        self.fields["kept"].initial = [d["sha256"] for d in held]
        if not held:
            del self.fields["kept"]


class RoleForm(forms.Form):
    """One role that the emergency needs."""

    label = forms.CharField(label=_("角色"), max_length=40)
    kind = forms.ChoiceField(label=_("类型"), choices=ResourceKind.choices)
    count = forms.IntegerField(label=_("数量"), min_value=1, max_value=99, initial=1)
    radius_m = forms.IntegerField(
        label=_("半径（米）"), min_value=0, max_value=200_000, required=False, help_text=_("空为全镇")
    )
    skills = forms.MultipleChoiceField(label=_("技能（须全部具备）"), required=False, widget=PickMany)
    resources = forms.TypedMultipleChoiceField(
        label=_("预定资源"), coerce=int, required=False, widget=PickMany
    )

    def __init__(self, *args: Any, choices: list[Any] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["skills"].choices = list(skill_names().items())
        fields["resources"].choices = choices or []


class StepForm(forms.Form):
    """One step."""

    text = forms.CharField(label=_("做什么"), max_length=200)
    role = forms.CharField(label=_("由谁做"), max_length=40, required=False)
    due_m = forms.IntegerField(label=_("几分钟内"), min_value=0, max_value=10_000, required=False)


RoleFormSet = forms.formset_factory(RoleForm, extra=2, max_num=20, can_delete=True, can_order=True)
StepFormSet = forms.formset_factory(StepForm, extra=3, max_num=60, can_delete=True, can_order=True)


def resource_choices() -> list[tuple[str, list[tuple[int, str]]]]:
    """Return the resources in use under their kinds."""
    groups: dict[str, list[tuple[int, str]]] = {str(kind.label): [] for kind in ResourceKind}
    for pk, kind, name in Resource.objects.active().order_by("name").values_list("pk", "kind", "name"):
        groups[str(ResourceKind(kind).label)].append((pk, name))
    return [(label, rows) for label, rows in groups.items() if rows]


def content_of(head: PlanForm, roles: Any, steps: Any) -> PlanContent:
    """Return what valid forms say, in the order that was given; deleted rows are left out."""
    return PlanContent(
        roles=tuple(
            PlanRole(
                label=said["label"],
                kind=said["kind"],
                skills=tuple(said["skills"]),
                count=said["count"],
                radius_m=said["radius_m"] or 0,
                resources=tuple(said["resources"]),
            )
            for said in _rows(roles, "label")
        ),
        steps=tuple(
            PlanStep(said["text"], said["role"], said["due_m"] or 0) for said in _rows(steps, "text")
        ),
        documents=tuple(head.cleaned_data["documents"]),
        kept=frozenset(head.cleaned_data.get("kept") or ()),
    )


def _rows(forms_: Any, needed: str) -> list[dict[str, Any]]:
    filled = [
        f.cleaned_data
        for f in forms_.forms
        if f.cleaned_data.get(needed) and not f.cleaned_data.get("DELETE")
    ]
    return sorted(filled, key=lambda said: (said.get("ORDER") is None, said.get("ORDER") or 0))
