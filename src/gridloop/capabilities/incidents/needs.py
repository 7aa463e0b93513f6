"""What is looked for: the roles of the plan, or every kind of resource; or what somebody asks for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gridloop.capabilities.incidents.finding import Around, Group, Need, find
from gridloop.capabilities.incidents.models import Incident, ResourceKind


def needs_of(incident: Incident) -> list[Need]:
    """Return the roles of the plan; without one, one need for each kind."""
    if incident.plan is None:
        return [Need(kind.value, str(kind.label), count=0) for kind in ResourceKind]
    return [
        Need(
            kind=role["kind"],
            label=role["label"],
            skills=tuple(role["skills"]),
            count=role["count"],
            radius_m=role["radius_m"],
            preassigned=tuple(role["resources"]),
        )
        for role in incident.plan.roles
    ]


@dataclass(frozen=True, slots=True)
class Search:
    """What a commander looks for beyond the plan; blank is no wish."""

    kind: str = ""
    skill: str = ""
    only_on_duty: bool = False

    @property
    def is_wide(self) -> bool:
        return bool(self.kind or self.skill)


def groups_for(incident: Incident, search: Search, now: datetime) -> list[Group]:
    """Return the candidates by role, at most nine each: the plan's roles, or what is searched for."""
    around = Around(
        incident.lon,
        incident.lat,
        now,
        incident.pk,
        is_drill=incident.is_drill,
        only_on_duty=search.only_on_duty,
    )
    return find(_wanted(incident, search), around)


def _wanted(incident: Incident, search: Search) -> list[Need]:
    if not search.is_wide:
        return needs_of(incident)
    kinds: Any = [ResourceKind(search.kind)] if search.kind else ResourceKind
    skills = (search.skill,) if search.skill else ()
    return [Need(kind.value, str(kind.label), skills, count=0) for kind in kinds]
