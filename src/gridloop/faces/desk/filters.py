"""The list's filters: read from the address, so that a filtered list can be sent to a colleague."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gridloop.base.common.boxes import Box, read_box
from gridloop.base.common.days import midnight
from gridloop.base.common.errors import InvalidInput
from gridloop.base.common.ids import first_id
from gridloop.core.cases.choices import category_choices, region_choices, unit_groups
from gridloop.core.cases.labels import STATES, Channel, Demand
from gridloop.core.cases.models import Case, OrderRole, WorkOrder
from gridloop.core.cases.workflow import ACTIVE_ORDERS, OPEN, State
from gridloop.core.catalogue.models import Urgency
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.locate import ids_below, path_of

# What no single state says.
GROUPS = {
    "open": _("在办"),
    "late": _("已超期"),
    "due_today": _("今日到期"),
    "closed_today": _("今日办结"),
}
DRILLS = {"": _("不含演练"), "with": _("含演练"), "only": _("只看演练")}
RARE = ("lead", "channel", "demand", "urgency", "drill", "since", "until", "closed_since", "bbox")


@dataclass(frozen=True, slots=True)
class QuickList:
    """A list that everybody keeps: its filters as a query string."""

    label: str | Promise
    query: str
    is_current: bool


def quick_lists(query: str) -> list[QuickList]:
    """Return the lists that everybody asks for, with the one that `query` stands for marked."""
    wanted = {"": _("全部"), "state=open": _("在办"), "state=late": _("已超期"), "state=closed": _("已结案")}
    return [QuickList(label, one, one == query) for one, label in wanted.items()]


def cleaned(query: QueryDict) -> str:
    """Return the filters of an address without what is empty and without the place in the list."""
    pairs = [(k, v) for k, values in query.lists() for v in values if v and k in CaseFilter.base_fields]
    return urlencode(pairs)


def _any(choices: Any) -> list[tuple[str, Any]]:
    return [("", _("全部")), *choices]


def _day(label: Any) -> forms.DateField:
    # Keys count from 1970, and the day after the last one of the calendar is none.
    within = [MinValueValidator(date(1970, 1, 2)), MaxValueValidator(date(9998, 12, 31))]
    widget = forms.DateInput({"type": "date"})
    return forms.DateField(label=label, required=False, widget=widget, validators=within)


class CaseFilter(forms.Form):
    """What the list can be narrowed by."""

    q = forms.CharField(label=_("关键词"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=_any([*GROUPS.items(), *((s.value, STATES[s]) for s in State)]),
    )
    category = forms.TypedChoiceField(label=_("类别"), required=False, coerce=int, empty_value=None)
    region = forms.TypedChoiceField(label=_("村（社区）"), required=False, coerce=int, empty_value=None)
    unit = forms.TypedChoiceField(label=_("承办单位"), required=False, coerce=int, empty_value=None)
    channel = forms.ChoiceField(label=_("来源"), required=False, choices=_any(Channel.choices))
    demand = forms.ChoiceField(label=_("诉求"), required=False, choices=_any(Demand.choices))
    urgency = forms.ChoiceField(label=_("紧急程度"), required=False, choices=_any(Urgency.choices))
    drill = forms.ChoiceField(label=_("演练"), required=False, choices=list(DRILLS.items()))
    since = _day(_("上报日期从"))
    until = _day(_("到"))
    lead = forms.TypedChoiceField(label=_("现主办单位"), required=False, coerce=int, empty_value=None)
    closed_since = _day(_("结束日期从"))
    bbox = forms.CharField(label=_("地图范围（西,南,东,北）"), required=False, max_length=80)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        categories = [(c.id, c.name) for c in rulebook().main()]
        found = {
            "category": [(_("大类"), categories), *category_choices()],
            "region": region_choices(),
            "unit": unit_groups(),
            "lead": unit_groups(),
        }
        for name, choices in found.items():
            self.fields[name].choices = _any(choices)  # type: ignore[attr-defined]

    @property
    def words(self) -> str:
        """What is to be searched for; nothing where a filter is invalid."""
        return str(self.cleaned_data["q"]).strip() if self.is_valid() else ""

    @property
    def is_wide(self) -> bool:
        """Whether one of the rarer filters is in use, so that they are to be seen."""
        return self.is_valid() and any(self.cleaned_data[name] for name in RARE)

    def often(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in RARE]

    def rare(self) -> list[forms.BoundField]:
        # A window of the map comes by a link; nobody types one.
        return [self[name] for name in RARE if name != "bbox" or self["bbox"].value()]

    def clean_bbox(self) -> Box | None:
        text = self.cleaned_data["bbox"]
        try:
            return read_box(text) if text else None
        except InvalidInput as error:
            raise forms.ValidationError(error.message) from error

    def narrow(self, cases: QuerySet[Case], *, now: datetime) -> QuerySet[Case]:
        """
        Return the cases that pass; words are left to `search.by_words`. An invalid filter lets nothing pass.
        """
        if not self.is_valid():
            return cases.none()
        given = self.cleaned_data
        cases = _by_state(cases, given["state"], now)
        if given["drill"] != "with":
            cases = cases.filter(is_drill=given["drill"] == "only")
        for name in ("channel", "demand", "urgency"):
            if given[name]:
                cases = cases.filter(**{name: given[name]})
        cases = _by_place(_by_holder(cases, given), given)
        if given["category"]:
            cases = cases.filter(category__in=_with_children(given["category"]))
        if given["closed_since"]:
            cases = cases.filter(closed_at__gte=midnight(given["closed_since"]))
        if given["since"]:
            cases = cases.filter(pk__gte=first_id(midnight(given["since"])))
        if given["until"]:
            cases = cases.filter(pk__lt=first_id(midnight(given["until"] + timedelta(days=1))))
        return cases


def _by_state(cases: QuerySet[Case], state: str, now: datetime) -> QuerySet[Case]:
    match state:
        case "":
            return cases
        case "open":
            return cases.filter(state__in=sorted(OPEN))
        case "due_today":
            return cases.filter(state__in=sorted(OPEN), due_at__gte=now, due_at__lt=_midnight_after(now))
        case "closed_today":
            return cases.filter(state=State.CLOSED, closed_at__gte=_midnight_after(now) - timedelta(days=1))
        case "late":
            return cases.filter(state__in=sorted(OPEN), due_at__lt=now)
    return cases.filter(state=state)


def _by_holder(cases: QuerySet[Case], given: dict[str, Any]) -> QuerySet[Case]:
    """Narrow to a unit's part in the case, whatever came of it, and to who holds the lead now."""
    if given["unit"]:
        cases = cases.filter(pk__in=WorkOrder.objects.filter(unit=given["unit"]).values("case"))
    if given["lead"]:
        held = WorkOrder.objects.filter(
            unit=given["lead"], role=OrderRole.LEAD, state__in=sorted(ACTIVE_ORDERS)
        )
        cases = cases.filter(pk__in=held.values("case"))
    return cases


def _by_place(cases: QuerySet[Case], given: dict[str, Any]) -> QuerySet[Case]:
    if given["region"]:
        cases = cases.filter(region__in=ids_below(path_of(given["region"])))
    if given["bbox"]:
        west, south, east, north = given["bbox"]
        cases = cases.filter(lon__gte=west, lon__lt=east, lat__gte=south, lat__lt=north)
    return cases


def _midnight_after(now: datetime) -> datetime:
    return midnight(timezone.localdate(now) + timedelta(days=1))


def _with_children(category_id: int) -> list[int]:
    return [category_id, *(c.id for c in rulebook().sub(category_id))]
