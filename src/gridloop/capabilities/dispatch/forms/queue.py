"""The queue's filters: read from the address, so that a filtered queue can be sent to a colleague."""

import math
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import numpy as np
import shapely
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from gridloop.base.common.ids import read_tracking_code
from gridloop.base.common.textsearch import query_lexemes, tsquery_literal
from gridloop.capabilities.dispatch.options import Proposals
from gridloop.core.cases.choices import category_choices, region_choices
from gridloop.core.cases.labels import Channel
from gridloop.core.cases.models import Case, CaseWords
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.locate import ids_below, path_of

SURE, ASK = "sure", "ask"
MOST_CORNERS = 500
_OUTSIDE = _("圈选的范围读不懂，请在地图上重新圈选。")


class AreaField(forms.CharField):
    """What was drawn on the map: corners as `lon,lat` in WGS-84, parted by blanks; clean gives a polygon."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return _polygon(text) if text else None


class QueueFilter(forms.Form):
    """What the queue can be narrowed by."""

    q = forms.CharField(label=_("关键词或编号"), required=False, max_length=100)
    category = forms.TypedChoiceField(label=_("类别"), required=False, coerce=int, empty_value=None)
    region = forms.TypedChoiceField(label=_("村（社区）"), required=False, coerce=int, empty_value=None)
    channel = forms.ChoiceField(label=_("来源"), required=False, choices=[("", _("全部")), *Channel.choices])
    certainty = forms.ChoiceField(
        label=_("把握"),
        required=False,
        choices=[("", _("全部")), (SURE, _("可直接派遣")), (ASK, _("请人工判断"))],
    )
    boundary = forms.BooleanField(label=_("只看交界件"), required=False)
    late = forms.BooleanField(label=_("只看已超期"), required=False)
    area = AreaField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mains = [(c.id, c.name) for c in rulebook().main()]
        categories = [("", _("全部")), (_("大类"), mains), *category_choices()]
        self.fields["category"].choices = categories  # type: ignore[attr-defined]
        self.fields["region"].choices = [("", _("全部")), *region_choices()]  # type: ignore[attr-defined]

    @property
    def asks_proposals(self) -> bool:
        """Whether the filter is by what is proposed, which no column knows."""
        return self.is_valid() and bool(self.cleaned_data["certainty"] or self.cleaned_data["boundary"])

    @property
    def area_text(self) -> str:
        return str(self.data.get("area", "")) if self.is_valid() and self.cleaned_data["area"] else ""

    def shown(self) -> list[forms.BoundField]:
        return [field for field in self if not field.is_hidden]

    def narrow(self, cases: QuerySet[Case], *, now: datetime) -> QuerySet[Case]:
        """Return the cases that pass what columns know; an invalid filter lets nothing pass."""
        if not self.is_valid():
            return cases.none()
        given = self.cleaned_data
        if given["category"]:
            children = [c.id for c in rulebook().sub(given["category"])]
            cases = cases.filter(category__in=[given["category"], *children])
        if given["region"]:
            cases = cases.filter(region__in=ids_below(path_of(given["region"])))
        if given["channel"]:
            cases = cases.filter(channel=given["channel"])
        if given["late"]:
            cases = cases.filter(due_at__lt=now)
        if given["area"] is not None:
            cases = _within(cases, given["area"])
        return _with_words(cases, given["q"])

    def passes(self, proposals: Proposals) -> bool:
        """Return whether what is proposed for a case passes the filter."""
        given = self.cleaned_data
        if given["boundary"] and proposals.boundary is None:
            return False
        return not given["certainty"] or (given["certainty"] == SURE) == proposals.is_certain


def cleaned(query: QueryDict) -> str:
    """Return the filters of an address without what is empty and without the place in the list."""
    pairs = [(k, v) for k, values in query.lists() for v in values if v and k in QueueFilter.base_fields]
    return urlencode(pairs)


def _with_words(cases: QuerySet[Case], text: str) -> QuerySet[Case]:
    words = query_lexemes(text)
    if not words:
        return cases
    found = CaseWords.objects.filter(words__holds=tsquery_literal(words)).values("case")
    return cases.filter(Q(pk__in=found) | Q(number=read_tracking_code(text)[:20]))


def _within(cases: QuerySet[Case], area: shapely.Polygon) -> QuerySet[Case]:
    """Narrow to the points in the polygon: its box by the index, its shape in memory; one statement more."""
    west, south, east, north = area.bounds
    box = cases.filter(lon__gte=west, lon__lte=east, lat__gte=south, lat__lte=north)
    rows = list(box.values_list("pk", "lon", "lat"))
    if not rows:
        return cases.none()
    keys, lons, lats = zip(*rows, strict=True)
    inside = shapely.contains_xy(area, np.array(lons), np.array(lats))
    return cases.filter(pk__in=[key for key, is_inside in zip(keys, inside, strict=True) if is_inside])


def _polygon(text: str) -> shapely.Polygon:
    try:
        corners = [[float(part) for part in corner.split(",")] for corner in text.split()]
    except ValueError as error:
        raise ValidationError(_OUTSIDE) from error
    is_whole = 3 <= len(corners) <= MOST_CORNERS and all(len(c) == 2 for c in corners)
    if not is_whole or not all(math.isfinite(x) and abs(x) <= 180 for c in corners for x in c):
        raise ValidationError(_OUTSIDE)
    # A line that was drawn freely may cross itself; buffering by nothing would drop a loop, make_valid
    # keeps all.
    shape = shapely.make_valid(shapely.Polygon(corners))
    if shape.is_empty or not shape.area:
        raise ValidationError(_OUTSIDE)
    return shape
