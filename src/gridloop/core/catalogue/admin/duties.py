"""The duty lists in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridloop.core.catalogue import actions
from gridloop.core.catalogue.admin.common import CategoryField, InForce, RuleAdmin, VersionForm, by_category
from gridloop.core.catalogue.models import Duty, DutyAssist
from gridloop.core.org.admin.fields import indented
from gridloop.core.org.history import history_of, links_of
from gridloop.core.org.models import Region, Unit

TEXTS = (
    *("kind", "lead_name", "is_local_lead", "assist_names", "is_local_assist"),
    *("upper_department", "basis", "is_local_default"),
)


class _TreeField(forms.ModelChoiceField):  # type: ignore[type-arg]  # takes no argument when it runs
    def label_from_instance(self, obj: Any) -> str:
        return indented(obj.name, obj.depth)


class DutyForm(VersionForm):
    category = CategoryField()
    region = _TreeField(
        Region.objects.order_by("path"),
        label=gettext_lazy("适用区划"),
        required=False,
        empty_label=gettext_lazy("全镇"),
    )
    lead_unit = _TreeField(
        Unit.objects.active().order_by("path"), label=gettext_lazy("主办单位"), required=False
    )
    assist_units = forms.ModelMultipleChoiceField(
        Unit.objects.active().order_by("path"),
        label=gettext_lazy("协办单位"),
        required=False,
        widget=forms.CheckboxSelectMultiple({"class": "ticks"}),
    )

    class Meta:
        model = Duty
        fields = ("category", "region", "effective_on", "lead_unit", *TEXTS, "is_withdrawn")
        widgets = {"basis": forms.Textarea({"rows": 3})}
        help_texts = {
            "lead_name": gettext_lazy("单位还没有在系统中建立时，先写名称；建立后在上面选择。"),
            "is_local_lead": gettext_lazy("案件所在的村（社区）主办，不用另选单位。"),
            "assist_names": gettext_lazy("用顿号分隔。"),
            "upper_department": gettext_lazy("配合履职和上级部门收回的事项必填。"),
            "is_withdrawn": gettext_lazy("从生效日期起不再适用，改按更大范围的区划或所属大类的规定。"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["assist_units"] = list(self.instance.assist_units.all())


class InForceDuties(InForce):
    keys = ("category_id", "region_id")


@admin.register(Duty)
class DutyAdmin(RuleAdmin):
    form = DutyForm
    list_display = (
        "category",
        "where",
        "effective_on",
        "kind",
        "lead",
        "assistants",
        "upper_department",
        "is_withdrawn",
    )
    list_filter = (InForceDuties, "kind", "is_local_lead", "is_local_default", "category__kind")
    list_select_related = ("category", "region", "lead_unit")
    search_fields = ("category__code", "category__name", "lead_unit__name", "lead_name", "upper_department")
    list_per_page = 100
    fieldsets = (
        (None, {"fields": ("category", "region", "effective_on", "kind", "upper_department")}),
        (gettext_lazy("主办"), {"fields": ("lead_unit", "lead_name", "is_local_lead")}),
        (gettext_lazy("协办"), {"fields": ("assist_units", "assist_names", "is_local_assist")}),
        (gettext_lazy("依据"), {"fields": ("basis", "is_local_default", "is_withdrawn")}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return by_category(super().get_queryset(request).prefetch_related("assist_units"))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Show the assisting units that came and went among the changes of the row."""
        duty = get_object_or_404(Duty, pk=object_id)
        links = DutyAssist.pgh_event_model.objects.filter(duty_id=duty.pk)
        changes = [*history_of(duty), *links_of(links, "unit", gettext_lazy("协办单位"))]
        changes.sort(key=lambda change: change.at, reverse=True)
        return super().history_view(request, object_id, {"changes": changes, **(extra_context or {})})

    @admin.display(description=gettext_lazy("适用区划"))
    def where(self, duty: Duty) -> str:
        return str(duty.region or _("全镇"))

    @admin.display(description=gettext_lazy("主办单位"))
    def lead(self, duty: Duty) -> str:
        if duty.is_local_lead:
            return _("属地村（社区）")
        return str(duty.lead_unit or _missing(duty.lead_name))

    @admin.display(description=gettext_lazy("协办单位"))
    def assistants(self, duty: Duty) -> str:
        names = [unit.name for unit in duty.assist_units.all()]
        names += [_missing(duty.assist_names)] if duty.assist_names else []
        return _("、").join([*names, _("属地村（社区）")] if duty.is_local_assist else names)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        return ("category", "where") if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        where = "where" if obj else "region"
        first = ("category", where, "effective_on", "kind", "upper_department")
        return ((None, {"fields": first}), *self.fieldsets[1:])

    def write(self, request: HttpRequest, form: Any, *, change: bool) -> Duty:  # noqa: ARG002
        said = form.cleaned_data
        whose = form.instance if change else said["category"]
        category_id = whose.category_id if change else whose.pk
        region = form.instance.region if change else said["region"]
        region_id = region.pk if region else None
        if said["is_withdrawn"]:
            return actions.withdraw_duty(category_id, said["effective_on"], region_id=region_id)
        return actions.set_duty(
            category_id,
            said["effective_on"],
            region_id=region_id,
            assist_unit_ids=[unit.pk for unit in said["assist_units"]],
            lead_unit_id=said["lead_unit"].pk if said["lead_unit"] else None,
            **{name: said[name] for name in TEXTS},
        )


def _missing(name: str) -> str:
    return _("%(name)s（未建单位）") % {"name": name} if name else "—"
