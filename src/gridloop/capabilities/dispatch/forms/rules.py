"""One rule of dispatch as a form: what must hold, and who gets the case then."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from gridloop.base.shell.forms import PickMany
from gridloop.capabilities.dispatch.actions.rules import RuleFields
from gridloop.capabilities.dispatch.models import DispatchRule, WorkingTime
from gridloop.capabilities.dispatch.models.rules import NAME_LENGTH
from gridloop.core.cases.choices import category_choices, named_people, region_choices, unit_groups
from gridloop.core.cases.labels import Channel
from gridloop.core.catalogue.rulebook import rulebook

WEEKDAYS = (
    (1, _("周一")),
    (2, _("周二")),
    (3, _("周三")),
    (4, _("周四")),
    (5, _("周五")),
    (6, _("周六")),
    (7, _("周日")),
)
CONDITIONS = ("category_ids", "region_ids", "channels", "words", "working_time", "weekdays", "starts", "ends")
RESULTS = ("lead_id", "assist_unit_ids", "assignee_id", "beats_duty")
_CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class WordsField(forms.CharField):
    """Words, one a line or parted by blanks; `A+B` is where both are."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return super().clean(value).split()


class RuleForm(forms.Form):
    """What is empty among the conditions is not asked for; all the others must hold."""

    name = forms.CharField(
        label=_("名称"), max_length=NAME_LENGTH, help_text=_("一句话说清这条规则，例如“夜间噪声派派出所”。")
    )
    category_ids = forms.TypedMultipleChoiceField(
        label=_("类别"), required=False, coerce=int, widget=PickMany
    )
    region_ids = forms.TypedMultipleChoiceField(
        label=_("村（社区）"), required=False, coerce=int, widget=PickMany
    )
    channels = forms.MultipleChoiceField(
        label=_("来源"), required=False, choices=Channel.choices, widget=forms.CheckboxSelectMultiple
    )
    words = WordsField(
        label=_("关键词"),
        required=False,
        help_text=_("每行一个，出现其中之一即可；“施工+夜间”表示两个都要出现。"),
    )
    working_time = forms.ChoiceField(
        label=_("工作时间"), required=False, choices=WorkingTime.choices, widget=forms.RadioSelect
    )
    weekdays = forms.TypedMultipleChoiceField(
        label=_("星期"), required=False, coerce=int, choices=WEEKDAYS, widget=forms.CheckboxSelectMultiple
    )
    starts = forms.TimeField(label=_("从"), required=False, widget=_CLOCK)
    ends = forms.TimeField(
        label=_("到"), required=False, widget=_CLOCK, help_text=_("可以跨过午夜，例如 22:00 到 6:00。")
    )
    lead_id = forms.TypedChoiceField(label=_("主办单位"), required=False, coerce=int, empty_value=None)
    assist_unit_ids = forms.TypedMultipleChoiceField(
        label=_("协办单位"), required=False, coerce=int, widget=PickMany
    )
    assignee_id = forms.TypedChoiceField(
        label=_("指定经办人"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("只有允许直接派到人的单位可以指定。"),
    )
    beats_duty = forms.BooleanField(
        label=_("优先于履职清单"),
        required=False,
        help_text=_("不勾选时，履职清单已写明主办单位的，仍按清单派遣。"),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mains = [(c.id, c.name) for c in rulebook().main()]
        choices: dict[str, Any] = {
            "category_ids": [(_("大类"), mains), *category_choices()],
            "region_ids": region_choices(),
            "lead_id": [("", _("不指定")), *unit_groups()],
            "assist_unit_ids": unit_groups(),
            "assignee_id": [("", _("不指定")), *named_people()],
        }
        for name, found in choices.items():
            self.fields[name].choices = found  # type: ignore[attr-defined]

    @property
    def conditions(self) -> list[forms.BoundField]:
        return [self[name] for name in CONDITIONS]

    @property
    def results(self) -> list[forms.BoundField]:
        return [self[name] for name in RESULTS]

    def given(self) -> RuleFields:
        """Return what a valid form says, as the actions take it."""
        names = ("name", *CONDITIONS, *RESULTS)
        return cast("RuleFields", {name: self.cleaned_data[name] for name in names})


def initial_of(rule: DispatchRule) -> dict[str, Any]:
    """Return a rule as its form shows it."""
    return {name: getattr(rule, name) for name in ("name", *CONDITIONS, *RESULTS, "version")}
