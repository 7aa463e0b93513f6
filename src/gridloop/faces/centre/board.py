"""From figures to what the page draws: each number with its words and the list behind it, and the charts."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gridloop.base.shell.context import url_or_blank
from gridloop.base.shell.templatetags.gridloop_time import span
from gridloop.core.cases.labels import STATES, Label
from gridloop.core.cases.workflow import State
from gridloop.core.org.actors import Actor
from gridloop.faces.centre.figures import Figures, Share, figures

KEPT_S = 5.0
BLUE, GREEN = "#3d76cf", "#2f9e6e"


@dataclass(frozen=True, slots=True)
class Tile:
    """One number of the board; `url` is the list of the cases behind it."""

    name: str
    label: Label
    value: str
    url: str = ""
    hint: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of a list with its share of the longest, in percent."""

    name: Label
    count: int
    late: int
    url: str
    percent: int


@dataclass(frozen=True, slots=True)
class Board:
    """All that the page shows."""

    at: datetime
    tiles: list[Tile]
    states: list[Bar]
    categories: list[Bar]
    communities: list[Bar]
    units: list[Bar]
    trend: dict[str, Any]
    trend_table: list[list[Any]]


_kept: dict[tuple[int | None, str | None], tuple[float, Board]] = {}
_lock = threading.Lock()


def board_for(actor: Actor, now: datetime) -> Board:
    """Return the board of a post, made anew at most every few seconds, however many screens show it."""
    key = actor.post_id, get_language()
    with _lock:
        made_at, kept = _kept.get(key, (0.0, None))
        if kept and time.monotonic() - made_at < getattr(settings, "CENTRE_KEPT_S", KEPT_S):
            return kept
        made = board(figures(actor, now))
        _kept[key] = time.monotonic(), made
        return made


def board(found: Figures) -> Board:
    """Return what the page draws of the figures."""
    return Board(
        at=found.at,
        tiles=_tiles(found),
        states=_bars(found.by_state, "state", lambda share: STATES[State(str(share.key))]),
        categories=_bars(found.by_category, "category", lambda s: s.name or _("未分类")),
        communities=_bars(found.by_community, "region", lambda s: s.name or _("未定位到村（社区）")),
        units=_bars(found.late_units, "unit", lambda s: s.name, state="late"),
        trend=_trend(found),
        trend_table=_trend_table(found),
    )


def _tiles(found: Figures) -> list[Tile]:
    today, since = found.days[-1].day, found.since
    rate = f"{found.late / found.open:.1%}" if found.open else ""
    return [
        Tile("reported", _("今日上报"), str(found.reported_today), _list(since=today)),
        Tile("closed", _("今日办结"), str(found.closed_today), _list(state="closed_today")),
        Tile("open", _("在办"), str(found.open), _list(state="open")),
        Tile(
            "due",
            _("今日到期"),
            str(found.due_today),
            _list(state="due_today"),
            tone="warning" if found.due_today else "",
        ),
        Tile(
            "late",
            _("已超期"),
            str(found.late),
            _list(state="late"),
            hint=_("占在办 %(rate)s") % {"rate": rate} if rate else "",
            tone="danger" if found.late else "",
        ),
        Tile(
            "median",
            _("办结用时（中位）"),
            _span(found.median),
            _list(state="closed", since=since),
            hint=_("平均 %(span)s，近30天") % {"span": _span(found.average)},
        ),
        Tile(
            "satisfied",
            _("满意率"),
            "—" if found.satisfied is None else f"{found.satisfied:.1%}",
            _list(state="closed", since=since),
            hint=_("近30天 %(count)s 人评价") % {"count": found.ratings},
        ),
    ]


def _bars(
    shares: Iterable[Share], filter_name: str, label: Callable[[Share], Label], *, state: str = "open"
) -> list[Bar]:
    rows = list(shares)
    longest = max((row.count for row in rows), default=1)
    return [
        Bar(
            label(row),
            row.count,
            row.late,
            _list_of(row, filter_name, state),
            round(row.count / longest * 100),
        )
        for row in rows
    ]


def _list_of(share: Share, filter_name: str, state: str) -> str:
    if filter_name == "state":
        return _list(state=share.key)
    return _list(state=state, **{filter_name: share.key}) if share.key is not None else ""


def _list(**filters: object) -> str:
    url = url_or_blank("desk:cases")
    return f"{url}?{urlencode(filters)}" if url else ""


def _span(found: timedelta | None) -> str:
    return "—" if found is None else span(int(found.total_seconds() // 60))


def _trend(found: Figures) -> dict[str, Any]:
    lines = {_("上报"): [day.reported for day in found.days], _("办结"): [day.closed for day in found.days]}
    return {
        "color": [BLUE, GREEN],
        "legend": {"top": 0},
        "grid": {"left": 8, "right": 16, "top": 32, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "category", "data": [date_format(day.day, "n-j") for day in found.days]},
        "yAxis": {"type": "value", "minInterval": 1},
        "series": [
            {"type": "line", "name": name, "data": values, "showSymbol": False, "lineStyle": {"width": 3}}
            for name, values in lines.items()
        ],
    }


def _trend_table(found: Figures) -> list[list[Any]]:
    rows = [[date_format(day.day, "Y-m-d"), day.reported, day.closed] for day in reversed(found.days)]
    return [[_("日期"), _("上报"), _("办结")], *rows]
