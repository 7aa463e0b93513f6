"""Looking at a report: supplement, correct, take back, take on, turn away, close on the spot."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from gridloop.base.common.coordinates import CoordinateSystem
from gridloop.base.common.errors import InvalidInput
from gridloop.core.cases.actions.given import one_of, storable_text
from gridloop.core.cases.actions.intake import (
    ADDRESS_LENGTH,
    TITLE_MOST,
    Intake,
    check_category,
    check_place,
    find_place,
    words_of,
)
from gridloop.core.cases.actions.move import Move, consequence, verb, verb_locking
from gridloop.core.cases.errors import StaleCase
from gridloop.core.cases.labels import Channel, Demand, RejectReason
from gridloop.core.cases.models import Case, CaseWords
from gridloop.core.cases.privacy import check_may_know_reporter
from gridloop.core.cases.workflow import OrderState, State
from gridloop.core.catalogue.models import Urgency
from gridloop.core.org.locate import path_of


@verb
def supplement(move: Move, *, text: str) -> None:
    """
    补充材料: add to what was reported, in the reporter's or the clerk's words. :raises InvalidInput: no text.
    """
    if not text.strip():
        raise InvalidInput(_("请填写补充内容。"), fields={"text": _("必填")})
    move.record(text=text.strip())


def _duplicates_of(case_id: UUID, **_details: Any) -> Iterable[UUID]:
    return Case.objects.filter(merged_into=case_id).values_list("pk", flat=True)


@verb_locking(_duplicates_of)
def withdraw(move: Move) -> None:
    """
    撤销上报: the reporter takes the report back; work orders that are out are recalled.

    The problem of those who reported it too does not end with that: the duplicates go their own way again.
    """
    recall_orders(move)
    move.change(closed_at=move.at)
    if not move.file.is_new and set(_duplicates_of(move.case.pk)) != move.others.keys():
        raise StaleCase(_("有人正在同时操作相关案件，请重试。"), version=move.case.version)
    for duplicate in move.others.values():
        consequence("unmerge", duplicate, at=move.at, body=go_own_way, withdrawn=move.case.number)
    if move.others:
        move.record(parted=[duplicate.case.number for duplicate in move.others.values()])


@verb
def amend(
    move: Move,
    *,
    title: str | None = None,
    category_id: int | None = None,
    urgency: Urgency | None = None,
    demand: Demand | None = None,
    address: str | None = None,
    lon: float | None = None,
    lat: float | None = None,
    region_id: int | None = None,
) -> None:
    """
    更正信息: correct what was taken in; what is not given stays. Running clocks keep their times.

    :raises InvalidInput: nothing is given, or a value is out of range, too long or unknown.
    """
    values = _amended(
        title=title and _title(title),
        category_id=category_id,
        urgency=urgency and one_of(Urgency, urgency, "urgency"),
        demand=demand and one_of(Demand, demand, "demand"),
        address=address and storable_text(address, "address", ADDRESS_LENGTH),
    )
    check_category(category_id, move.file.times)
    if demand == Demand.TIP_OFF:
        values["is_confidential"] = True
    if lon is not None or lat is not None or region_id is not None:
        values |= _new_place(move.case, lon, lat, region_id)
    if not values:
        raise InvalidInput(_("没有需要更正的内容。"))
    move.change(**values)
    if values.keys() & {"title", "address"}:
        move.file.set(CaseWords(case=move.case), words=words_of(move.case))
    if "region_id" in values:
        move.file.region_path = path_of(values["region_id"])


@verb
def annotate(move: Move) -> None:
    """批注: a note among the staff; the words are the note itself."""


@verb
def reveal_reporter(move: Move) -> None:
    """
    查看上报人信息: record that the reporter's identity is being read, and why. 依据: 个人信息保护法 §6、§51.

    :raises NotAllowed: the actor has to do with a unit that the matter was dispatched to (it may be the party
        reported on), or the reporter asked not to be named.
    """
    check_may_know_reporter(move.case, move.actor)


@verb
def register(move: Move) -> None:
    """立案: the report meets the opening conditions of its category."""
    move.change(registered_at=move.at)


@verb
def reject(move: Move, *, reason: RejectReason) -> None:
    """
    不予受理: the report is not the town's to handle; the reason names the channel that the reporter is told.
    """
    move.change(reject_reason=one_of(RejectReason, reason, "reason"), closed_at=move.at, outcome=move.note)


@verb
def close_on_spot(move: Move) -> None:
    """自办自结: the grid worker has solved it on the spot; kept out of performance figures."""
    move.change(
        registered_at=move.at,
        closed_at=move.at,
        is_self_closed=True,
        outcome=move.note,
        needs_call_back=False,
    )


def recall_orders(move: Move) -> None:
    """End every work order that is out, as recalled; those that are done go on file as they are."""
    for order in move.file.active_orders():
        if order.state == OrderState.DONE:
            move.file.set(order, state=OrderState.FILED)
        else:
            move.file.enter_order(order, OrderState.RECALLED, move.at)


def go_own_way(move: Move) -> None:
    """Put a merged case back where it was; its clocks go on where they stopped."""
    move.change(merged_into_id=None, closed_at=None)
    if move.case.registered_at is None:
        move.enter(State.REPORTED)
    else:
        move.follow_orders()


def _amended(**given: Any) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _title(title: str) -> str:
    wanted = storable_text(title, "title", TITLE_MOST)
    if not wanted:
        raise InvalidInput(_("标题不能为空。"), fields={"title": _("必填")})
    return wanted


def _new_place(case: Case, lon: float | None, lat: float | None, region_id: int | None) -> dict[str, Any]:
    check_place(lon, lat, region_id)
    place = find_place(
        Intake(
            description=case.description, channel=Channel(case.channel), lon=lon, lat=lat, region_id=region_id
        )
    )
    values: dict[str, Any] = {"region_id": place.region_id, "place_match": place.match}
    if place.lon is not None:
        values |= {"lon": place.lon, "lat": place.lat, "coordinate_source": CoordinateSystem.WGS84}
    return values
