"""What is to be tried dry: a period, and a change that is not saved."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridloop.base.common.days import midnight
from gridloop.capabilities.dispatch.actions.trials import Lead
from gridloop.capabilities.dispatch.models import DispatchRule
from gridloop.core.cases.choices import category_choices, region_choices, unit_groups

DAYS = 90
_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PeriodForm(forms.Form):
    """From the first day to the last, both included."""

    since = forms.DateField(label=_("从"), widget=_DATE)
    until = forms.DateField(label=_("到"), widget=_DATE)

    def period(self) -> tuple[datetime, datetime]:
        """Return the moments between which the dispatches lie."""
        given = self.cleaned_data
        return midnight(given["since"]), midnight(given["until"] + timedelta(days=1))


class TrialForm(PeriodForm):
    """A rule that would speak no longer, or another lead in the duty list, in a period."""

    without = forms.TypedChoiceField(label=_("假如停用规则"), required=False, coerce=int, empty_value=None)
    category = forms.TypedChoiceField(
        label=_("假如履职清单改为：类别"), required=False, coerce=int, empty_value=None
    )
    region = forms.TypedChoiceField(
        label=_("在哪里"), required=False, coerce=int, empty_value=None, help_text=_("不选表示全镇。")
    )
    unit = forms.TypedChoiceField(label=_("由谁主办"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules = DispatchRule.objects.active().in_order().values_list("pk", "name")
        choices: dict[str, Any] = {
            "without": [("", _("不停用")), *rules],
            "category": [("", _("不改")), *category_choices()],
            "region": [("", _("全镇")), *region_choices()],
            "unit": [("", _("请选择单位")), *unit_groups()],
        }
        for name, found in choices.items():
            self.fields[name].choices = found  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if bool(given.get("category")) != bool(given.get("unit")):
            self.add_error("unit", _("类别和主办单位要一起选"))
        elif not given.get("category") and not given.get("without"):
            self.add_error(None, _("请选择要试的改动：停用一条规则，或改履职清单的主办单位。"))
        return given

    def leads(self) -> list[Lead]:
        given = self.cleaned_data
        return [Lead(given["category"], given["region"], given["unit"])] if given["category"] else []


def last_days() -> dict[str, Any]:
    """Return the period that is usually asked for."""
    today = timezone.localdate()
    return {"since": today - timedelta(days=DAYS), "until": today}
