"""What each verb asks of the person who makes it; `VERB_FORMS` names the form, `NoteForm` serves the rest."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridloop.base.common.errors import DomainError
from gridloop.base.common.files import Checked, inspect, store
from gridloop.base.common.ids import read_tracking_code
from gridloop.core.cases.actions import Part
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.cases.labels import Channel, Demand, RejectReason, SendBackReason
from gridloop.core.cases.models import Case
from gridloop.core.cases.workflow import TRANSITIONS
from gridloop.core.catalogue.models import Urgency
from gridloop.core.org.actors import Actor
from gridloop.faces.desk.choices import category_choices, region_choices, unit_choices

SCORES = [
    (5, _("5 非常满意")),
    (4, _("4 满意")),
    (3, _("3 一般")),
    (2, _("2 不满意")),
    (1, _("1 非常不满意")),
]
_LINES = forms.Textarea(attrs={"rows": 3})


class NoteForm(forms.Form):
    """A verb that asks for nothing but a note. The version that the person saw travels along."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    note = forms.CharField(label=_("说明"), widget=_LINES, required=False, max_length=2000)

    def __init__(self, *args: Any, verb: str, file: CaseFile, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.verb, self.file, self.actor = verb, file, actor
        self.fields["version"].initial = file.case.version
        self.fields["note"].required = TRANSITIONS[verb].needs_note
        self.order_fields([name for name in self.fields if name != "note"])
        self.prepare()

    def prepare(self) -> None:
        """Fill in what depends on the case."""

    def details(self) -> dict[str, Any]:
        """Return what the verb takes besides the note."""
        return {k: v for k, v in self.cleaned_data.items() if k not in {"version", "note"} and v is not None}


class UnitsForm(NoteForm):
    lead_unit_id = forms.TypedChoiceField(label=_("主办单位"), coerce=int)
    assist_unit_ids = forms.TypedMultipleChoiceField(
        label=_("协办单位"), coerce=int, required=False, help_text=_("可多选：按住 Ctrl 点选")
    )
    demand = forms.CharField(label=_("办理要求"), widget=_LINES, required=False, max_length=1000)

    def prepare(self) -> None:
        units = unit_choices()
        self.fields["lead_unit_id"].choices = [("", _("请选择")), *units]  # type: ignore[attr-defined]
        self.fields["assist_unit_ids"].choices = units  # type: ignore[attr-defined]
        case, times = self.file.case, self.file.times
        duty = times.book.duty(case.category_id, self.file.region_path, times.work.date_of(case.reported_at))
        if duty and duty.lead_unit_id:
            self.fields["lead_unit_id"].initial = duty.lead_unit_id
            self.fields["assist_unit_ids"].initial = list(duty.assist_unit_ids)
            self.fields["lead_unit_id"].help_text = _("已按履职清单预选，可更改。")


class SendBackForm(NoteForm):
    reason = forms.ChoiceField(label=_("退单理由"), choices=SendBackReason.choices)


class RejectForm(NoteForm):
    reason = forms.ChoiceField(label=_("不予受理原因（将告知上报人）"), choices=RejectReason.choices)


class TransferForm(NoteForm):
    from_unit_id = forms.TypedChoiceField(label=_("原承办单位"), coerce=int)
    to_unit_id = forms.TypedChoiceField(label=_("改派给"), coerce=int)

    def prepare(self) -> None:
        self.fields["from_unit_id"].choices = [(o.unit_id, o.unit.name) for o in self.file.running_orders()]  # type: ignore[attr-defined]
        self.fields["to_unit_id"].choices = [("", _("请选择")), *unit_choices()]  # type: ignore[attr-defined]


class AssistantForm(NoteForm):
    unit_id = forms.TypedChoiceField(label=_("协办单位"), coerce=int)
    demand = forms.CharField(label=_("办理要求"), widget=_LINES, required=False, max_length=1000)

    def prepare(self) -> None:
        self.fields["unit_id"].choices = [("", _("请选择")), *unit_choices()]  # type: ignore[attr-defined]


class ExtensionForm(NoteForm):
    amount = forms.IntegerField(label=_("延长"), min_value=1, max_value=60)

    def prepare(self) -> None:
        order = self.file.order_of(self.actor.unit_id)
        clock = next((c for c in self.file.clocks if order and c.order_id == order.pk), None)
        if clock:
            self.fields["amount"].label = _("延长（%(unit)s）") % {"unit": clock.get_unit_display()}


class SuspensionForm(NoteForm):
    until = forms.DateField(label=_("挂起至（当日零时自动恢复）"), widget=forms.DateInput({"type": "date"}))

    def details(self) -> dict[str, Any]:
        midnight = datetime.combine(self.cleaned_data["until"], time.min)
        return {"until": timezone.make_aware(midnight)}


class SupplementForm(NoteForm):
    text = forms.CharField(label=_("补充内容"), widget=_LINES, max_length=4000)


class AmendForm(NoteForm):
    title = forms.CharField(label=_("标题"), max_length=120)
    category_id = forms.TypedChoiceField(label=_("类别"), coerce=int, required=False, empty_value=None)
    urgency = forms.ChoiceField(label=_("紧急程度"), choices=Urgency.choices)
    demand = forms.ChoiceField(label=_("诉求类型"), choices=Demand.choices)
    address = forms.CharField(label=_("地址"), max_length=200, required=False)
    lon = forms.FloatField(label=_("经度"), required=False, min_value=-180, max_value=180)
    lat = forms.FloatField(label=_("纬度"), required=False, min_value=-90, max_value=90)

    def prepare(self) -> None:
        self.fields["category_id"].choices = [("", _("未分类")), *category_choices()]  # type: ignore[attr-defined]
        for name in self.fields.keys() - {"version", "note"}:
            self.fields[name].initial = getattr(self.file.case, name)

    def details(self) -> dict[str, Any]:
        given = super().details()
        case = self.file.case
        if (given.get("lon"), given.get("lat")) == (case.lon, case.lat):
            given.pop("lon", None)
            given.pop("lat", None)
        return given


class CallBackForm(NoteForm):
    is_reached = forms.BooleanField(label=_("已联系上上报人"), required=False, initial=True)
    attitude = forms.TypedChoiceField(
        label=_("对办理态度"),
        choices=[("", _("未评价")), *SCORES],
        coerce=int,
        required=False,
        empty_value=None,
    )
    result = forms.TypedChoiceField(
        label=_("对办理结果"),
        choices=[("", _("未评价")), *SCORES],
        coerce=int,
        required=False,
        empty_value=None,
    )
    is_lawful = forms.NullBooleanField(
        label=_("诉求是否合理合法"),
        widget=forms.Select(choices=[("", _("未判定")), ("true", _("合理")), ("false", _("不合理"))]),
        required=False,
    )
    comment = forms.CharField(label=_("上报人意见"), widget=_LINES, required=False, max_length=2000)


class RateForm(NoteForm):
    attitude = forms.TypedChoiceField(label=_("对办理态度"), choices=SCORES, coerce=int)
    result = forms.TypedChoiceField(label=_("对办理结果"), choices=SCORES, coerce=int)
    comment = forms.CharField(label=_("意见"), widget=_LINES, required=False, max_length=2000)


class EscalateForm(NoteForm):
    to = forms.CharField(label=_("报送单位"), max_length=80)


class OtherCaseForm(NoteForm):
    """A verb that names another case, by the number that people know."""

    number = forms.CharField(label=_("案件编号"), max_length=20)
    detail_name = "other"

    def clean_number(self) -> Case:
        code = read_tracking_code(self.cleaned_data["number"])
        case = Case.objects.visible_to(self.actor).filter(number=code).first()
        if case is None:
            raise forms.ValidationError(
                _("没有找到编号为 %(number)s 的案件，请核对。"), params={"number": code}
            )
        return case

    def details(self) -> dict[str, Any]:
        return {self.detail_name: self.cleaned_data["number"].pk}


class MergeForm(OtherCaseForm):
    detail_name = "into"


class SplitForm(NoteForm):
    """Two to four parts; empty ones are left out."""

    part_1 = forms.CharField(label=_("第一部分"), widget=_LINES, max_length=4000)
    part_2 = forms.CharField(label=_("第二部分"), widget=_LINES, max_length=4000)
    part_3 = forms.CharField(label=_("第三部分"), widget=_LINES, required=False, max_length=4000)
    part_4 = forms.CharField(label=_("第四部分"), widget=_LINES, required=False, max_length=4000)

    def details(self) -> dict[str, Any]:
        texts = (self.cleaned_data[f"part_{n}"] for n in range(1, 5))
        return {"parts": [Part(text, self.file.case.category_id) for text in texts if text]}


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, each checked by its content; what is refused is told by its name."""

    widget = FilesInput(attrs={"multiple": True, "accept": "image/*,.pdf,.docx,.xlsx,.mp4,.m4a,.mp3"})

    def clean(self, data: Any, initial: Any = None) -> list[tuple[str, Checked]]:  # noqa: ARG002
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if not files and self.required:
            raise forms.ValidationError(self.error_messages["required"])
        return [self._checked(file) for file in files]

    @staticmethod
    def _checked(file: Any) -> tuple[str, Checked]:
        try:
            return file.name, inspect(file)
        except DomainError as error:
            raise forms.ValidationError(f"{file.name}：{error.message}") from error


class AttachForm(NoteForm):
    files = FilesField(  # type: ignore[assignment]  # the form's own `files` is for its constructor alone
        label=_("文件"), help_text=_("图片、PDF、Word、Excel、音视频；图片会去除位置等隐藏信息")
    )
    is_public = forms.BooleanField(label=_("上报人可见"), required=False)

    def details(self) -> dict[str, Any]:
        for _name, checked in self.cleaned_data["files"]:
            store(checked)
        return super().details()


class ReportForm(forms.Form):
    """A report that staff take down, on the telephone or on the spot."""

    case_id = forms.UUIDField(widget=forms.HiddenInput)
    description = forms.CharField(
        label=_("发生了什么"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4000
    )
    category_id = forms.TypedChoiceField(label=_("类别"), coerce=int, required=False, empty_value=None)
    channel = forms.ChoiceField(label=_("来源"), choices=Channel.choices)
    demand = forms.ChoiceField(label=_("诉求类型"), choices=Demand.choices, initial=Demand.HELP)
    address = forms.CharField(label=_("地址"), max_length=200, required=False)
    region_id = forms.TypedChoiceField(label=_("村（社区）"), coerce=int, required=False, empty_value=None)
    lon = forms.FloatField(label=_("经度"), required=False, min_value=-180, max_value=180)
    lat = forms.FloatField(label=_("纬度"), required=False, min_value=-90, max_value=90)
    name = forms.CharField(label=_("上报人姓名"), max_length=40, required=False)
    phone = forms.CharField(label=_("上报人电话"), max_length=20, required=False)
    is_confidential = forms.BooleanField(label=_("上报人要求保密"), required=False)
    files = FilesField(label=_("照片或文件"), required=False)  # type: ignore[assignment]
    solved = forms.CharField(
        label=_("已当场解决（自办自结）"),
        widget=_LINES,
        required=False,
        max_length=2000,
        help_text=_("写明怎样解决的，即直接办结；留空则进入受理流程"),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category_id"].choices = [("", _("按描述自动建议")), *category_choices()]  # type: ignore[attr-defined]
        self.fields["region_id"].choices = [("", _("按位置自动确定")), *region_choices()]  # type: ignore[attr-defined]
        self.fields["channel"].initial = Channel.GRID if actor.can("case.close_on_spot") else Channel.HOTLINE
        if not actor.can("case.close_on_spot"):
            del self.fields["solved"]


class RevealForm(forms.Form):
    note = forms.CharField(label=_("查看理由（将记入日志）"), max_length=500)


VERB_FORMS: dict[str, type[NoteForm]] = {
    "dispatch": UnitsForm,
    "adjudicate": UnitsForm,
    "send_back": SendBackForm,
    "reject": RejectForm,
    "transfer": TransferForm,
    "add_assistant": AssistantForm,
    "request_extension": ExtensionForm,
    "request_suspension": SuspensionForm,
    "supplement": SupplementForm,
    "amend": AmendForm,
    "call_back": CallBackForm,
    "rate": RateForm,
    "escalate": EscalateForm,
    "merge": MergeForm,
    "link": OtherCaseForm,
    "unlink": OtherCaseForm,
    "split": SplitForm,
    "attach": AttachForm,
}
