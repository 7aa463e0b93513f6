"""Files of the rulebook in the admin: uploaded, compared, confirmed; and downloads."""

from collections.abc import Mapping
from io import BytesIO
from itertools import groupby
from typing import Any, cast

import pghistory
from django import forms
from django.contrib import admin, messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridloop.base.common.errors import DomainError, InvalidInput
from gridloop.core.catalogue import actions
from gridloop.core.catalogue.admin.common import TOOLS, FromToday, RuleAdmin
from gridloop.core.catalogue.models import Upload
from gridloop.core.catalogue.sheets.checking import Checked, check_file
from gridloop.core.catalogue.sheets.comparing import Difference, What
from gridloop.core.catalogue.sheets.directory import load_directory
from gridloop.core.catalogue.sheets.held import held_on
from gridloop.core.catalogue.sheets.parsing import Problem
from gridloop.core.catalogue.sheets.reading import check_size
from gridloop.core.catalogue.sheets.rows import Book
from gridloop.core.catalogue.sheets.writing import to_xlsx
from gridloop.core.org.actors import Actor
from gridloop.core.org.admin_base import add_refusal
from gridloop.core.org.middleware import actor_in

MOST_SHOWN = 300
WORDS = {
    What.ADDED: gettext_lazy("新增"),
    What.CHANGED: gettext_lazy("修改"),
    What.REMOVED: gettext_lazy("停用"),
}


class UploadForm(FromToday, forms.Form):
    """A file and when it is to take effect."""

    file = forms.FileField(
        label=gettext_lazy("目录文件"),
        help_text=gettext_lazy("XLSX，或其中一张工作表的 CSV，不超过 5 MB。可先下载现行目录，改好后上传。"),
        widget=forms.ClearableFileInput({"accept": ".xlsx,.csv"}),
    )
    effective_on = forms.DateField(
        label=gettext_lazy("生效日期"),
        help_text=gettext_lazy("从这一天起适用，在办案件的期限不受影响。"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
    )
    removes_missing = forms.BooleanField(
        label=gettext_lazy("停用表中没有的行"),
        required=False,
        help_text=gettext_lazy("只对文件中有的工作表生效。不勾选时，表中没有的行保持不变。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["effective_on"].initial = timezone.localdate


class AppliedFilter(admin.SimpleListFilter):
    """Files that were applied, and files that wait."""

    title = gettext_lazy("状态")
    parameter_name = "applied"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("yes", _("已应用")), ("no", _("未应用"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:  # noqa: ARG002
        wanted = self.value()
        return queryset.filter(applied_at__isnull=wanted == "no") if wanted in ("yes", "no") else queryset


@admin.register(Upload)
class UploadAdmin(RuleAdmin):
    tools = TOOLS[1:]
    list_display = (
        "file_name",
        "effective_on",
        "uploaded_by",
        "uploaded_at",
        "is_applied",
        "counts",
        "applied_by",
        "applied_at",
    )
    list_filter = (AppliedFilter,)
    list_select_related = ("uploaded_by", "applied_by")
    search_fields = ("file_name",)
    ordering = ("-uploaded_at", "-id")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("content")

    @admin.display(description=gettext_lazy("已应用"), boolean=True)
    def is_applied(self, upload: Upload) -> bool:
        return upload.applied_at is not None

    @admin.display(description=gettext_lazy("新增 / 修改 / 停用"))
    def counts(self, upload: Upload) -> str:
        return f"{upload.added} / {upload.changed} / {upload.removed}" if upload.applied_at else "—"

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [
            path("download/", guarded(self.download_view), name="catalogue_download"),
            path("<int:pk>/file/", guarded(self.file_view), name="catalogue_upload_file"),
            *super().get_urls(),
        ]

    # a new file ---------------------------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Mapping[str, Any] | None = None
    ) -> HttpResponse:
        """Take a file; show what is wrong with it, or keep it and go on to the difference."""
        del form_url, extra_context
        self.check_manages(request)
        form = UploadForm(request.POST or None, request.FILES or None)
        problems: tuple[Problem, ...] = ()
        if request.method == "POST" and form.is_valid():
            try:
                return redirect("admin:catalogue_upload_change", _keep(form, actor_in(request)).pk)
            except actions.FileHasProblems as refusal:
                problems = cast(tuple[Problem, ...], refusal.detail["problems"])
            except DomainError as refusal:
                add_refusal(form, refusal)
        context = {"form": form, "problems": problems[:MOST_SHOWN], "problem_count": len(problems)}
        status = InvalidInput.status if problems or form.errors else 200
        return self._page(request, "upload", _("导入事项目录"), status=status, **context)

    # what it would change -----------------------------------------------------------------------------------

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Mapping[str, Any] | None = None,
    ) -> HttpResponse:
        """Show what the file would change now, and apply it on confirmation; afterwards what it did."""
        del form_url, extra_context
        self.check_manages(request)
        upload = get_object_or_404(Upload.objects.select_related("uploaded_by", "applied_by"), pk=object_id)
        refusal = self._apply(request, upload) if request.method == "POST" else None
        if request.method == "POST" and refusal is None:
            messages.success(request, _("已导入，自 %(day)s 起生效。") % {"day": upload.effective_on})
            return redirect("admin:catalogue_upload_change", upload.pk)
        checked = None if upload.applied_at else _check(upload)
        context: dict[str, Any] = {"upload": upload, "object": upload, "refusal": refusal, "checked": checked}
        if checked:
            context |= {"groups": _groups(checked.difference), "most": MOST_SHOWN}
        status = refusal.status if refusal else 200
        title = _("导入结果") if upload.applied_at else _("核对差异")
        return self._page(request, "difference", title, status=status, **context)

    def _apply(self, request: HttpRequest, upload: Upload) -> DomainError | None:
        try:
            with pghistory.context(user=request.user.pk):
                expected = request.POST.get("fingerprint", "")
                actions.apply_upload(upload.pk, expected=expected, actor=actor_in(request), at=timezone.now())
        except DomainError as refusal:
            return refusal
        return None

    # downloads ----------------------------------------------------------------------------------------------

    def download_view(self, request: HttpRequest) -> HttpResponseBase:
        """Give the rulebook of today, or the template, as a workbook."""
        self.check_manages(request)
        if request.GET.get("template"):
            return _attached(to_xlsx(Book()), _("事项目录模板.xlsx"))
        today = timezone.localdate()
        return _attached(to_xlsx(held_on(today, load_directory())), _("事项目录 %s.xlsx") % today)

    def file_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Give an uploaded file back as it came."""
        self.check_manages(request)
        upload = get_object_or_404(Upload, pk=pk)
        return _attached(bytes(upload.content), upload.file_name)

    def _page(
        self, request: HttpRequest, name: str, title: str, *, status: int, **context: Any
    ) -> HttpResponse:
        form = context.get("form")
        media = self.media + form.media if form else self.media
        return self.page(
            request, f"catalogue/admin/{name}.html", title, status=status, media=media, **context
        )


def _keep(form: UploadForm, actor: Actor) -> Upload:
    said = form.cleaned_data
    check_size(said["file"].size)
    return actions.keep_upload(
        said["file"].read(),
        said["file"].name,
        effective_on=said["effective_on"],
        removes_missing=said["removes_missing"],
        actor=actor,
        at=timezone.now(),
    )


def _check(upload: Upload) -> Checked:
    return check_file(
        bytes(upload.content),
        upload.file_name,
        effective_on=upload.effective_on,
        removes_missing=upload.removes_missing,
    )


def _groups(difference: Difference) -> list[dict[str, Any]]:
    """Return the changes by sheet, the first of them in words, with how many there are of each sort."""
    counts = difference.counts()
    return [
        {
            "sheet": sheet,
            "counts": [(WORDS[what], counts[sheet][what]) for what in What if counts[sheet][what]],
            "rows": [
                {"what": change.what, "word": WORDS[change.what], "key": change.key, "cells": change.cells()}
                for change in changes[:MOST_SHOWN]
            ],
            "hidden": max(len(changes) - MOST_SHOWN, 0),
        }
        for sheet, changes in ((s, list(c)) for s, c in groupby(difference.changes, lambda c: c.sheet))
    ]


def _attached(content: bytes, name: str) -> FileResponse:
    return FileResponse(BytesIO(content), as_attachment=True, filename=name)
