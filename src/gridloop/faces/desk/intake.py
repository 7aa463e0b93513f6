"""From the desk's report form to a case."""

from datetime import datetime
from typing import Any

from gridloop.base.common.files import store
from gridloop.core.cases import actions
from gridloop.core.cases.labels import Channel, Demand
from gridloop.core.cases.models import Case
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.actors import Actor


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
