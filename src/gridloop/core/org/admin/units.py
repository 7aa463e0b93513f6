"""Units in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gridloop.core.org import actions
from gridloop.core.org.admin.fields import indented, unit_field
from gridloop.core.org.admin_base import ActionForm, ManagedAdmin
from gridloop.core.org.models import Unit

AMENDABLE = ("code", "name", "kind", "duty_phone", "takes_named", "is_active")
ADDED = ("code", "name", "kind", "region", "duty_phone", "takes_named")


class UnitForm(ActionForm):
    parent = unit_field(_("上级单位"))

    class Meta:
        model = Unit
        fields = (*ADDED, "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "parent" in self.fields:
            self.initial["parent"] = Unit.objects.get_parent(self.instance)


@admin.register(Unit)
class UnitAdmin(ManagedAdmin):
    permission = "org.manage"
    is_logged = True
    form = UnitForm
    list_display = ("indented_name", "code", "kind", "region", "duty_phone", "is_active")
    list_filter = ("kind", "is_active")
    list_select_related = ("region",)
    search_fields = ("name", "code")
    autocomplete_fields = ("region",)
    hidden_in_history = frozenset({"path", "depth", "numchild"})

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).order_by("path")

    @admin.display(description=_("名称"))
    def indented_name(self, unit: Unit) -> str:
        return indented(unit.name, unit.depth)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        fields = ["parent", *ADDED]
        return [*fields, "is_active"] if obj else fields

    def write(self, request: HttpRequest, form: Any, *, change: bool) -> Unit:  # noqa: ARG002
        said = form.cleaned_data
        if not change:
            fields = {name: said[name] for name in ADDED}
            return actions.add_unit(said["parent"], **fields)
        unit: Unit = form.instance
        if "parent" in form.changed_data:
            actions.move_unit(unit.pk, said["parent"].pk if said["parent"] else None)
        changed = {name: said[name] for name in AMENDABLE if name in form.changed_data}
        if "region" in form.changed_data:
            changed["region_id"] = said["region"].pk
        return actions.amend_unit(unit.pk, **changed) if changed else unit
