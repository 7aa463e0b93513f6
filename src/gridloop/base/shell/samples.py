"""What the style guide shows: every component once, with made-up content."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _

from gridloop.base.shell.buttons import Button
from gridloop.base.shell.pages import Page

_NOON = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


class SampleForm(forms.Form):
    """One field of each sort."""

    text = forms.CharField(label="文本", help_text="说明文字")
    choice = forms.ChoiceField(label="选择", choices=[("a", "甲"), ("b", "乙")])
    long = forms.CharField(label="多行", widget=forms.Textarea(attrs={"rows": 2}))
    check = forms.BooleanField(label="勾选", required=False)


def samples(request: HttpRequest) -> dict[str, Any]:
    """Return the context of the style guide."""
    return {
        "form": SampleForm(),
        "wrong": SampleForm({"text": ""}),
        "buttons": [
            Button("primary", _("主要操作"), request.path, style="primary", method="get"),
            Button("note", _("需要说明"), request.path, needs_note=True),
            Button("off", _("暂不可用"), request.path, enabled=False, why_not=_("这里写明原因")),
            Button("danger", _("不可撤销"), request.path, style="danger", confirm=_("确定吗？")),
        ],
        "items": [
            {"label": _("立案"), "at": _NOON, "who": _("指挥中心 · 坐席"), "note": _("符合立案条件")},
            {"label": _("上报"), "at": _NOON, "who": _("群众"), "note": ""},
        ],
        "page": Page([], "next", "previous"),
        "tones": ["primary", "success", "warning", "danger", "info", "secondary"],
        "option": {"xAxis": {"data": ["一", "二"]}, "yAxis": {}, "series": [{"type": "bar", "data": [3, 5]}]},
    }
