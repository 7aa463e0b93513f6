"""The work calendar and the working hours in the admin."""

import json
import re
from datetime import time
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridloop.base.common.errors import DomainError, InvalidInput
from gridloop.core.org import actions
from gridloop.core.org.actions.calendar import Filled
from gridloop.core.org.admin_base import ActionForm, ManagedAdmin, Tool, add_refusal
from gridloop.core.org.calendar import missing_days
from gridloop.core.org.models import CalendarDay, WorkingHours

YEAR_CHOICES = 3
ANNOUNCED_IN = 11  # the month in which the State Council announces the next year
_SPAN = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-—~至]\s*(\d{1,2})[:：](\d{2})")


class DayForm(ActionForm):
    class Meta:
        model = CalendarDay
        fields = ("date", "is_workday", "name")


class FillForm(forms.Form):
    """Which year to fill, and from what."""

    year = forms.TypedChoiceField(label=gettext_lazy("年份"), coerce=int)
    file = forms.FileField(
        label=gettext_lazy("放假安排文件"),
        required=False,
        help_text=gettext_lazy("JSON，含 year 与 days。不选文件时按程序自带的国务院办公厅放假安排填充。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        this = timezone.localdate().year
        self.fields["year"].choices = [  # type: ignore[attr-defined]
            (year, str(year)) for year in range(this - 1, this + YEAR_CHOICES)
        ]
        self.fields["year"].initial = this


@admin.register(CalendarDay)
class CalendarDayAdmin(ManagedAdmin):
    permission = "calendar.manage"
    form = DayForm
    tools = (Tool(gettext_lazy("填充或导入一年"), "admin:org_fill_calendar"),)
    list_display = ("date", "is_workday", "name", "source")
    list_filter = ("is_workday", "source")
    search_fields = ("name",)
    date_hierarchy = "date"
    ordering = ("-date",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ARG002
        return ("date",) if obj else ()

    def write(self, request: HttpRequest, form: Any, *, change: bool) -> CalendarDay:  # noqa: ARG002
        said = form.cleaned_data
        day = form.instance.date if change else said["date"]
        return actions.set_day(day, is_workday=said["is_workday"], name=said["name"])

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"notices": gaps(), **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.fill_view)
        return [path("fill/", view, name="org_fill_calendar"), *super().get_urls()]

    def fill_view(self, request: HttpRequest) -> HttpResponse:
        """Fill a year from the library or from a file, and say what that changed."""
        self.check_manages(request)
        form = FillForm(request.POST or None, request.FILES or None)
        status = 200
        if request.method == "POST":
            if form.is_valid() and (filled := _fill(form)):
                messages.success(request, _said(filled))
                return redirect("admin:org_calendarday_changelist")
            status = InvalidInput.status
        title = _("填充工作日历")
        return self.page(
            request,
            "org/admin/form.html",
            title,
            status=status,
            form=form,
            notices=gaps(),
            media=form.media,
        )


class HoursForm(ActionForm):
    hours = forms.CharField(
        label=gettext_lazy("工作时间"),
        help_text=gettext_lazy("例如：09:00-12:00，13:30-17:30。同一生效日期的旧安排会被替换。"),
        max_length=200,
    )

    class Meta:
        model = WorkingHours
        fields = ("valid_from",)

    def clean_hours(self) -> list[tuple[time, time]]:
        text = self.cleaned_data["hours"]
        spans = _SPAN.findall(text)
        if not spans or re.sub(r"[,，、;；\s]", "", _SPAN.sub("", text)):
            raise forms.ValidationError(_("请按“09:00-12:00，13:30-17:30”的样子填写。"))
        try:
            return [(time(int(a), int(b)), time(int(c), int(d))) for a, b, c, d in spans]
        except ValueError as error:
            raise forms.ValidationError(_("没有这样的钟点，请检查时和分。")) from error


@admin.register(WorkingHours)
class WorkingHoursAdmin(ManagedAdmin):
    permission = "calendar.manage"
    form = HoursForm
    fields = ("valid_from", "hours")
    list_display = ("valid_from", "starts", "ends")
    list_display_links = None
    ordering = ("-valid_from", "starts")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        # The hours of a date are set together, as a new plan for that date.
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"notices": _hours_by_default(), **(extra_context or {})})

    def write(self, request: HttpRequest, form: Any, *, change: bool) -> WorkingHours:  # noqa: ARG002
        said = form.cleaned_data
        return actions.set_working_hours(said["hours"], valid_from=said["valid_from"])[0]


def gaps() -> list[str]:
    """Return what is wrong with the calendar of this year and, from November on, of the next."""
    today = timezone.localdate()
    years = [today.year, today.year + 1] if today.month >= ANNOUNCED_IN else [today.year]
    missing = ((year, missing_days(year)) for year in years)
    text = _("%(year)d 年的工作日历缺少 %(days)d 天，涉及这些日期的期限无法计算。请填充、导入或逐日设置。")
    return [text % {"year": year, "days": days} for year, days in missing if days]


def _hours_by_default() -> list[str]:
    """Say which hours are in force while the table is empty."""
    if WorkingHours.objects.exists():
        return []
    hours = "、".join(f"{starts:%H:%M}-{ends:%H:%M}" for starts, ends in settings.WORKING_HOURS)
    return [_("还没有设置工作时间，现在按 %(hours)s 计算。") % {"hours": hours}]


def _fill(form: FillForm) -> Filled | None:
    """Fill as the form says; None where that was refused, which the form then says."""
    try:
        file = form.cleaned_data["file"]
        if file is None:
            return actions.fill_calendar(form.cleaned_data["year"])
        return actions.import_calendar(_schedule(file.read()))
    except DomainError as refusal:
        add_refusal(form, refusal)
        return None


def _schedule(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError as error:
        raise InvalidInput(_("无法读取文件：应为 JSON。"), fields={"file": _("格式不符")}) from error


def _said(filled: Filled) -> str:
    return _("%(year)d 年：写入 %(written)d 天，%(unchanged)d 天原已相同，%(kept)d 天手工设置保持不变。") % {
        "year": filled.year,
        "written": filled.written,
        "unchanged": filled.unchanged,
        "kept": filled.kept_by_hand,
    }
