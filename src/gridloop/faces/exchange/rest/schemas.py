"""What programs send and get. Places are WGS-84, times UTC, and things are named by their codes."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Field, Schema
from pydantic import ConfigDict

from gridloop.base.common.coordinates import CoordinateSystem
from gridloop.core.cases.actions import Intake, Part, ReporterData
from gridloop.core.cases.labels import Channel, Demand
from gridloop.core.cases.workflow import OrderState, State
from gridloop.core.catalogue.models import Urgency
from gridloop.core.catalogue.rulebook import rulebook
from gridloop.faces.exchange.rest import codes
from gridloop.faces.exchange.rest.fields import (
    Code,
    Flag,
    Given,
    Latitude,
    Line,
    Longitude,
    Name,
    Note,
    Reference,
    Story,
    Title,
    text,
)


class ReporterIn(Given):
    """Who reports; kept encrypted, and never part of an answer but that of `reveal_reporter`."""

    name: Name = ""
    phone: Annotated[str, text(30)] = ""
    id_number: Annotated[str, text(30)] = ""


_EXAMPLE: dict[str, Any] = {
    "description": "柳桥路口有一堆建筑垃圾没人清理",
    "channel": "hotline",
    "source_ref": "12345-20261124-0087",
    "lon": 119.9741,
    "lat": 31.7752,
    "reporter": {"name": "王先生", "phone": "13800000000"},
}


class ReportIn(Given):
    """
    A report. `id` is a UUIDv7 that the program makes when it is written: sent twice, it is still one case.

    `source_ref` is the report's number in the program's own system; with `channel` it is unique. Without
    `category` the case is put into the likeliest one by its words; without `region` its place follows from
    the point.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: UUID | None = None
    description: Story
    title: Title = ""
    channel: Channel = Channel.API
    category: Code | None = None
    demand: Demand = Demand.HELP
    urgency: Urgency | None = None
    address: Line = ""
    lon: Longitude | None = None
    lat: Latitude | None = None
    coordinate_system: CoordinateSystem = CoordinateSystem.WGS84
    region: Code | None = None
    source_ref: Reference = ""
    is_confidential: Flag = False
    reporter: ReporterIn = Field(default_factory=ReporterIn)

    def intake(self) -> Intake:
        """:raises InvalidInput: a code is unknown."""
        return Intake(
            description=self.description,
            title=self.title,
            channel=self.channel,
            category_id=self._category(),
            demand=self.demand,
            urgency=self.urgency,
            address=self.address,
            lon=self.lon,
            lat=self.lat,
            coordinate_source=self.coordinate_system,
            region_id=codes.region_id(self.region) if self.region else None,
            source_ref=self.source_ref,
            is_confidential=self.is_confidential,
            reporter=ReporterData(self.reporter.name, self.reporter.phone, self.reporter.id_number),
        )

    def _category(self) -> int | None:
        if self.category:
            return codes.category_id(self.category)
        found = rulebook().suggest(f"{self.title} {self.description}", 1)
        return found[0].category_id if found else None


class NotedIn(Given):
    """A verb's own words; some verbs need them."""

    note: Note = ""


class FilesIn(Schema):
    """What comes with files; `is_public` shows them to the reporter too."""

    note: Note = ""
    is_public: bool = False


class PartIn(Given):
    """One of the cases that a case is split into."""

    description: Story
    category: Code | None = None
    title: Title = ""

    def part(self) -> Part:
        """:raises InvalidInput: the category's code is unknown."""
        category = codes.category_id(self.category) if self.category else None
        return Part(self.description, category, self.title)


class Told(Schema):
    """What a program gets: read from a row by the column's name, or from another answer by its own."""

    model_config = ConfigDict(populate_by_name=True)


class Named(Told):
    """A thing and what people call it."""

    code: str
    name: str


class CaseOut(Told):
    """A case. `version` is its ETag: send it back as If-Match to be told when somebody else was quicker."""

    id: UUID
    number: str
    kind: str
    title: str
    description: str
    category: Named | None
    demand: Demand
    channel: Channel
    source_ref: str
    urgency: Urgency
    address: str
    lon: float | None
    lat: float | None
    place_match: str
    region: Named
    state: State
    state_label: str
    version: int
    is_confidential: bool
    reported_at: datetime
    registered_at: datetime | None
    verified_at: datetime | None
    closed_at: datetime | None
    due_at: datetime | None
    resume_at: datetime | None
    send_backs: int
    reworks: int
    reopenings: int
    is_adjudicating: bool
    is_self_closed: bool
    is_drill: bool
    needs_call_back: bool
    needs_review: bool
    reject_reason: str
    outcome: str
    merged_into: UUID | None = Field(alias="merged_into_id")
    parent: UUID | None = Field(alias="parent_id")


class ReportedOut(CaseOut):
    """A case that was just reported, with the code by which its reporter can follow it."""

    tracking_code: str


class OrderOut(Told):
    """One unit's share of a case."""

    id: UUID
    unit: Named
    role: str
    state: OrderState
    state_label: str
    assignee: str | None = Field(alias="assignee_login")
    is_fixed: bool
    demand: str
    issued_at: datetime
    signed_at: datetime | None
    ended_at: datetime | None
    result: str
    send_back_reason: str


class ClockOut(Told):
    """A deadline that has not stopped; one that is paused runs on when the case is resumed."""

    stage: str
    order: UUID | None = Field(alias="order_id")
    amount: int
    unit: str
    started_at: datetime
    due_at: datetime
    paused_at: datetime | None


class AttachmentOut(Told):
    """A file of a case."""

    id: UUID
    name: str
    content_type: str
    size: int
    sha256: str
    at: datetime


class ChoiceOut(Told):
    """A verb that this key may make on the case in some situation; `why_not` says why not now."""

    name: str
    label: str
    why_not: str | None
    needs_note: bool


class CaseDetailOut(CaseOut):
    """A case with all that moves with it, and the verbs open to this key."""

    orders: list[OrderOut]
    clocks: list[ClockOut]
    attachments: list[AttachmentOut]
    verbs: list[ChoiceOut]


class CasesOut(Told):
    """A page of cases, newest first. Give `next_before` as `before` to go on; it is null on the last page."""

    items: list[CaseOut]
    next_before: UUID | None


class EntryOut(Told):
    """One line of a case's log."""

    seq: int
    verb: str
    at: datetime
    actor_kind: str
    actor: str = Field(alias="actor_label")
    source: str
    target: str
    note: str
    data: dict[str, Any]


class LogOut(Told):
    """The log of a case from its beginning; give the last `seq` as `after` to go on."""

    items: list[EntryOut]
    has_more: bool


class ReporterOut(Told):
    """Who reported."""

    name: str
    phone: str
    id_number: str


class CategoryOut(Told):
    """A main category (no parent) or a sub-category."""

    code: str
    name: str
    parent: str | None
    kind: str
    urgency: str
    is_public: bool


class RegionOut(Told):
    """A region in use; `parent` is the code of the one it lies in."""

    code: str
    name: str
    level: str
    parent: str | None


class UnitOut(Told):
    """A unit that a case can be dispatched to."""

    code: str
    name: str
    kind: str
    region: str
    parent: str | None


class LimitOut(Told):
    """How long one stage may take."""

    stage: str
    amount: int
    unit: str


class StandardOut(Told):
    """By what a category's cases are opened, proven and closed on one day."""

    category: str
    on: date
    opening: str
    closing: str
    evidence: str
    limits: list[LimitOut]


class KeyOut(Told):
    """What this key is and may do."""

    name: str
    acts_as: str
    scopes: list[str]
    calls_per_minute: int
    expires_at: datetime | None


class ProblemOut(Told):
    """A refusal (RFC 9457). `code` is stable; `detail` is for people; `errors` names the fields at fault."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str
    errors: dict[str, str] | None = None
