"""Form fields of the rulebook: a time limit, and a list of keywords."""

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridloop.base.common.worktime import LimitUnit
from gridloop.core.catalogue.labels import UNIT_LABELS
from gridloop.core.catalogue.models import KEYWORD_LENGTH, MOST_OF_ONE_LIMIT
from gridloop.core.catalogue.rulebook import Limit

_PARTS = re.compile(r"[、,，;；\s]+")
_UNITS = [("", gettext_lazy("单位")), *((unit.value, UNIT_LABELS[unit]) for unit in LimitUnit)]


class LimitWidget(forms.MultiWidget):
    """A number beside its unit."""

    def __init__(self) -> None:
        number = forms.NumberInput({"min": 1, "max": MOST_OF_ONE_LIMIT, "class": "limit-amount"})
        super().__init__([number, forms.Select(choices=_UNITS)])

    def decompress(self, value: Limit | None) -> list[Any]:
        return [value.amount, value.unit] if value else [None, ""]


class LimitField(forms.MultiValueField):
    """A time limit, or None where it is left blank."""

    widget = LimitWidget

    def __init__(self, **options: Any) -> None:
        amount = forms.IntegerField(
            min_value=1, max_value=MOST_OF_ONE_LIMIT, required=False, label=gettext_lazy("时限")
        )
        unit = forms.ChoiceField(choices=_UNITS, required=False, label=gettext_lazy("单位"))
        super().__init__((amount, unit), require_all_fields=False, required=False, **options)

    def compress(self, data_list: Sequence[Any]) -> Limit | None:
        amount, unit = data_list or (None, "")
        if amount is None:
            return None
        if not unit:
            raise forms.ValidationError(_("请选择时限的单位。"))
        return Limit(amount, LimitUnit(unit))


class KeywordsField(forms.CharField):
    """Words parted by any usual mark; a list of them, each once."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        return "、".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        words = [word for word in _PARTS.split(super().to_python(value) or "") if word]
        if long := next((word for word in words if len(word) > KEYWORD_LENGTH), ""):
            raise forms.ValidationError(
                _("“%(word)s…”超过 %(most)d 个字，请用顿号分开。")
                % {"word": long[:10], "most": KEYWORD_LENGTH}
            )
        return list(dict.fromkeys(words))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.disabled is False and list(initial or []) != self.to_python(data))
