"""What people type in rooms and about meetings."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridloop.base.common.ids import new_id
from gridloop.base.shell.fields import DayField, MomentField
from gridloop.base.shell.forms import FilesField, PickMany
from gridloop.capabilities.rooms.actions import Plan, Wish
from gridloop.capabilities.rooms.actions.rooms import BODY_LENGTH
from gridloop.capabilities.rooms.models import Invitation, Meeting, MessageKind, ResolutionKind
from gridloop.capabilities.rooms.models.meetings import TITLE_LENGTH, VENUE_LENGTH
from gridloop.capabilities.rooms.people import centre_units, units_at
from gridloop.capabilities.rooms.policies import Seat
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.cases.choices import unit_groups, unit_name
from gridloop.core.cases.models import Case
from gridloop.core.org.actors import Actor
from gridloop.core.org.posts import people_of, posts_of

Pairs = list[tuple[Any, Any]]
_LONG = {"rows": 8}


class KeyedForm(forms.Form):
    """A form that says the same thing once, however often it is sent."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, files: Any = None, **kwargs: Any) -> None:
        kwargs["initial"] = {"form_key": new_id(), **kwargs.get("initial", {})}
        super().__init__(data, files, **kwargs)

    def choose(self, name: str, choices: Iterable[Any], empty: Any = None) -> None:
        """Fill in what a field can be chosen from, with what is shown where nothing is chosen."""
        field: Any = self.fields[name]
        field.choices = [*([] if empty is None else [("", empty)]), *choices]


class UnitChoice(forms.TypedChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, empty_value=None, **kwargs)


class ManyChoice(forms.TypedMultipleChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, required=False, **kwargs)


class SayForm(KeyedForm):
    """Something said in a room."""

    body = forms.CharField(
        label=gettext_lazy("说点什么"),
        max_length=BODY_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("写“@单位名称”可提醒该单位；请不要写上报人的个人信息。"),
    )
    mentions = ManyChoice(label=gettext_lazy("提醒"), widget=forms.CheckboxSelectMultiple)
    kind = forms.ChoiceField(label=gettext_lazy("性质"), required=False)
    files = FilesField(label=gettext_lazy("附件"), required=False)  # type: ignore[assignment]

    def __init__(
        self, data: Any = None, files: Any = None, *, file: CaseFile, seat: Seat, actor: Actor, today: date
    ) -> None:
        super().__init__(data, files)
        table = dict.fromkeys([*units_at(file), *centre_units(file, today)])
        self.choose("mentions", [(key, unit_name(key)) for key in table if key != actor.unit_id])
        if seat.is_centre:
            kinds = (MessageKind.UPDATE, MessageKind.DECISION)
            self.choose("kind", [(kind.value, kind.label) for kind in kinds])
        else:
            del self.fields["kind"]


class TaskForm(KeyedForm):
    """A task for a unit at the table, or for one person of it."""

    title = forms.CharField(label=gettext_lazy("要做什么"), max_length=TITLE_LENGTH)
    unit_id = UnitChoice(label=gettext_lazy("责任单位"))
    person_id = UnitChoice(label=gettext_lazy("责任人"), required=False)
    due_on = DayField(label=gettext_lazy("完成期限"))

    def __init__(self, data: Any = None, *, file: CaseFile, today: date) -> None:
        super().__init__(data, initial={"due_on": today})
        units = list(dict.fromkeys([*units_at(file), *centre_units(file, today)]))
        self.choose("unit_id", [(key, unit_name(key)) for key in units])
        self.choose("person_id", people_by_unit(units, today), _("不指定，由单位安排"))


class MeetingForm(KeyedForm):
    """What a meeting is about, when and where, and who is asked."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = forms.CharField(label=gettext_lazy("议题"), max_length=TITLE_LENGTH)
    starts_at = MomentField(label=gettext_lazy("开始时间"))
    ends_at = MomentField(label=gettext_lazy("结束时间"))
    venue = forms.CharField(label=gettext_lazy("地点"), max_length=VENUE_LENGTH)
    case_numbers = forms.CharField(
        label=gettext_lazy("案件编号"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("一次会商可以有几个案件，编号之间用空格或换行分开。"),
    )
    agenda = forms.CharField(
        label=gettext_lazy("议程"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    unit_ids = ManyChoice(label=gettext_lazy("参会单位"), widget=PickMany)
    person_ids = ManyChoice(label=gettext_lazy("另请人员"), widget=PickMany)

    def __init__(self, data: Any = None, *, actor: Actor, today: date, initial: Any = None) -> None:
        super().__init__(data, initial=initial or {})
        self.actor = actor
        self.choose("unit_ids", unit_groups())
        self.choose("person_ids", people_by_unit(None, today))

    def clean_case_numbers(self) -> tuple[UUID, ...]:
        numbers = list(
            dict.fromkeys(self.cleaned_data["case_numbers"].replace("，", " ").replace("、", " ").split())
        )
        found = dict(
            Case.objects.visible_to(self.actor).filter(number__in=numbers).values_list("number", "pk")
        )
        missing = [number for number in numbers if number not in found]
        if missing:
            raise forms.ValidationError(
                _("没有找到案件：%(numbers)s。请核对编号。") % {"numbers": _("、").join(missing)}
            )
        return tuple(found[number] for number in numbers)

    def plan(self) -> Plan:
        """Return what was filled in as the action takes it."""
        given = self.cleaned_data
        return Plan(
            title=given["title"],
            venue=given["venue"],
            starts_at=given["starts_at"],
            ends_at=given["ends_at"],
            case_ids=given["case_numbers"],
            unit_ids=tuple(given["unit_ids"]),
            person_ids=tuple(given["person_ids"]),
            agenda=given["agenda"],
        )


class MinutesForm(forms.Form):
    """Who came, and what was said; two fields for each that was asked."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    chair = forms.CharField(label=gettext_lazy("主持人"), max_length=60, required=False)
    minutes = forms.CharField(label=gettext_lazy("会议纪要"), widget=forms.Textarea(attrs=_LONG))
    PRESENCE = (("", gettext_lazy("未登记")), ("yes", gettext_lazy("到会")), ("no", gettext_lazy("缺席")))
    _AS_BOOL = {"yes": True, "no": False}

    def __init__(self, data: Any = None, *, invitations: Iterable[Invitation], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.invited = list(invitations)
        for asked in self.invited:
            name = asked.person.get_full_name() if asked.person else asked.unit.name
            here = {True: "yes", False: "no"}.get(asked.is_present, "")  # type: ignore[arg-type]
            self.fields[f"present_{asked.pk}"] = forms.ChoiceField(
                label=_("%(name)s 是否到会") % {"name": name},
                choices=self.PRESENCE,
                required=False,
                initial=here,
            )
            self.fields[f"attendee_{asked.pk}"] = forms.CharField(
                label=_("%(name)s 出席人") % {"name": name},
                max_length=60,
                required=False,
                initial=asked.attendee,
            )

    @property
    def rows(self) -> list[tuple[Invitation, Any, Any]]:
        """Return each that was asked with its two fields."""
        return [(a, self[f"present_{a.pk}"], self[f"attendee_{a.pk}"]) for a in self.invited]

    def attendance(self) -> dict[int, tuple[bool | None, str]]:
        """Return who came, as the action takes it."""
        given = self.cleaned_data
        return {
            asked.pk: (self._AS_BOOL.get(given[f"present_{asked.pk}"]), given[f"attendee_{asked.pk}"])
            for asked in self.invited
        }


class ResolutionForm(KeyedForm):
    """A decision, and what is made of it; of the lower fields each kind needs its own."""

    text = forms.CharField(
        label=gettext_lazy("决定"), max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    kind = forms.ChoiceField(label=gettext_lazy("落实方式"), choices=ResolutionKind.choices)
    case_id = forms.TypedChoiceField(
        label=gettext_lazy("案件"), coerce=UUID, empty_value=None, required=False
    )
    from_unit_id = UnitChoice(label=gettext_lazy("原承办单位"), required=False)
    unit_id = UnitChoice(label=gettext_lazy("单位"), required=False)
    assist_unit_ids = ManyChoice(label=gettext_lazy("协办单位"), widget=PickMany)
    due_on = DayField(label=gettext_lazy("完成期限"), required=False)
    parts = forms.CharField(
        label=gettext_lazy("子案件"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("每行一个，至少两行。"),
    )

    def __init__(self, data: Any = None, *, cases: list[Case]) -> None:
        only = {"case_id": cases[0].pk} if len(cases) == 1 else {}
        super().__init__(data, initial=only)
        self.choose("case_id", [(c.pk, f"{c.number} {c.title}") for c in cases], _("不针对某个案件"))
        for name in ("unit_id", "from_unit_id"):
            self.choose(name, unit_groups(), _("请选择"))
        self.choose("assist_unit_ids", unit_groups())

    def wish(self) -> Wish:
        """Return what was filled in as the action takes it."""
        given = self.cleaned_data
        lines = tuple(line.strip() for line in given["parts"].splitlines() if line.strip())
        return Wish(
            text=given["text"],
            kind=given["kind"],
            case_id=given["case_id"],
            unit_id=given["unit_id"],
            from_unit_id=given["from_unit_id"],
            assist_unit_ids=tuple(given["assist_unit_ids"]),
            due_on=given["due_on"],
            parts=lines,
        )


class CancelForm(forms.Form):
    """Why a meeting does not take place."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label=gettext_lazy("取消原因"), widget=forms.Textarea(attrs={"rows": 3}))


def people_by_unit(unit_ids: list[int] | None, today: date) -> Pairs:
    """Return who works on cases, under the names of the units; of all units for None."""
    groups: dict[str, Pairs] = {}
    for user_id in people_of(on=today, unit_ids=unit_ids, permission="case.view"):
        for post in posts_of(user_id, today):
            if unit_ids is None or post.unit_id in unit_ids:
                groups.setdefault(post.unit.name, []).append((user_id, post.user.get_full_name()))
    return list(groups.items())


def initial_of(meeting: Meeting) -> dict[str, Any]:
    """Return what a form on a meeting that is planned starts with."""
    asked = list(meeting.invitations.all())
    return {
        "version": meeting.version,
        "title": meeting.title,
        "venue": meeting.venue,
        "agenda": meeting.agenda,
        "starts_at": meeting.starts_at,
        "ends_at": meeting.ends_at,
        "case_numbers": " ".join(meeting.cases.order_by("pk").values_list("number", flat=True)),
        "unit_ids": [row.unit_id for row in asked if row.person_id is None],
        "person_ids": [row.person_id for row in asked if row.person_id is not None],
    }


def initial_for(file: CaseFile | None) -> dict[str, Any]:
    """Return what a new meeting starts with: the case, the units that had to do with it, and a title."""
    if file is None:
        return {}
    units = list(dict.fromkeys(order.unit_id for order in file.orders))
    words = _("裁定主办单位：%(title)s") if file.case.is_adjudicating else _("联合处置：%(title)s")
    return {
        "title": (words % {"title": file.case.title})[:TITLE_LENGTH],
        "case_numbers": file.case.number,
        "unit_ids": units,
    }
