"""What the pages of the oversight ask for."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridloop.base.common.worktime import LimitUnit
from gridloop.capabilities.oversight.models import (
    AlertLevel,
    ChainStage,
    ProblemKind,
    ReminderCause,
    SampleKind,
    SampleOutcome,
    SamplePeriod,
    Stratum,
    SupervisionCause,
    SupervisionState,
    Whom,
)
from gridloop.capabilities.oversight.models.burden import BurdenPattern
from gridloop.capabilities.oversight.present.desk import LATE, SOON, Wanted
from gridloop.capabilities.oversight.problems import Threshold
from gridloop.core.cases.choices import category_choices, region_choices, unit_groups
from gridloop.core.cases.models import TimeRequest
from gridloop.core.catalogue.labels import STAGE_LABELS, UNIT_LABELS
from gridloop.core.catalogue.models import Urgency
from gridloop.core.catalogue.rulebook import rulebook
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


class TimesFilter(forms.Form):
    """The filters of the desk for extensions and suspensions."""

    kind = forms.ChoiceField(label=_("种类"), required=False, choices=[*ANY, *TimeRequest.Kind.choices])
    unit = forms.TypedChoiceField(label=_("单位"), required=False, coerce=int, empty_value=None)
    is_late = forms.BooleanField(label=_("只看已超期"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["unit"]
        field.choices = [*ANY, *unit_groups()]


class SampleFilter(forms.Form):
    """The filters of the samples."""

    mine = forms.BooleanField(label=_("只看交给我的"), required=False)
    outcome = forms.ChoiceField(label=_("结果"), required=False, choices=[*ANY, *SampleOutcome.choices])
    kind = forms.ChoiceField(label=_("方式"), required=False, choices=[*ANY, *SampleKind.choices])


class SampleRuleForm(forms.Form):
    """A rule of sampling."""

    name = forms.CharField(label=_("名称"), max_length=60)
    kind = forms.ChoiceField(label=_("方式"), choices=SampleKind.choices)
    period = forms.ChoiceField(label=_("周期"), choices=SamplePeriod.choices)
    share = forms.IntegerField(label=_("比例（%）"), min_value=1, max_value=100, initial=10)
    stratum = forms.ChoiceField(label=_("分层"), choices=Stratum.choices, help_text=_("每一层至少抽 1 件"))
    category_id = forms.TypedChoiceField(label=_("限定类别"), required=False, coerce=int, empty_value=None)
    region_id = forms.TypedChoiceField(label=_("限定区划"), required=False, coerce=int, empty_value=None)
    task = forms.CharField(
        label=_("核查要求"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("告诉核查人要看什么、问什么；不能要求留痕"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        main = [(c.id, c.name) for c in rulebook().main()]
        fields["category_id"].choices = [*ANY, (_("大类"), main), *category_choices()]
        fields["region_id"].choices = [*ANY, *region_choices()]


class SoundForm(forms.Form):
    """What a check found where the case is as it was said; a call has the reporter's score."""

    result = forms.TypedChoiceField(
        label=_("上报人对结果的评价"),
        choices=[("", _("请选择")), *((n, _("%(n)s 分") % {"n": n}) for n in (5, 4, 3, 2, 1))],
        coerce=int,
    )
    note = forms.CharField(
        label=_("核查情况"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, is_call: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_call:
            del self.fields["result"]


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("依据和情况"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class AssignForm(forms.Form):
    user_id = forms.TypedChoiceField(label=_("改由谁核查"), coerce=int)

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["user_id"]
        field.choices = people


class StepForm(forms.Form):
    """One step of the chain."""

    level = forms.ChoiceField(label=_("级别"), choices=AlertLevel.choices)
    stage = forms.ChoiceField(label=_("环节"), required=False, choices=[*ANY, *ChainStage.choices])
    urgency = forms.ChoiceField(label=_("紧急程度"), required=False, choices=[*ANY, *Urgency.choices])
    share = forms.IntegerField(
        label=_("用去时限的百分之几时预警"),
        required=False,
        min_value=1,
        max_value=99,
        help_text=_("只用于预警"),
    )
    amount = forms.IntegerField(
        label=_("或：到期前（预警）／到期后（超期）多久"),
        required=False,
        min_value=0,
        max_value=1000,
        help_text=_("到期即告知填 0"),
    )
    unit = forms.ChoiceField(
        label=_("单位"), required=False, choices=[("", "—"), *((u.value, UNIT_LABELS[u]) for u in LimitUnit)]
    )
    whom = forms.MultipleChoiceField(
        label=_("告知谁"), choices=Whom.choices, widget=forms.CheckboxSelectMultiple
    )
    words = forms.CharField(label=_("附言"), required=False, max_length=200)


class ProblemRuleForm(forms.Form):
    """From how many times on a case is a problem case; a pair of fields for each kind."""

    def __init__(self, *args: Any, rules: dict[ProblemKind, Threshold], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, rule in rules.items():
            self.fields[f"{kind.value}_times"] = forms.IntegerField(
                label=kind.label,
                min_value=0,
                max_value=50,
                initial=rule.times,
                help_text=_("次起；0 表示不用"),
            )
            self.fields[f"{kind.value}_supervised"] = forms.BooleanField(
                label=_("%(kind)s自动签发督办单") % {"kind": kind.label},
                required=False,
                initial=rule.is_supervised,
            )

    def rules(self) -> dict[ProblemKind, Threshold]:
        given = self.cleaned_data
        return {
            kind: Threshold(given[f"{kind.value}_times"], given[f"{kind.value}_supervised"])
            for kind in ProblemKind
        }


class ExemptForm(forms.Form):
    """Leave to ask for what is prohibited, in an emergency."""

    subject = forms.CharField(
        label=_("对象"), max_length=80, help_text=_("被拒绝时提示的对象，或下表中的对象")
    )
    pattern = forms.ChoiceField(label=_("情形"), choices=BurdenPattern.choices)
    reason = forms.CharField(
        label=_("应急情况和理由"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    until = forms.DateField(
        label=_("有效期至"), widget=day_input(), help_text=_("当日 24:00 失效，最长一个月")
    )
