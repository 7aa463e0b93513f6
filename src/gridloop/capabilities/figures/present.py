"""From figures to what the pages draw: each number with the list of the cases behind it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from gridloop.capabilities.figures.briefs.facts import Looked
from gridloop.capabilities.figures.briefs.writing import period
from gridloop.capabilities.figures.formula import MEANINGS, TERMS, Rate
from gridloop.capabilities.figures.labels import BriefKind, What
from gridloop.capabilities.figures.models import Brief, Exclusion, Progress
from gridloop.capabilities.figures.reading import By
from gridloop.capabilities.figures.scores import Asked, Row, Scores
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.cases.choices import region_name, unit_name
from gridloop.core.org.actors import Actor


@dataclass(frozen=True, slots=True)
class Cell:
    """A rate of the table, and where the cases above and below its line are listed."""

    label: Any
    words: str
    above: int
    below: int
    above_url: str
    below_url: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table."""

    row: Row
    dispatched_url: str
    closed_url: str
    excluded_url: str
    cells: list[Cell]
    parts_url: str


def table(found: Scores, region_id: int | None) -> dict[str, Any]:
    """Return what the page of scores shows."""
    whole = Row(-1, _("合计"), found.whole)
    base: dict[str, Any] = {"month": f"{found.month:%Y-%m}", "by": found.by.value}
    if region_id is not None:
        base["region"] = region_id
    return {
        "found": found,
        "lines": [_line(row, base) for row in found.rows],
        "whole": _line(whole, base),
        "terms": [(term.label, MEANINGS[term.name]) for term in TERMS.values()],
        "month_words": _("%(y)s年%(m)s月") % {"y": found.month.year, "m": found.month.month},
        "region_name": region_name(region_id),
        "query": urlencode(base),
    }


def _line(row: Row, base: dict[str, Any]) -> Line:
    own = base if row.key < 0 else base | {"key": row.key}
    excluded = What.CLOSED if row.score.closed or not row.score.dispatched else What.DISPATCHED
    return Line(
        row,
        _list(own, What.DISPATCHED),
        _list(own, What.CLOSED),
        _list(own, excluded, excluded=1),
        [_cell(rate, own) for rate in row.score.rates.values()],
        f"{reverse('figures:home')}?{urlencode(base | {'region': row.key})}" if row.has_parts else "",
    )


def _cell(rate: Rate, own: dict[str, Any]) -> Cell:
    term = rate.term
    return Cell(
        term.label, rate.words, rate.above, rate.below, _list(own, term.above), _list(own, term.below)
    )


def _list(own: dict[str, Any], what: What, **more: Any) -> str:
    return f"{reverse('figures:cases')}?{urlencode(own | {'what': what.value} | more)}"


def figure(asked: Asked) -> dict[str, Any]:
    """Return the words for the figure whose cases are listed, and its opposite."""
    name = unit_name(asked.key) if asked.by == By.UNIT else region_name(asked.key)
    words: Any = What(asked.what).label
    if asked.without:
        words = _("%(what)s、但非%(without)s") % {"what": words, "without": What(asked.without).label}
    place = region_name(asked.region_id)
    back: dict[str, Any] = {"month": f"{asked.month:%Y-%m}", "by": asked.by.value}
    if asked.region_id:
        back["region"] = asked.region_id
    own = back if asked.key is None else back | {"key": asked.key}
    others = [
        (_("其中未%s") % What(term.above).label, _list(own, term.below, without=term.above.value))
        for term in TERMS.values()
        if term.below == asked.what and term.name in _MISSING and not asked.without and not asked.is_excluded
    ]
    return {
        "name": name or _("全部"),
        "place": place,
        "words": words,
        "is_excluded": asked.is_excluded,
        "month_words": _("%(y)s年%(m)s月") % {"y": asked.month.year, "m": asked.month.month},
        "back_url": f"{reverse('figures:home')}?{urlencode(back)}",
        "others": others,
    }


def listed(rows: Iterable[Any]) -> list[tuple[Any, str]]:
    """Return each case of a list with the unit for which it counts."""
    return [(row.case, unit_name(row.unit_id)) for row in rows]


_MISSING = ("response", "resolution", "satisfaction", "on_time")


def meanings() -> list[tuple[Any, Any]]:
    """Return each rate with what it means."""
    return [(term.label, MEANINGS[term.name]) for term in TERMS.values()]


def history_progress() -> bool:
    """Say whether history from before the figures is still being counted. One statement."""
    return not Progress.objects.filter(done_at__isnull=False).exists()


def briefs(rows: Iterable[Brief]) -> list[tuple[Brief, str]]:
    """Return each brief with its period in words."""
    return [(brief, _period(brief)) for brief in rows]


def brief_name(brief: Brief) -> str:
    """Return the name of its file."""
    return f"{brief.get_kind_display()}-{_period(brief)}"


def _period(brief: Brief) -> str:
    kind = BriefKind(brief.kind)
    days = Looked.around(kind, brief.starts_on).days
    return period({"since": days.since.isoformat(), "until": days.until.isoformat()}, kind)


def panel(file: CaseFile, actor: Actor, at: datetime) -> dict[str, Any] | None:
    """Return what the case page says of exclusion; None where there is nothing to say. One statement."""
    del at
    may_ask = actor.can("figures.ask_exclusion") and bool(file.orders) and not file.case.is_drill
    if not may_ask and not actor.can("figures.view"):
        return None
    newest = _newest(file.case.pk)
    is_open = newest is None or newest.is_granted is False
    if newest is None and not may_ask:
        return None
    url = reverse("figures:ask", args=[file.case.pk]) if may_ask and is_open else ""
    return {"exclusion": newest, "ask_url": url}


def _newest(case_id: UUID) -> Exclusion | None:
    found = Exclusion.objects.filter(case=case_id).select_related("unit")
    return found.order_by("-pk").first()
