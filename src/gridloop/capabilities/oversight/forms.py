"""What the pages of the oversight ask for."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridloop.capabilities.oversight.models import (
    ReminderCause,
    SupervisionCause,
    SupervisionState,
)
from gridloop.capabilities.oversight.present.desk import LATE, SOON, Wanted
from gridloop.core.cases.choices import region_choices, unit_groups
from gridloop.core.catalogue.labels import STAGE_LABELS
from gridloop.core.catalogue.stages import Stage

LINES = forms.Textarea(attrs={"rows": 4, "maxlength": 2000})
ANY = [("", _("全部"))]


def day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class DeskFilter(forms.Form):
    """The filters of the desk, read from the address."""

    tone = forms.ChoiceField(
        label=_("状态"), required=False, choices=[(LATE, _("已超期")), (SOON, _("即将到期"))]
    )
    stage = forms.ChoiceField(
        label=_("环节"), required=False, choices=[*ANY, *((s.value, STAGE_LABELS[s]) for s in Stage)]
    )
    unit = forms.TypedChoiceField(label=_("单位"), required=False, coerce=int, empty_value=None)
    region = forms.TypedChoiceField(label=_("村（社区）"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["unit"].choices = [*ANY, (0, _("指挥中心")), *unit_groups()]
        fields["region"].choices = [*ANY, *region_choices()]

    def wanted(self) -> Wanted:
        """Return what is asked for; what an old address names and is no longer there is left out."""
        self.is_valid()
        given = self.cleaned_data
        return Wanted(
            given.get("tone") or LATE, given.get("stage") or "", given.get("unit"), given.get("region")
        )

    @classmethod
    def of(cls, query: QueryDict) -> "DeskFilter":
        data = query.copy()
        data.setdefault("tone", LATE)
        return cls(data)


class RemindForm(forms.Form):
    cause = forms.ChoiceField(label=_("催办原因"), choices=ReminderCause.choices)
    note = forms.CharField(label=_("说明"), required=False, max_length=500, widget=forms.TextInput)


class SlipFilter(forms.Form):
    """The filters of the slips."""

    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=[
            ("open", _("未解除")),
            ("late", _("逾期未回复")),
            *SupervisionState.choices,
            ("all", _("全部")),
        ],
    )
    unit = forms.TypedChoiceField(label=_("单位"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["unit"]
        field.choices = [*ANY, *unit_groups()]


class SlipForm(forms.Form):
    """A new slip."""

    unit_id = forms.TypedChoiceField(label=_("承办单位"), coerce=int)
    cause = forms.ChoiceField(label=_("督办原因"), choices=SupervisionCause.choices)
    matter = forms.CharField(label=_("督办事项"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    demand = forms.CharField(
        label=_("办理要求"), max_length=2000, widget=LINES, help_text=_("写明要做到什么、报告什么")
    )
    reply_by = forms.DateField(
        label=_("回复期限"), widget=day_input(), help_text=_("到当日下班为止；逾期未回复会自动提醒")
    )

    def __init__(self, *args: Any, units: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["unit_id"]
        field.choices = units
        self.fields["reply_by"].initial = timezone.localdate() + timedelta(days=3)


class WordsForm(forms.Form):
    """A reply, or the reason of a release."""

    text = forms.CharField(label=_("内容"), max_length=2000, widget=LINES)

    def __init__(self, *args: Any, label: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = label


class ReturnForm(WordsForm):
    """Why a reply is sent back, and by when another one is owed."""

    reply_by = forms.DateField(label=_("重新回复期限"), widget=day_input())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reply_by"].initial = timezone.localdate() + timedelta(days=2)
