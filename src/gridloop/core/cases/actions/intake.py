"""Taking a report in: report, supplement, correct, take on, turn away, close on the spot."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.base.common.coordinates import CoordinateSystem, to_wgs84
from gridloop.base.common.crypto import blind_index
from gridloop.base.common.errors import InvalidInput, NotAllowed
from gridloop.base.common.ids import Seeded, new_id, new_tracking_code
from gridloop.base.common.textsearch import lexemes, tsvector_literal
from gridloop.core.audit.models import Entry
from gridloop.core.cases.actions.move import Move, plain, store, verb
from gridloop.core.cases.casefile import CaseFile, Times, new_file
from gridloop.core.cases.labels import Channel, Demand, RejectReason
from gridloop.core.cases.models import Case, CaseWords, PlaceMatch, Reporter
from gridloop.core.cases.workflow import TRANSITIONS, OrderState
from gridloop.core.catalogue.models import Urgency
from gridloop.core.org.actors import Actor
from gridloop.core.org.locate import jurisdiction, locate, path_of

TITLE_LENGTH = 30


@dataclass(frozen=True, slots=True)
class ReporterData:
    """Who reports; every field may be empty."""

    name: str = ""
    phone: str = ""
    id_number: str = ""

    def __bool__(self) -> bool:
        return bool(self.name or self.phone or self.id_number)


@dataclass(frozen=True, slots=True)
class Intake:
    """
    What is reported. A point is given in `coordinate_source` and kept as WGS-84.

    `region_id` is what a person chose; without it the region follows from the point, and without a point
    it is the whole town.
    """

    description: str
    channel: Channel
    title: str = ""
    category_id: int | None = None
    kind: str = "general"
    demand: Demand = Demand.HELP
    urgency: Urgency | None = None
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    coordinate_source: CoordinateSystem = CoordinateSystem.WGS84
    region_id: int | None = None
    source_ref: str = ""
    is_confidential: bool = False
    reporter: ReporterData = ReporterData()

    def digest(self) -> str:
        """
        Return a fingerprint, by which a retry is told from a second case under the same key.

        It is keyed, since it lies in the log and a telephone number could be guessed from a plain hash.
        """
        return blind_index(orjson.dumps(plain(asdict(self)), option=orjson.OPT_SORT_KEYS).decode()).hex()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case lies: WGS-84 point, region, and how the region was found."""

    lon: float | None
    lat: float | None
    region_id: int
    match: PlaceMatch


def report(
    intake: Intake, *, actor: Actor, at: datetime, case_id: UUID | None = None, parent: Case | None = None
) -> Case:
    """
    Take in a report as a new case and return it.

    :param case_id: the key that the client made, so that the same submission sent twice is one case: the
        second call returns the first's case and changes nothing.
    :raises InvalidInput: nothing is described, a value is out of range, or the key belongs to another report.
    :raises NotAllowed: the actor may not report.
    """
    key = case_id or new_id()
    if case_id is not None and (known := _already(key, intake)):
        return known
    file = begin(
        intake, actor=actor, at=at, key=key, number=next_number(at), times=Times.now_in_force(), parent=parent
    )
    try:
        with transaction.atomic():
            store(file)
    except IntegrityError:
        # Another submission of the same key, or of the same row of another system, was first.
        if known := _already(key, intake):
            return known
        raise
    return file.case


def begin(
    intake: Intake,
    *,
    actor: Actor,
    at: datetime,
    key: UUID,
    number: str,
    times: Times,
    parent: Case | None = None,
    place: Place | None = None,
    seeded: Seeded | None = None,
) -> CaseFile:
    """
    Return the file of a new case in memory, checked, with its first line in the log; the caller stores it.

    :param seeded: where the tracking code and the keys of the rows come from, if they are not to be fresh.
    """
    _check_intake(intake, actor)
    place = place or find_place(intake)
    category = times.book.category(intake.category_id)
    case = Case(
        id=key,
        number=number,
        tracking_code=seeded.code() if seeded else new_tracking_code(),
        kind=intake.kind,
        category_id=intake.category_id,
        title=(intake.title.strip() or intake.description.strip())[: 120 if intake.title else TITLE_LENGTH],
        description=intake.description.strip(),
        demand=intake.demand,
        channel=intake.channel,
        source_ref=intake.source_ref,
        urgency=intake.urgency or (category.urgency if category else Urgency.NORMAL),
        is_confidential=intake.is_confidential or intake.demand == Demand.TIP_OFF,
        address=intake.address.strip(),
        lon=place.lon,
        lat=place.lat,
        coordinate_source=intake.coordinate_source if place.lon is not None else "",
        place_match=place.match,
        region_id=place.region_id,
        state="",
        state_since=at,
        reported_at=at,
        reported_by_id=actor.user_id,
        parent=parent,
        log_head=b"",
    )
    file = new_file(case, path_of(place.region_id), times, seeded)
    file.add(_words(case))
    if intake.reporter:
        file.add(_reporter(case, intake.reporter))
    move = Move(file, TRANSITIONS["report"], actor, at)
    move.record(digest=intake.digest(), channel=intake.channel, category=intake.category_id)
    move.finish("")
    return file


def find_place(intake: Intake) -> Place:
    """
    Return where the reported problem lies. A point in a gap takes the nearest grid; one outside, the town.
    """
    if intake.lon is None or intake.lat is None:
        if intake.region_id is not None:
            return Place(None, None, intake.region_id, PlaceMatch.CHOSEN)
        return Place(None, None, jurisdiction().id, PlaceMatch.UNKNOWN)
    lon, lat = to_wgs84(intake.lon, intake.lat, intake.coordinate_source)
    if intake.region_id is not None:
        return Place(lon, lat, intake.region_id, PlaceMatch.CHOSEN)
    found = locate(lon, lat)
    return Place(lon, lat, found.region_id or jurisdiction().id, PlaceMatch(found.match.value))


def next_number(at: datetime) -> str:
    """Return the next case number: the year and eight digits that never repeat."""
    return numbers(at, 1)[0]


def numbers(at: datetime, count: int) -> list[str]:
    """Return `count` case numbers of the year of `at` with one statement."""
    year = timezone.localtime(at).year
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('cases_number') FROM generate_series(1, %s)", [count])
        return [f"{year}{row[0]:08d}" for row in cursor.fetchall()]


@verb
def supplement(move: Move, *, text: str) -> None:
    """
    补充材料: add to what was reported, in the reporter's or the clerk's words. :raises InvalidInput: no text.
    """
    if not text.strip():
        raise InvalidInput(_("请填写补充内容。"), fields={"text": _("必填")})
    move.record(text=text.strip())


@verb
def withdraw(move: Move) -> None:
    """撤销上报: the reporter takes the report back; work orders that are out are recalled."""
    recall_orders(move)
    move.change(closed_at=move.at)


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
    """更正信息: correct what was taken in; what is not given stays. Running clocks keep their times."""
    given = {
        "title": title,
        "category_id": category_id,
        "urgency": urgency,
        "demand": demand,
        "address": address,
    }
    values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    if lon is not None or region_id is not None:
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

    :raises NotAllowed: the actor belongs to a unit that the case was dispatched to (the party may be the one
        reported on).
    """
    if any(order.unit_id == move.actor.unit_id for order in move.file.orders):
        raise NotAllowed(_("承办单位不能查看上报人信息。"))


@verb
def register(move: Move) -> None:
    """立案: the report meets the opening conditions of its category."""
    move.change(registered_at=move.at)


@verb
def reject(move: Move, *, reason: RejectReason) -> None:
    """
    不予受理: the report is not the town's to handle; the reason names the channel that the reporter is told.
    """
    move.change(reject_reason=RejectReason(reason), closed_at=move.at, outcome=move.note)


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


def _already(key: UUID, intake: Intake) -> Case | None:
    known = Case.objects.filter(pk=key).first()
    if known is None and intake.source_ref:
        known = Case.objects.filter(channel=intake.channel, source_ref=intake.source_ref).first()
    if known is None:
        return None
    first = _first_digest(known)
    if first != intake.digest():
        raise InvalidInput(_("这个编号已经用于另一件上报，请刷新页面后重新填写。"), case=str(known.pk))
    return known


def _first_digest(case: Case) -> str:
    data = Entry.objects.filter(stream=case.pk, seq=1).values_list("data", flat=True).first()
    return str((data or {}).get("digest", ""))


def _check_intake(intake: Intake, actor: Actor) -> None:
    if not actor.can(TRANSITIONS["report"].permission):
        raise NotAllowed(_("您的岗位不能上报。"))
    if not intake.description.strip():
        raise InvalidInput(_("请写明发生了什么。"), fields={"description": _("必填")})
    if (intake.lon is None) != (intake.lat is None):
        raise InvalidInput(_("经度和纬度要同时填写。"), fields={"lon": _("缺少经度或纬度")})


def _new_place(case: Case, lon: float | None, lat: float | None, region_id: int | None) -> dict[str, Any]:
    place = find_place(
        Intake(
            description=case.description, channel=Channel(case.channel), lon=lon, lat=lat, region_id=region_id
        )
    )
    values: dict[str, Any] = {"region_id": place.region_id, "place_match": place.match}
    if place.lon is not None:
        values |= {"lon": place.lon, "lat": place.lat, "coordinate_source": CoordinateSystem.WGS84}
    return values


def words_of(case: Case) -> str:
    """
    Return the tsvector literal by which a case is found: its words and the month in which it was reported.
    """
    text = " ".join((case.title, case.description, case.address, case.source_ref))
    return tsvector_literal([*lexemes(text), month_mark(case.reported_at)])


def month_mark(at: datetime) -> str:
    """Return the mark of a month among the words of a case."""
    return f"@{timezone.localtime(at):%Y%m}"


def _words(case: Case) -> CaseWords:
    return CaseWords(case=case, words=words_of(case))


def _reporter(case: Case, data: ReporterData) -> Reporter:
    phone = data.phone.strip()
    return Reporter(
        case=case,
        name=data.name.strip(),
        phone=phone,
        id_number=data.id_number.strip(),
        phone_index=blind_index(phone) if phone else None,
    )
