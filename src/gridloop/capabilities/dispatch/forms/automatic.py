"""Automatic dispatch of one category."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gridloop.core.cases.choices import category_choices


class AutomaticForm(forms.Form):
    """On or off, from which score on, and when it has to stop by itself; shares are in per cent."""

    category_id = forms.TypedChoiceField(label=_("类别"), coerce=int)
    is_on = forms.BooleanField(label=_("开启自动派遣"), required=False)
    threshold = forms.IntegerField(
        label=_("最低得分"),
        min_value=50,
        max_value=100,
        initial=85,
        help_text=_("第一建议达到这个分数才自动派。"),
    )
    most_returned = forms.IntegerField(
        label=_("退单率上限（%）"),
        min_value=0,
        max_value=100,
        initial=10,
        help_text=_("最近 50 件中退回或改派超过这个比例，就自动停止并通知管理人员。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category_id"].choices = [("", _("请选择小类")), *category_choices()]  # type: ignore[attr-defined]

    def given(self) -> dict[str, Any]:
        """Return what a valid form says, as the action takes it."""
        given = dict(self.cleaned_data)
        shares = {name: given.pop(name) / 100 for name in ("threshold", "most_returned")}
        return given | shares
