"""What each verb asks of the person who makes it; `VERB_FORMS` names the form, `NoteForm` serves the rest."""

from datetime import datetime, time
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridloop.base.common.files import Checked, store
from gridloop.base.common.ids import read_tracking_code
from gridloop.base.shell.forms import FilesField
from gridloop.core.cases.actions import Part
from gridloop.core.cases.actions.handling import MOST_EXTENSION
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.cases.choices import category_choices, region_choices, unit_groups, without
from gridloop.core.cases.labels import Demand, RejectReason, SendBackReason
from gridloop.core.cases.models import Case
from gridloop.core.cases.workflow import TRANSITIONS
from gridloop.core.catalogue.models import Urgency
from gridloop.core.org.actors import Actor
from gridloop.faces.desk.forms.fields import (
    LINES,
    PersonField,
    UnitField,
    UnitsField,
    choose,
    choose_person,
)
from gridloop.faces.desk.present.duty import suggestion_for

FEWEST_PARTS, MOST_PARTS = 2, 4
SCORES = [
    (5, _("5 非常满意")),
    (4, _("4 满意")),
    (3, _("3 一般")),
    (2, _("2 不满意")),
    (1, _("1 非常不满意")),
]


# What the note is, where it is more than an explanation.
NOTE_LABELS = {
    "submit_result": _("处置结果"),
    "verify_fail": _("不通过的理由"),
    "close": _("办理结果（将告知上报人）"),
    "reject": _("答复说明（将告知上报人）"),
    "answer_from_above": _("上级答复（将告知上报人）"),
    "request_extension": _("申请理由"),
    "request_suspension": _("申请理由"),
    "annotate": _("批注（仅工作人员可见）"),
    "adjudicate": _("裁定理由"),
}


class NoteForm(forms.Form):
    """A verb that asks for nothing but a note. The version that the person saw travels along."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    note = forms.CharField(label=_("说明"), widget=LINES, required=False, max_length=2000)
    has_own_words = False  # the form asks for words elsewhere: an optional note would be in the way

    def __init__(self, *args: Any, verb: str, file: CaseFile, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.verb, self.file, self.actor = verb, file, actor
        self.fields["version"].initial = file.case.version
        self._prepare_note(is_needed=TRANSITIONS[verb].needs_note)
        self.prepare()

    def prepare(self) -> None:
        """Fill in what depends on the case."""

    def details(self) -> dict[str, Any]:
        """Return what the verb takes besides the note."""
        aside = {"version", "note", "evidence"}
        return {k: v for k, v in self.cleaned_data.items() if k not in aside and v is not None}

    @property
    def words(self) -> str:
        """The note that was written, if the form asks for one."""
        return str(self.cleaned_data.get("note", ""))

    @property
    def evidence(self) -> list[tuple[str, Checked]]:
        """Files that go into the case before the verb is made."""
        return list(self.cleaned_data.get("evidence", ()))

    def refresh(self, version: int) -> None:
        """Keep what was typed and let the next press be made on the case as it is now."""
        data = cast(QueryDict, self.data).copy()
        data["version"] = str(version)
        self.data = data

    def _prepare_note(self, *, is_needed: bool) -> None:
        if self.has_own_words and not is_needed:
            del self.fields["note"]
            return
        note = self.fields["note"]
        note.required = is_needed
        note.label = NOTE_LABELS.get(self.verb, note.label)
        self.order_fields([name for name in self.fields if name != "note"])


class EvidenceForm(NoteForm):
    """A note with photographs: what was done, or what is still wrong, can be seen."""

    evidence = FilesField(  # type: ignore[assignment]  # read back by the property of the same name
        label=_("现场照片或文件"), required=False, help_text=_("照片会去除拍摄位置等隐藏信息")
    )

    def prepare(self) -> None:
        self.order_fields(["version", "note", "evidence"])


class UnitsForm(NoteForm):
    lead_unit_id = UnitField(label=_("主办单位"))
    assist_unit_ids = UnitsField(label=_("协办单位"), required=False)
    assignee_id = PersonField(label=_("指定经办人"), help_text=_("限主办单位人员；同事仍可代办"))
    demand = forms.CharField(label=_("办理要求"), widget=LINES, required=False, max_length=1000)
    has_own_words = True

    def prepare(self) -> None:
        units = unit_groups()
        choose(self, "lead_unit_id", units)
        choose(self, "assist_unit_ids", units)
        choose_person(self)
        self.suggestion = suggestion_for(self.file)
        if self.suggestion:
            self.fields["lead_unit_id"].initial = self.suggestion.lead_unit_id
            self.fields["assist_unit_ids"].initial = list(self.suggestion.assist_unit_ids)


class SendBackForm(NoteForm):
    reason = forms.ChoiceField(label=_("退单理由"), choices=SendBackReason.choices, widget=forms.RadioSelect)


class RejectForm(NoteForm):
    reason = forms.ChoiceField(
        label=_("不予受理原因（将告知上报人）"), choices=RejectReason.choices, widget=forms.RadioSelect
    )


class TransferForm(NoteForm):
    from_unit_id = forms.TypedChoiceField(label=_("原承办单位"), coerce=int)
    to_unit_id = UnitField(label=_("改派给"))
    assignee_id = PersonField(label=_("指定经办人"), help_text=_("限新承办单位人员；同事仍可代办"))

    def prepare(self) -> None:
        held = {order.unit_id for order in self.file.active_orders()}
        choose(self, "from_unit_id", [(o.unit_id, o.unit.name) for o in self.file.running_orders()])
        choose(self, "to_unit_id", without(unit_groups(), held))
        choose_person(self)


class AssistantForm(NoteForm):
    unit_id = UnitField(label=_("协办单位"))
    demand = forms.CharField(label=_("办理要求"), widget=LINES, required=False, max_length=1000)
    has_own_words = True

    def prepare(self) -> None:
        choose(self, "unit_id", without(unit_groups(), {o.unit_id for o in self.file.active_orders()}))


class ExtensionForm(NoteForm):
    amount = forms.IntegerField(label=_("延长"), min_value=1, max_value=MOST_EXTENSION)

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
    text = forms.CharField(label=_("补充内容"), widget=LINES, max_length=4000)
    has_own_words = True


class AmendForm(NoteForm):
    title = forms.CharField(label=_("标题"), max_length=120)
    category_id = forms.TypedChoiceField(label=_("类别"), coerce=int, required=False, empty_value=None)
    urgency = forms.ChoiceField(label=_("紧急程度"), choices=Urgency.choices)
    demand = forms.ChoiceField(label=_("诉求类型"), choices=Demand.choices)
    address = forms.CharField(label=_("地址"), max_length=200, required=False)
    region_id = forms.TypedChoiceField(label=_("村（社区）"), coerce=int, required=False, empty_value=None)
    lon = forms.FloatField(label=_("经度"), required=False, min_value=-180, max_value=180)
    lat = forms.FloatField(label=_("纬度"), required=False, min_value=-90, max_value=90)

    def prepare(self) -> None:
        choose(self, "category_id", category_choices(), _("未分类"))
        choose(self, "region_id", region_choices(), _("不变，或按新位置自动确定"))
        for name in self.fields.keys() - {"version", "note", "region_id"}:
            self.fields[name].initial = getattr(self.file.case, name)

    def details(self) -> dict[str, Any]:
        given, case = super().details(), self.file.case
        is_moved = any(
            round(given.get(name) or 0, 6) != round(getattr(case, name) or 0, 6) for name in ("lon", "lat")
        )
        return given if is_moved else {k: v for k, v in given.items() if k not in {"lon", "lat"}}


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
    comment = forms.CharField(label=_("上报人意见"), widget=LINES, required=False, max_length=2000)
    has_own_words = True


class RateForm(NoteForm):
    attitude = forms.TypedChoiceField(label=_("对办理态度"), choices=SCORES, coerce=int)
    result = forms.TypedChoiceField(label=_("对办理结果"), choices=SCORES, coerce=int)
    comment = forms.CharField(label=_("意见"), widget=LINES, required=False, max_length=2000)
    has_own_words = True


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

    has_own_words = True

    def prepare(self) -> None:
        for n in range(1, MOST_PARTS + 1):
            self.fields[f"part_{n}"] = forms.CharField(
                label=_("第 %(n)s 部分") % {"n": n},
                widget=LINES,
                required=n <= FEWEST_PARTS,
                max_length=4000,
            )
            self.fields[f"category_{n}"] = forms.TypedChoiceField(
                label=_("第 %(n)s 部分的类别") % {"n": n},
                choices=[("", _("与原案件相同")), *category_choices()],
                coerce=int,
                required=False,
                empty_value=None,
            )

    def details(self) -> dict[str, Any]:
        given = [
            (self.cleaned_data[f"part_{n}"], self.cleaned_data[f"category_{n}"] or self.file.case.category_id)
            for n in range(1, MOST_PARTS + 1)
        ]
        return {"parts": [Part(text, category_id) for text, category_id in given if text]}


class AttachForm(NoteForm):
    files = FilesField(  # type: ignore[assignment]  # the form's own `files` is for its constructor alone
        label=_("文件"), help_text=_("图片、PDF、Word、Excel、音视频；图片会去除位置等隐藏信息")
    )
    is_public = forms.BooleanField(label=_("上报人可见"), required=False)
    has_own_words = True

    def details(self) -> dict[str, Any]:
        for _name, checked in self.cleaned_data["files"]:
            store(checked)
        return super().details()


class RevealForm(forms.Form):
    note = forms.CharField(label=_("查看理由（将记入日志）"), max_length=500)


VERB_FORMS: dict[str, type[NoteForm]] = {
    "submit_result": EvidenceForm,
    "verify_fail": EvidenceForm,
    "answer_from_above": EvidenceForm,
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
