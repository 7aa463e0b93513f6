"""What the screen draws in each mode, made anew at most every few seconds, however many screens show it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias
from uuid import UUID

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gridloop.capabilities.figures.labels import What
from gridloop.core.cases.labels import STATES
from gridloop.core.cases.workflow import State
from gridloop.core.org.actors import Actor
from gridloop.faces.centre.analysis import PERIODS, Analysis, Part, Repeated, analysis
from gridloop.faces.centre.charts import trend_chart, trend_table
from gridloop.faces.centre.counting import Share
from gridloop.faces.centre.duty import Duty, duty
from gridloop.faces.centre.emergency import emergency
from gridloop.faces.centre.tiles import Tile, bars, by_key, cases_url, duration, late_url
from gridloop.faces.centre.visit import Visit, visit

KEPT_S = 5.0
FORGOTTEN_S = 600.0
Board: TypeAlias = dict[str, Any]

_kept: dict[tuple[object, ...], tuple[float, Board]] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Ask:
    """What of a mode is asked for: so many days back, one incident."""

    days: int = PERIODS[0]
    incident: UUID | None = None


def board_for(actor: Actor, mode: str, now: datetime, ask: Ask) -> Board:
    """Return the board of a post in a mode."""
    key = actor.post_id, get_language(), mode, ask
    with _lock:
        made_at, kept = _kept.get(key, (0.0, {}))
        if kept and time.monotonic() - made_at < getattr(settings, "CENTRE_KEPT_S", KEPT_S):
            return kept
        made = _MAKERS[mode](actor, now, ask)
        _forget()
        _kept[key] = time.monotonic(), made
        return made


def _forget() -> None:
    """Let go of what nobody asks for any more: the boards kept are those of the screens that are on."""
    old = time.monotonic() - FORGOTTEN_S
    for key in [key for key, (made_at, _board) in _kept.items() if made_at < old]:
        del _kept[key]


def _duty(actor: Actor, now: datetime, _ask: Ask) -> Board:
    found = duty(actor, now)
    return {
        "at": found.at,
        "tiles": _duty_tiles(found),
        "queue": found.queue,
        "soon": found.soon,
        "overdue": found.overdue,
        "states": bars(found.by_state, lambda s: STATES[State(str(s.key))], by_key("state")),
        "units": bars(found.late_units, lambda s: s.name, late_url),
        "communities": bars(
            sorted(found.communities, key=lambda s: (-s.late, -s.count)),
            lambda s: s.name or _("未定位到村（社区）"),
            by_key("region", state="open"),
        ),
    }


def _duty_tiles(found: Duty) -> list[Tile]:
    rate = f"{found.late / found.open:.1%}" if found.open else ""
    states = found.states
    waiting = [
        _state_tile("to_register", State.REPORTED, _("待受理"), states),
        _state_tile("to_dispatch", State.REGISTERED, _("待派遣"), states),
        _state_tile("to_sign", State.DISPATCHED, _("待签收"), states),
    ]
    return [
        Tile(
            "late",
            _("已超期"),
            str(found.late),
            cases_url(state="late"),
            hint=_("占在办 %(rate)s") % {"rate": rate} if rate else "",
            tone="danger" if found.late else "",
        ),
        Tile(
            "due",
            _("今日到期"),
            str(found.due_today),
            cases_url(state="due_today"),
            tone="warning" if found.due_today else "",
        ),
        *waiting,
        Tile("open", _("在办"), str(found.open), cases_url(state="open")),
        Tile("reported", _("今日上报"), str(found.reported_today), cases_url(since=found.today)),
        Tile("closed", _("今日办结"), str(found.closed_today), cases_url(state="closed_today")),
    ]


def _state_tile(name: str, state: State, label: str, states: dict[str, int]) -> Tile:
    return Tile(name, label, str(states.get(state, 0)), cases_url(state=state.value))


def _analysis(actor: Actor, now: datetime, ask: Ask) -> Board:
    found = analysis(actor, now, days=ask.days)
    back = {"since": found.since}
    return {
        "at": found.at,
        "days": ask.days,
        "tiles": _analysis_tiles(found),
        "trend": trend_chart(found.days),
        "trend_table": trend_table(found.days),
        "areas": bars(
            found.areas,
            lambda p: p.name or _("未定位到村（社区）"),
            by_key("region", **back),
            hint=_change,
        ),
        "categories": bars(
            found.categories, lambda p: p.name or _("未分类"), by_key("category", **back), hint=_change
        ),
        "channels": bars(found.channels, lambda p: p.name, by_key("channel", **back), hint=_change),
        "repeated": [(place, _place_url(place, found.since)) for place in found.repeated],
    }


def _analysis_tiles(found: Analysis) -> list[Tile]:
    whole = Part(None, "", found.reported, found.reported_before)
    since, closed = {"since": found.since}, {"state": "closed", "since": found.since}
    came = _("期内上报") if found.came == What.REPORTED else _("期内交办")
    rated = "—" if found.satisfied is None else f"{found.satisfied:.1%}"
    return [
        Tile("reported", came, str(found.reported), cases_url(**since), hint=_change(whole)),
        Tile("closed", _("期内办结"), str(found.closed), cases_url(closed_since=found.since, state="closed")),
        Tile(
            "median",
            _("办结用时（中位）"),
            duration(found.median),
            cases_url(**closed),
            hint=_("平均 %(span)s") % {"span": duration(found.average)},
        ),
        Tile(
            "satisfied",
            _("满意率"),
            rated,
            cases_url(**closed),
            hint=_("%(count)s 人评价") % {"count": found.ratings},
        ),
    ]


def _change(part: Part) -> str:
    """Say how a part stands to the period before; small numbers are compared as numbers, not in percent."""
    if part.before == 0:
        return _("上期没有") if part.count else ""
    if part.before < 10:
        return _("上期 %(before)s") % {"before": part.before}
    return _("比上期 %(change)s") % {"change": f"{part.count / part.before - 1:+.0%}"}


def _place_url(place: Repeated, since: date) -> str:
    half = 0.00025
    box = (place.lon - half, place.lat - half, place.lon + half, place.lat + half)
    return cases_url(bbox=",".join(f"{side:.5f}" for side in box), category=place.category_id, since=since)


def _incident(actor: Actor, now: datetime, ask: Ask) -> Board:
    found = emergency(actor, now, wanted=ask.incident)
    counts = found.board.counts if found.board else []
    tiles = [Tile(step, label, str(count), found.url) for step, label, count in counts]
    return {"at": found.at, "emergency": found, "tiles": tiles}


def _visit(actor: Actor, now: datetime, _ask: Ask) -> Board:
    found = visit(actor, now)
    return {
        "at": found.at,
        "tiles": _visit_tiles(found),
        "trend": trend_chart(found.days),
        "trend_table": trend_table(found.days),
        "states": _unlinked(found.by_state, state=True),
        "categories": _unlinked(found.categories),
        "communities": _unlinked(found.communities),
    }


def _unlinked(shares: list[Share], *, state: bool = False) -> list[Any]:
    return bars(shares, lambda s: STATES[State(str(s.key))] if state else s.name, lambda _s: "")


def _visit_tiles(found: Visit) -> list[Tile]:
    month = found.days
    return [
        Tile("reported", _("今日上报"), str(month[-1].reported)),
        Tile("closed", _("今日办结"), str(month[-1].closed)),
        Tile("open", _("在办"), str(found.open)),
        Tile("in_time", _("期限内"), "—" if found.in_time is None else f"{found.in_time:.1%}"),
        Tile("month_reported", _("近30天上报"), str(sum(day.reported for day in month))),
        Tile("month_closed", _("近30天办结"), str(sum(day.closed for day in month))),
    ]


_MAKERS: dict[str, Callable[[Actor, datetime, Ask], Board]] = {
    "duty": _duty,
    "analysis": _analysis,
    "incident": _incident,
    "visit": _visit,
}
