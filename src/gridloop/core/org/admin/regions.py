"""Regions and their grids in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gridloop.core.org import actions
from gridloop.core.org.admin.fields import indented, region_field
from gridloop.core.org.admin.regionpages import RegionPages
from gridloop.core.org.admin_base import ActionForm
from gridloop.core.org.models import Boundary, Region

AMENDABLE = ("code", "name", "grid_kind", "households", "population")


class RegionForm(ActionForm):
    parent = region_field(_("上级区划"), help_text=_("网格只能挂在村或社区之下，微网格只能挂在网格之下。"))

    class Meta:
        model = Region
        fields = ("code", "name", "level", "grid_kind", "households", "population", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "parent" in self.fields:
            self.initial["parent"] = Region.objects.get_parent(self.instance)


@admin.register(Region)
class RegionAdmin(RegionPages):
    permission = "org.manage"
    is_logged = True
    form = RegionForm
    list_display = (
        "indented_name",
        "code",
        "level",
        "grid_kind",
        "households",
        "population",
        "has_boundary",
        "is_active",
    )
    list_filter = ("level", "grid_kind", "is_active")
    search_fields = ("name", "code")
    hidden_in_history = frozenset({"path", "depth", "numchild"})

    def get_queryset(self, request: HttpRequest) -> Any:
        current = Boundary.objects.current().filter(region=OuterRef("pk"))
        return super().get_queryset(request).annotate(drawn=Exists(current)).order_by("path")

    @admin.display(description=_("名称"))
    def indented_name(self, region: Region) -> str:
        return indented(region.name, region.depth)

    @admin.display(description=_("有边界"), boolean=True)
    def has_boundary(self, region: Any) -> bool:
        return bool(region.drawn)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        fields = ["parent", "level", "code", "name", "grid_kind", "households", "population"]
        return [*fields, "is_active"] if obj else fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        return ("level",) if obj else ()

    def write(self, request: HttpRequest, form: Any, *, change: bool) -> Region:  # noqa: ARG002
        said = form.cleaned_data
        if not change:
            fields = {name: said[name] for name in (*AMENDABLE, "level")}
            return actions.add_region(said["parent"], **fields)
        region: Region = form.instance
        if "parent" in form.changed_data:
            actions.move_region(region.pk, said["parent"].pk if said["parent"] else None)
        if "is_active" in form.changed_data:
            actions.retire_region(region.pk, is_active=said["is_active"])
        changed = {name: said[name] for name in AMENDABLE if name in form.changed_data}
        return actions.amend_region(region.pk, **changed) if changed else region
