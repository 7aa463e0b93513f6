"""How much a unit can take."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gridloop.core.cases.choices import unit_groups

MOST = 100_000


class LimitForm(forms.Form):
    """The limits of one unit; both left empty lift them."""

    unit = forms.TypedChoiceField(label=_("单位"), coerce=int)
    most = forms.IntegerField(
        label=_("单位在办上限"), required=False, min_value=1, max_value=MOST, help_text=_("不填表示不限。")
    )
    most_each = forms.IntegerField(
        label=_("每人在办上限"),
        required=False,
        min_value=1,
        max_value=MOST,
        help_text=_("只对允许直接派到人的单位有用。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = [("", _("请选择单位")), *unit_groups()]  # type: ignore[attr-defined]
