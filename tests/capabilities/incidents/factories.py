"""Resources, plans and incidents of the tests' town, made by the actions themselves."""

from decimal import Decimal
from typing import Any

from gridloop.capabilities.incidents import actions
from gridloop.capabilities.incidents.actions import (
    Opening,
    PlanContent,
    PlanRole,
    PlanStep,
    ResourceData,
    Stock,
)
from gridloop.capabilities.incidents.models import Incident, Plan, Resource
from tests.core.cases.factories import AT, MINUTE, World

SPOT = (120.005, 31.005)  # in the middle of the first grid
STEP_DEG = 0.002  # about 190 m east


def skilled(world: World) -> None:
    actions.load_common_skills(actor=world.leader)


def resource(world: World, name: str, kind: str = "team", steps: float = 1, **changes: Any) -> Resource:
    """Add a resource so many steps east of the spot, for which the handler answers."""
    values: dict[str, Any] = {
        "code": name,
        "kind": kind,
        "name": name,
        "unit_id": world.town.office.pk,
        "lon": SPOT[0] + steps * STEP_DEG,
        "lat": SPOT[1],
        "owner_ids": (world.handler.user_id,),
    }
    return actions.add_resource(ResourceData(**values | changes), actor=world.leader, at=AT)


def incident(world: World, **changes: Any) -> Incident:
    values = {"kind": "gas", "title": "柳桥村燃气泄漏", "lon": SPOT[0], "lat": SPOT[1]}
    return actions.open_incident(Opening(**values | changes), actor=world.leader, at=AT)


def called(
    world: World, *names: Resource, at: Any = AT, to: Incident | None = None, skills: tuple[str, ...] = ()
) -> Any:
    """Call resources to an incident, and return it with the calls."""
    where = to or incident(world)
    wanted = [actions.Wanted(row.pk, "抢险", skills) for row in names]
    return where, actions.call(where.pk, wanted, actor=world.leader, at=at).made


def plan(world: World, **changes: Any) -> Plan:
    content: dict[str, Any] = {
        "roles": (PlanRole("抢修", "team", ("gas_repair",), 1), PlanRole("疏散", "team", ("evacuation",), 2)),
        "steps": (
            PlanStep("关闭阀门", "抢修", 10),
            PlanStep("疏散周边居民", "疏散", 15),
            PlanStep("通风监测"),
        ),
    }
    return actions.add_plan(
        "燃气泄漏应急预案", "gas", PlanContent(**content | changes), actor=world.leader, at=AT
    )


def sandbags(quantity: str = "500") -> Stock:
    return Stock("沙袋", Decimal(quantity), "只")


__all__ = ["AT", "MINUTE", "SPOT", "called", "incident", "plan", "resource", "sandbags", "skilled"]
