"""What the style guide shows: every component once, with made-up content."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridloop.base.shell.buttons import Button
from gridloop.base.shell.pages import Page
from gridloop.base.shell.templatetags.shell import TONES, icon_names

_MORNING = datetime(2026, 3, 2, 1, 5, tzinfo=UTC)
_NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


class SampleForm(forms.Form):
    """One field of each sort."""

    title = forms.CharField(
        label=gettext_lazy("标题"), max_length=60, help_text=gettext_lazy("一句话说清是什么事。")
    )
    description = forms.CharField(label=gettext_lazy("情况说明"), widget=forms.Textarea(attrs={"rows": 3}))
    sort = forms.ChoiceField(
        label=gettext_lazy("类型"),
        choices=[("event", gettext_lazy("事件")), ("part", gettext_lazy("部件"))],
    )
    urgency = forms.ChoiceField(
        label=gettext_lazy("紧急程度"),
        choices=[("normal", gettext_lazy("一般")), ("urgent", gettext_lazy("紧急"))],
        widget=forms.RadioSelect,
        initial="normal",
    )
    due_on = forms.DateField(
        label=gettext_lazy("办结日期"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    photo = forms.FileField(label=gettext_lazy("照片"), required=False)
    is_public = forms.BooleanField(label=gettext_lazy("同意公开办理结果"), required=False)


def samples(request: HttpRequest) -> dict[str, Any]:
    """Return the context of the style guide; `?errors=1` shows the form with its errors."""
    wrong = {"title": "", "description": _("路灯不亮"), "sort": "other"}
    return {
        "form": SampleForm(wrong if "errors" in request.GET else None),
        "tones": sorted(TONES),
        "icons": sorted(icon_names()),
        "buttons": _buttons(request.path),
        "items": _items(),
        "page": Page([], "next", "previous"),
        "facts": [(_("编号"), "2026-0001"), (_("类别"), _("市容环境 / 垃圾堆放")), (_("电话"), "")],
        "notes": _notes(),
        "option": _option(),
        "table": [[_("月份"), _("上报"), _("办结")], [_("一月"), 120, 96], [_("二月"), 132, 128]],
    }


def _buttons(url: str) -> list[Button]:
    return [
        Button("register", _("立案"), url, style="primary", icon="check", method="get"),
        Button("send_back", _("退回"), url, needs_note=True, note_label=_("退回理由"), icon="arrow-back-up"),
        Button("edit", _("编辑"), url, method="get", icon="edit"),
        Button("withdraw", _("撤销"), url, style="danger", confirm=_("撤销后不能恢复，确定撤销吗？")),
        Button("close", _("结案"), url, enabled=False, why_not=_("还有 1 张工单没有办完。")),
    ]


def _items() -> list[dict[str, Any]]:
    return [
        {
            "label": _("已上报"),
            "at": _MORNING,
            "who": _("群众"),
            "note": _("小区东门路灯不亮"),
            "icon": "flag",
        },
        {"label": _("已派遣"), "at": _NOON, "who": _("指挥中心 · 坐席"), "icon": "send"},
        {
            "label": _("退回"),
            "at": _NOON,
            "who": _("综合执法中队"),
            "note": _("不在职责清单内"),
            "tone": "danger",
        },
        {"label": _("待核查"), "tone": "waiting"},
    ]


def _notes() -> list[Message]:
    return [
        Message(constants.INFO, _("网络恢复后会自动提交。")),
        Message(constants.WARNING, _("还有 2 小时到期。")),
        Message(constants.ERROR, _("没有提交成功，请检查后再试。")),
        Message(constants.SUCCESS, _("已立案，编号 2026-0001。")),
    ]


def _option() -> dict[str, Any]:
    months = [_("一月"), _("二月"), _("三月"), _("四月"), _("五月"), _("六月")]
    return {
        "xAxis": {"type": "category", "data": months},
        "yAxis": {"type": "value"},
        "legend": {},
        "series": [
            {"type": "bar", "name": _("上报"), "data": [120, 132, 101, 134, 190, 150]},
            {"type": "line", "name": _("办结"), "data": [96, 128, 99, 120, 170, 149]},
        ],
    }
