"""Standards with their time limits in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridloop.base.common.worktime import LimitUnit
from gridloop.core.catalogue import actions
from gridloop.core.catalogue.admin.common import CategoryField, InForce, RuleAdmin, VersionForm, by_category
from gridloop.core.catalogue.admin.fields import LimitField
from gridloop.core.catalogue.labels import STAGE_LABELS, UNIT_LABELS
from gridloop.core.catalogue.models import Standard
from gridloop.core.catalogue.rulebook import Limit, rulebook
from gridloop.core.catalogue.stages import Stage

TEXTS = ("opening", "closing", "evidence", "basis", "is_local_default")
LIMITS = {stage: f"limit_{stage.value}" for stage in Stage}


class StandardForm(VersionForm):
    category = CategoryField(required=False, empty_label=gettext_lazy("全镇默认标准"))
    limit_accept = LimitField(label=STAGE_LABELS[Stage.ACCEPT])
    limit_dispatch = LimitField(label=STAGE_LABELS[Stage.DISPATCH])
    limit_sign = LimitField(label=STAGE_LABELS[Stage.SIGN])
    limit_handle = LimitField(label=STAGE_LABELS[Stage.HANDLE])
    limit_verify = LimitField(label=STAGE_LABELS[Stage.VERIFY])

    class Meta:
        model = Standard
        fields = ("category", "effective_on", *TEXTS)
        widgets = {
            "opening": forms.Textarea({"rows": 3}),
            "closing": forms.Textarea({"rows": 3}),
            "evidence": forms.Textarea({"rows": 2}),
            "basis": forms.Textarea({"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            for row in self.instance.limits.all():
                self.initial[LIMITS[Stage(row.stage)]] = Limit(row.amount, LimitUnit(row.unit))
            self._show_what_is_above()

    def _show_what_is_above(self) -> None:
        """Say beside each limit what holds where it is left blank."""
        if not self.instance.category_id:
            return
        above = rulebook().standard(self.instance.category.parent_id, timezone.localdate())
        for stage, name in LIMITS.items():
            if (limit := above.limits.get(stage)) and name in self.fields:
                text = f"{limit.amount} {UNIT_LABELS[limit.unit]}"
                self.fields[name].help_text = _("留空则为上一级标准的 %(limit)s") % {"limit": text}


class InForceStandards(InForce):
    keys = ("category_id",)


@admin.register(Standard)
class StandardAdmin(RuleAdmin):
    form = StandardForm
    list_display = ("what", "effective_on", "limits_text", "opening", "is_local_default")
    list_filter = (InForceStandards, "is_local_default", "category__kind")
    list_select_related = ("category",)
    search_fields = ("category__code", "category__name", "opening", "closing")
    list_per_page = 100
    fieldsets = (
        (None, {"fields": ("category", "effective_on")}),
        (gettext_lazy("条件"), {"fields": ("opening", "closing", "evidence")}),
        (
            gettext_lazy("时限"),
            {
                "fields": tuple(LIMITS.values()),
                "description": gettext_lazy("留空的环节依次取所属大类、全镇默认的时限。"),
            },
        ),
        (gettext_lazy("依据"), {"fields": ("basis", "is_local_default")}),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return by_category(super().get_queryset(request).prefetch_related("limits"))

    @admin.display(description=gettext_lazy("事项类别"), ordering="category__code")
    def what(self, standard: Standard) -> str:
        return str(standard.category or _("全镇默认标准"))

    @admin.display(description=gettext_lazy("时限"))
    def limits_text(self, standard: Standard) -> str:
        order = list(Stage)
        rows = sorted(standard.limits.all(), key=lambda row: order.index(Stage(row.stage)))
        return _("；").join(map(str, rows))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        return ("what",) if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        first = ("what" if obj else "category", "effective_on")
        return ((None, {"fields": first}), *self.fieldsets[1:])

    def write(self, request: HttpRequest, form: Any, *, change: bool) -> Standard:  # noqa: ARG002
        said = form.cleaned_data
        chosen = said.get("category")
        category_id = form.instance.category_id if change else chosen and chosen.pk
        limits = {stage: said[name] for stage, name in LIMITS.items() if said[name]}
        texts = {name: said[name] for name in TEXTS}
        return actions.set_standard(category_id, said["effective_on"], limits=limits, **texts)
