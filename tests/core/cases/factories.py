"""A town with people of every role, and cases brought to a state by the verbs themselves."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from gridloop.core.audit.models import Entry
from gridloop.core.cases import actions
from gridloop.core.cases.actions import Intake
from gridloop.core.cases.labels import Channel, RejectReason, SendBackReason
from gridloop.core.cases.models import Case
from gridloop.core.cases.workflow import State
from gridloop.core.org import actions as org
from gridloop.core.org.actors import REPORTER, Actor, actor_of
from gridloop.core.org.permissions import APPOINTABLE, Role
from gridloop.demo.calendar import fill as fill_calendar
from tests.core.catalogue.factories import Catalogue, make_catalogue
from tests.core.org.factories import NOW, Town, make_person, make_post, make_town

AT = NOW  # a Monday, nine in the morning
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

# Where each role stands in the tests: the unit and the region of its post.
SEATS = {
    Role.GRID_WORKER: ("committee", "village"),
    Role.HANDLER: ("office", "town"),
    Role.UNIT_LEAD: ("office", "town"),
    Role.OPERATOR: ("centre", "town"),
    Role.LEADER: ("centre", "town"),
    Role.SECRETARY: ("committee", "village"),
    Role.MEDIATOR: ("office", "town"),
    Role.INSPECTOR: ("office", "town"),
    Role.LIAISON: ("office", "town"),
    Role.AUDITOR: ("centre", "town"),
    Role.ADMIN: ("centre", "town"),
}


@dataclass
class World:
    """The town, its rulebook, and one actor for each role that people can have."""

    town: Town
    catalogue: Catalogue
    actors: dict[Role, Actor] = field(default_factory=dict)

    @property
    def operator(self) -> Actor:
        return self.actors[Role.OPERATOR]

    @property
    def handler(self) -> Actor:
        return self.actors[Role.HANDLER]

    @property
    def leader(self) -> Actor:
        return self.actors[Role.LEADER]

    @property
    def worker(self) -> Actor:
        return self.actors[Role.GRID_WORKER]

    @property
    def lead_unit(self) -> int:
        return self.town.office.pk


def make_world(*, boundaries: bool = False) -> World:
    town = make_town(boundaries=boundaries)
    fill_calendar(date(2025, 1, 1), max(date(2026, 12, 31), timezone.localdate()))
    hours = [(time(9), time(12)), (time(13), time(18))]
    org.set_working_hours(hours, valid_from=date(2025, 1, 1))
    world = World(town, make_catalogue())
    for role in APPOINTABLE:
        world.actors[role] = add_person(world, role, *SEATS[role])
    return world


def add_person(world: World, role: Role, unit: str, region: str, name: str = "") -> Actor:
    """Appoint one more person and return them as an actor."""
    person = make_person(name or role.value, full_name=f"演示{role.value}")
    return actor_of(make_post(person, getattr(world.town, unit), role, getattr(world.town, region)))


def holder_of(case: Case) -> Actor:
    """Return who holds the case's tracking code."""
    return replace(REPORTER, holds=case.pk)


def intake(world: World, **changes: Any) -> Intake:
    values: dict[str, Any] = {
        "description": "柳桥路口有一堆建筑垃圾没人清理",
        "channel": Channel.GRID,
        "category_id": world.catalogue.litter.pk,
        "region_id": world.town.grid.pk,
    }
    return Intake(**values | changes)


def reported(world: World, at: datetime = AT, **changes: Any) -> Case:
    return actions.report(intake(world, **changes), actor=world.worker, at=at)


def registered(world: World, at: datetime = AT, **changes: Any) -> Case:
    case = reported(world, at, **changes)
    return actions.register(case.pk, actor=world.operator, at=at + MINUTE)


def dispatched(world: World, at: datetime = AT, *, assistants: tuple[int, ...] = (), **changes: Any) -> Case:
    case = registered(world, at, **changes)
    return actions.dispatch(
        case.pk,
        actor=world.operator,
        at=at + 2 * MINUTE,
        lead_unit_id=world.lead_unit,
        assist_unit_ids=assistants,
    )


def handling(world: World, at: datetime = AT, **changes: Any) -> Case:
    case = dispatched(world, at, **changes)
    return actions.sign_for(case.pk, actor=world.handler, at=at + 3 * MINUTE)


def handled(world: World, at: datetime = AT, **changes: Any) -> Case:
    case = handling(world, at, **changes)
    return actions.submit_result(case.pk, actor=world.handler, at=at + 4 * MINUTE, note="已清运")


def verified(world: World, at: datetime = AT, **changes: Any) -> Case:
    case = handled(world, at, **changes)
    return actions.verify_pass(case.pk, actor=world.operator, at=at + 5 * MINUTE)


def closed(world: World, at: datetime = AT, **changes: Any) -> Case:
    case = verified(world, at, **changes)
    return actions.close(case.pk, actor=world.operator, at=at + 6 * MINUTE)


def rejected(world: World, at: datetime = AT, **changes: Any) -> Case:
    case = reported(world, at, **changes)
    return actions.reject(
        case.pk,
        actor=world.operator,
        at=at + MINUTE,
        reason=next(iter(RejectReason)),
        note="不属于受理范围",
    )


def suspended(world: World, at: datetime = AT, **changes: Any) -> Case:
    case = handling(world, at, **changes)
    actions.request_suspension(
        case.pk, actor=world.handler, at=at + 4 * MINUTE, until=at + 10 * DAY, note="等施工许可"
    )
    return actions.grant_suspension(case.pk, actor=world.leader, at=at + 5 * MINUTE)


def escalated(world: World, at: datetime = AT, **changes: Any) -> Case:
    case = registered(world, at, **changes)
    return actions.escalate(
        case.pk, actor=world.leader, at=at + 2 * MINUTE, to="区城管局", note="超出本级权限"
    )


def merged(world: World, at: datetime = AT, **changes: Any) -> Case:
    master = registered(world, at)
    case = reported(world, at, **changes)
    return actions.merge(case.pk, actor=world.operator, at=at + 2 * MINUTE, into=master.pk)


def withdrawn(world: World, at: datetime = AT, **changes: Any) -> Case:
    case = reported(world, at, **changes)
    return actions.withdraw(case.pk, actor=holder_of(case), at=at + MINUTE)


IN_STATE = {
    State.REPORTED: reported,
    State.REGISTERED: registered,
    State.DISPATCHED: dispatched,
    State.HANDLING: handling,
    State.HANDLED: handled,
    State.CLOSED: closed,
    State.REJECTED: rejected,
    State.MERGED: merged,
    State.WITHDRAWN: withdrawn,
    State.SUSPENDED: suspended,
    State.ESCALATED: escalated,
}


def send_back(world: World, case: Case, at: datetime) -> Case:
    return actions.send_back(
        case.pk,
        actor=world.handler,
        at=at,
        reason=next(iter(SendBackReason)),
        note="履职清单中由城管办负责",
    )


def last_line(case: Case) -> Entry:
    """Return the newest line of the case's log."""
    return Entry.objects.filter(stream=case.pk).latest("seq")


def running(case: Case) -> set[tuple[str, int | None]]:
    """Return the clocks that run, as (stage, unit of the work order)."""
    clocks = case.clocks.running().select_related("order")
    return {(clock.stage, clock.order.unit_id if clock.order else None) for clock in clocks}


def orders(case: Case) -> list[tuple[int, str, str]]:
    """Return the work orders in the order of their issue, as (unit, role, state)."""
    return list(case.orders.order_by("issued_at", "role", "id").values_list("unit_id", "role", "state"))
