"""From the desk's report form to a case."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gridloop.base.common.errors import InvalidInput
from gridloop.base.common.files import store
from gridloop.core.cases import actions
from gridloop.core.cases.actions.given import check_point
from gridloop.core.cases.choices import region_name
from gridloop.core.cases.labels import Channel, Demand
from gridloop.core.cases.models import Case
from gridloop.core.catalogue.models import Urgency
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.actors import Actor
from gridloop.core.org.locate import locate

MOST_SUGGESTED = 3


@dataclass(frozen=True, slots=True)
class Suggested:
    """A category that the words of a text speak for; `share` is its percentage of all that speak."""

    category_id: int
    name: str
    main: str
    icon: str
    words: tuple[str, ...]
    share: int


def suggested(text: str) -> list[Suggested]:
    """Return the likeliest categories, best first, each with the words that fired."""
    book = rulebook()
    found = []
    for one in book.suggest(text, MOST_SUGGESTED):
        category = book.category(one.category_id)
        main = book.category(category.parent_id) if category else None
        if category and main:
            share = round(one.score * 100)
            found.append(Suggested(category.id, category.name, main.name, category.icon, one.words, share))
    return found


@dataclass(frozen=True, slots=True)
class PlaceWords:
    """Where a point lies, and how that was found: inside, nearest or outside."""

    region: str
    match: str


def place_at(lon: str | None, lat: str | None) -> PlaceWords | None:
    """Return the region of a point as it was typed; None where it is no point."""
    with suppress(InvalidInput, TypeError, ValueError):
        x, y = float(lon or ""), float(lat or "")
        check_point(x, y)
        found = locate(x, y)
        return PlaceWords(region_name(found.region_id), found.match.value)
    return None


def report_from(given: dict[str, Any], *, actor: Actor, at: datetime) -> Case:
    """
    Report what the form holds, with its files, and close it where it was solved on the spot.

    A category that was left open is the best suggestion. The form's own key makes a second press the same
    case.
    """
    category_id = given["category_id"]
    if category_id is None:
        category_id = next((s.category_id for s in rulebook().suggest(given["description"], 1)), None)
    intake = actions.Intake(
        description=given["description"],
        channel=Channel(given["channel"]),
        category_id=category_id,
        demand=Demand(given["demand"]),
        urgency=Urgency(given["urgency"]) if given["urgency"] else None,
        address=given["address"],
        lon=given["lon"],
        lat=given["lat"],
        region_id=given["region_id"],
        is_confidential=given["is_confidential"],
        reporter=actions.ReporterData(given["name"], given["phone"]),
    )
    case = actions.report(intake, actor=actor, at=at, case_id=given["case_id"])
    if given["files"] and case.version == 1:
        for _name, checked in given["files"]:
            store(checked)
        case = actions.attach(case.pk, actor=actor, at=at, files=given["files"])
    if given.get("solved") and case.state == "reported":
        case = actions.close_on_spot(case.pk, actor=actor, at=at, note=given["solved"])
    return case
