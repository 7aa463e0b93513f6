"""Pages about all regions together: files in and out, and what is to be said of the boundaries."""

from collections.abc import Callable
from typing import Any

import pghistory
from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridloop.base.common.coordinates import CoordinateSystem
from gridloop.base.common.errors import DomainError, InvalidInput
from gridloop.core.org import actions
from gridloop.core.org.admin.fields import region_field
from gridloop.core.org.admin_base import ManagedAdmin, Tool, add_refusal
from gridloop.core.org.boundaryreport import boundary_report
from gridloop.core.org.models import SourceSystem
from gridloop.core.org.regionexport import as_csv, as_geojson
from gridloop.core.org.regionfile import read

MOST_BYTES = 50_000_000
MOST_ROWS = ":200"
EXPORTS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "geojson": ("application/geo+json", as_geojson),
    "csv": ("text/csv; charset=utf-8", as_csv),
}


class ImportForm(forms.Form):
    """A file of regions and how to read it."""

    file = forms.FileField(label=gettext_lazy("文件"), help_text=gettext_lazy("GeoJSON、CSV 或 XLSX。"))
    mapping = forms.CharField(
        label=gettext_lazy("列对照"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "每行一个“字段=列名”，例如 name=名称、level=层级、code=代码、parent=上级代码，"
            "或 district=县市区、town=街道名称、community=社区名称。不填则按常见列名辨认。"
        ),
    )
    source = forms.ChoiceField(label=gettext_lazy("坐标系"), choices=SourceSystem)
    under = region_field(gettext_lazy("挂在哪个区划之下"))
    is_real = forms.BooleanField(
        label=gettext_lazy("正式写入"),
        required=False,
        help_text=gettext_lazy("不勾选只试运行：列出会新增和更新多少、哪些行有错、边界有什么问题。"),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("文件超过 50 MB，请拆成几个，或用命令行导入。"))
        return file

    def clean_mapping(self) -> dict[str, str] | None:
        lines = [line.strip() for line in self.cleaned_data["mapping"].splitlines() if line.strip()]
        if any("=" not in line for line in lines):
            raise forms.ValidationError(_("每行应写成“字段=列名”。"))
        return dict(line.split("=", 1) for line in lines) or None


class RegionPages(ManagedAdmin):
    """The pages that the list of regions leads to."""

    tools = (
        Tool(gettext_lazy("边界检查"), "admin:org_boundary_report"),
        Tool(gettext_lazy("导入"), "admin:org_import_regions"),
        Tool(gettext_lazy("导出 GeoJSON"), "admin:org_export_regions", "?format=geojson"),
        Tool(gettext_lazy("导出 CSV"), "admin:org_export_regions", "?format=csv"),
    )

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("boundaries/", wrap(self.report_view), name="org_boundary_report"),
            path("import/", wrap(self.import_view), name="org_import_regions"),
            path("export/", wrap(self.export_view), name="org_export_regions"),
            *super().get_urls(),
        ]

    def report_view(self, request: HttpRequest) -> HttpResponse:
        """Show what is wrong with the boundaries, or worth a look."""
        self.check_manages(request)
        return self.page(request, "org/admin/boundaries.html", _("边界检查"), report=boundary_report())

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Try a file of regions, or take it over, and say row by row what came of it."""
        self.check_manages(request)
        form = ImportForm(request.POST or None, request.FILES or None)
        result, status = None, 200
        if request.method == "POST":
            result = self._import(request, form) if form.is_valid() else None
            status = 200 if result else InvalidInput.status
        return self.page(
            request,
            "org/admin/import_regions.html",
            _("导入区划"),
            status=status,
            form=form,
            media=form.media,
            result=result,
            most=MOST_ROWS,
        )

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Send the regions in use as a file that can be imported again."""
        self.check_manages(request)
        kind = request.GET.get("format", "geojson")
        if kind not in EXPORTS:
            raise InvalidInput(_("可导出的格式：geojson、csv。"))
        content_type, write = EXPORTS[kind]
        name = f"regions-{timezone.localdate():%Y%m%d}.{kind}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(write(), content_type=content_type, headers=headers)

    @staticmethod
    def _import(request: HttpRequest, form: ImportForm) -> actions.Imported | None:
        """Import as the form says; None where the file was refused as a whole, which the form then says."""
        said = form.cleaned_data
        source = said["source"]
        try:
            file = read(said["file"].read(), mapping=said["mapping"], source=CoordinateSystem(source))
            with pghistory.context(user=request.user.pk):
                return actions.import_regions(
                    file,
                    at=timezone.now(),
                    under=said["under"],
                    source=source,
                    dry_run=not said["is_real"],
                    check=True,
                )
        except DomainError as refusal:
            add_refusal(form, refusal)
            return None
