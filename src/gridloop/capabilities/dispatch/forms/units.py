"""Any unit for one case."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gridloop.base.shell.forms import PickOne
from gridloop.core.cases.choices import unit_groups


class UnitForm(forms.Form):
    """One unit of them all."""

    unit = forms.TypedChoiceField(label=_("派给哪个单位"), coerce=int, widget=PickOne)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = unit_groups()  # type: ignore[attr-defined]
