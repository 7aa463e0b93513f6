"""Taking a report in as a new case."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.base.common.coordinates import CoordinateSystem, to_wgs84
from gridloop.base.common.crypto import blind_index
from gridloop.base.common.errors import InvalidInput, NotAllowed
from gridloop.base.common.ids import Seeded, new_id, new_tracking_code, time_of
from gridloop.base.common.textsearch import lexemes, tsvector_literal
from gridloop.core.audit.models import Entry
from gridloop.core.cases.actions.given import check_point, one_of, storable_text
from gridloop.core.cases.actions.move import Move, store
from gridloop.core.cases.casefile import CaseFile, Times, new_file
from gridloop.core.cases.kinds import kinds
from gridloop.core.cases.labels import Channel, Demand
from gridloop.core.cases.models import Case, CaseWords, PlaceMatch, Reporter
from gridloop.core.cases.workflow import TRANSITIONS
from gridloop.core.catalogue.models import Urgency
from gridloop.core.org.actors import Actor
from gridloop.core.org.locate import is_known, jurisdiction, locate, path_of

TITLE_LENGTH = 30  # of a title that is taken from the description
TITLE_MOST, ADDRESS_LENGTH, SOURCE_REF_LENGTH, REPORTER_LENGTH = 120, 200, 80, 60
KEY_VERSION = 7
KEY_AHEAD = timedelta(days=1)  # a phone whose clock is wrong by more is told so


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
    it is the whole town. `is_drill`: it is exercised and has not happened, so that no figure counts it.
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
    is_drill: bool = False

    def digest(self) -> str:
        """
        Return a fingerprint, by which a retry is told from a second case under the same key.

        It is keyed, since it lies in the log and a telephone number could be guessed from a plain hash.
        """
        # What most reports leave alone stays out: a retry after an upgrade has the fingerprint of the first.
        said = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "is_drill" or self.is_drill}
        return blind_index(orjson.dumps(said).decode()).hex()


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
    :raises InvalidInput: nothing is described, a value is out of range, the key is no UUIDv7 of about now or
        belongs to another report.
    :raises NotAllowed: the actor may not report.
    """
    key = case_id or new_id()
    if case_id is not None:
        _check_key(case_id, at)
        if Case.objects.filter(pk=case_id).exists() and (known := _already(case_id, intake)):
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
    _check_intake(intake, actor, times)
    place = place or find_place(intake)
    category = times.book.category(intake.category_id)
    case = Case(
        id=key,
        number=number,
        tracking_code=seeded.code() if seeded else new_tracking_code(),
        kind=intake.kind,
        category_id=intake.category_id,
        title=(intake.title.strip() or intake.description.strip())[
            : TITLE_MOST if intake.title.strip() else TITLE_LENGTH
        ],
        description=intake.description.strip(),
        demand=intake.demand,
        channel=intake.channel,
        source_ref=intake.source_ref,
        urgency=intake.urgency or (category.urgency if category else Urgency.NORMAL),
        is_drill=intake.is_drill,
        is_confidential=intake.is_confidential or intake.demand == Demand.TIP_OFF,
        address=intake.address.strip(),
        lon=place.lon,
        lat=place.lat,
        coordinate_source=CoordinateSystem(intake.coordinate_source) if place.lon is not None else "",
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


def _already(key: UUID, intake: Intake) -> Case | None:
    known = Case.objects.filter(pk=key).first()
    if known is None and intake.source_ref:
        known = Case.objects.filter(channel=intake.channel, source_ref=intake.source_ref).first()
    if known is None:
        return None
    first = _first_digest(known)
    if first != intake.digest():
        # Not which one: whoever guesses numbers of another system would learn of cases that way.
        raise InvalidInput(_("这个编号已经用于另一件上报，请刷新页面后重新填写。"))
    return known


def _first_digest(case: Case) -> str:
    data = Entry.objects.filter(stream=case.pk, seq=1).values_list("data", flat=True).first()
    return str((data or {}).get("digest", ""))


def _check_key(key: UUID, at: datetime) -> None:
    # Cases are read newest first by key: one whose key is not of its time would stand in the wrong place.
    if key.version != KEY_VERSION or time_of(key) > (at + KEY_AHEAD).timestamp():
        raise InvalidInput(
            _("编号应为当前时间的 UUIDv7，请刷新页面后重新填写。"), fields={"id": _("不是当前时间的 UUIDv7")}
        )


def _check_intake(intake: Intake, actor: Actor, times: Times) -> None:
    if not actor.can(TRANSITIONS["report"].permission):
        raise NotAllowed(_("您的岗位不能上报。"))
    if not storable_text(intake.description, "description"):
        raise InvalidInput(_("请写明发生了什么。"), fields={"description": _("必填")})
    storable_text(intake.title, "title")
    storable_text(intake.address, "address", ADDRESS_LENGTH)
    storable_text(intake.source_ref, "source_ref", SOURCE_REF_LENGTH)
    for name in ("name", "phone", "id_number"):
        storable_text(getattr(intake.reporter, name), name, REPORTER_LENGTH)
    one_of(Channel, intake.channel, "channel")
    one_of(Demand, intake.demand, "demand")
    one_of(CoordinateSystem, intake.coordinate_source, "coordinate_source")
    if intake.urgency is not None:
        one_of(Urgency, intake.urgency, "urgency")
    if intake.kind not in kinds():
        raise InvalidInput(_("没有这种案件。"), fields={"kind": _("没有这个选项")})
    check_category(intake.category_id, times)
    check_place(intake.lon, intake.lat, intake.region_id)


def check_category(category_id: int | None, times: Times) -> None:
    """:raises InvalidInput: there is no such category."""
    if category_id is not None and times.book.category(category_id) is None:
        raise InvalidInput(_("没有这个类别，请重新选择。"), fields={"category_id": _("请重新选择类别")})


def check_place(lon: float | None, lat: float | None, region_id: int | None) -> None:
    """:raises InvalidInput: half a point, a point nowhere on earth, or no such region."""
    check_point(lon, lat)
    if region_id is not None and not is_known(region_id):
        raise InvalidInput(_("没有这个区划，请重新选择。"), fields={"region_id": _("请重新选择区划")})


def words_of(case: Case) -> str:
    """
    Return the tsvector literal by which a case is found: its words and the month that its key carries.
    """
    text = " ".join((case.title, case.description, case.address, case.source_ref))
    return tsvector_literal([month_mark(case.pk), *lexemes(text)])


def month_mark(key: UUID) -> str:
    """
    Return the mark of a month among the words of a case.

    By the key and not by the time of reporting, since found cases are paged by key.
    """
    return f"@{timezone.localtime(datetime.fromtimestamp(time_of(key), tz=UTC)):%Y%m}"


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
