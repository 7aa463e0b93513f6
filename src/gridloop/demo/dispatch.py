"""How the town dispatches besides its duty list: by rules of its own."""

from dataclasses import dataclass
from datetime import datetime, time

from gridloop.capabilities.dispatch.actions.automatic import set_automatic
from gridloop.capabilities.dispatch.actions.rules import add_rule
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.core.org.actors import Actor
from gridloop.demo.cast import Cast

LITTER, NOISE, BARBECUE = "0101", "ZS02", "1507"


@dataclass(frozen=True, slots=True)
class Written:
    """A rule in the codes of units and categories."""

    name: str
    category: str
    lead: str
    assist: tuple[str, ...] = ()
    starts: time | None = None
    ends: time | None = None
    working_time: str = ""


RULES = (
    Written("夜间露天烧烤由执法局牵头、派出所协同", BARBECUE, "law", ("police",), time(19), time(6)),
    Written(
        "下班后的社会生活噪声由派出所出警、执法局协同", NOISE, "police", ("law",), working_time="outside"
    ),
)


def set_up(cast: Cast, *, now: datetime) -> None:
    """Let the leader on duty write the rules; automatic dispatch of one category is prepared and left off."""
    leader, book = cast.leaders[0], rulebook()
    for rule in RULES:
        if (category := book.by_code(rule.category)) is not None:
            _write(rule, category.id, cast, leader, now)
    if (litter := book.by_code(LITTER)) is not None:
        set_automatic(litter.id, is_on=False, actor=leader, at=now)


def _write(rule: Written, category_id: int, cast: Cast, leader: Actor, now: datetime) -> None:
    add_rule(
        actor=leader,
        at=now,
        name=rule.name,
        category_ids=[category_id],
        lead_id=cast.unit(rule.lead).pk,
        assist_unit_ids=[cast.unit(code).pk for code in rule.assist],
        starts=rule.starts,
        ends=rule.ends,
        working_time=rule.working_time,
    )
