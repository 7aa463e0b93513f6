"""What the desk's templates show, made from what the engine knows. Reads only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import Prefetch, QuerySet
from django.forms import Form
from django.http import FileResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError
from gridloop.base.shell.buttons import Button
from gridloop.core.audit.models import Entry
from gridloop.core.cases.buttons import choices
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.cases.labels import STATES, VERBS, Label
from gridloop.core.cases.models import Attachment, Case, OrderRole, Reporter, WorkOrder
from gridloop.core.cases.search import Found
from gridloop.core.cases.workflow import ACTIVE_ORDERS, State
from gridloop.core.org.actors import Actor
from gridloop.faces.desk.boxes import MOST_COUNTED, Box, Due, due
from gridloop.faces.desk.forms import VERB_FORMS

_MAIN_WAY = (State.REPORTED, State.REGISTERED, State.DISPATCHED, State.HANDLING, State.HANDLED, State.CLOSED)
_PRIMARY = {
    "register",
    "dispatch",
    "adjudicate",
    "sign_for",
    "submit_result",
    "verify_pass",
    "close",
    "call_back",
}
_DANGER = {"reject", "withdraw", "verify_fail", "escalate"}
_CONFIRM = {"withdraw", "reject"}
_ICONS = {
    "register": "clipboard-check",
    "dispatch": "send",
    "sign_for": "ballpen",
    "send_back": "arrow-back-up",
    "submit_result": "circle-check",
    "verify_pass": "checkbox",
    "verify_fail": "circle-x",
    "close": "archive",
    "call_back": "phone-call",
    "merge": "arrow-merge",
    "split": "arrows-split-2",
    "attach": "paperclip",
    "annotate": "note",
    "link": "link",
    "amend": "edit",
    "escalate": "arrow-forward-up",
    "request_extension": "clock",
    "request_suspension": "clock-pause",
    "reopen": "refresh",
}


@dataclass(frozen=True, slots=True)
class Tab:
    """A pile in the inbox with its number."""

    name: str
    label: Label
    count: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One case in a list."""

    case: Case
    due: Due | None
    lead: WorkOrder | None


@dataclass(frozen=True, slots=True)
class WordsPage:
    """A page of found cases in the shape of a keyset page; it goes forwards only."""

    found: Found

    @property
    def rows(self) -> list[Case]:
        return self.found.cases

    @property
    def next_before(self) -> str:
        return str(self.found.next_before or "")


@dataclass(frozen=True, slots=True)
class Person:
    """A reporter in full, after the reading was logged."""

    name: str
    phone: str
    id_number: str


def listed(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Load what a row of a list shows, in two statements."""
    leads = WorkOrder.objects.filter(role=OrderRole.LEAD, state__in=sorted(ACTIVE_ORDERS)).select_related(
        "unit"
    )
    return (
        cases.select_related("category", "region")
        .defer("description", "outcome")
        .prefetch_related(Prefetch("orders", leads, to_attr="leads"))
    )


def rows(cases: Iterable[Case], now: datetime) -> list[Row]:
    """Return the rows of a list."""
    return [Row(c, due(c.due_at, now), next(iter(c.leads), None)) for c in cases]  # type: ignore[attr-defined]


def tabs(boxes: list[Box], numbers: dict[str, int], current: Box | None) -> list[Tab]:
    """Return the piles with their numbers, 99+ where nobody needs to know exactly."""

    def shown(name: str) -> str:
        number = numbers.get(name, 0)
        return f"{MOST_COUNTED - 1}+" if number >= MOST_COUNTED else str(number)

    return [Tab(box.name, box.label, shown(box.name), box == current) for box in boxes]


def buttons(file: CaseFile, actor: Actor, at: datetime) -> list[Button]:
    """
    Return exactly the verbs that this person may make now, the others of the role greyed with the reason.
    """
    return [
        Button(
            name=choice.name,
            label=choice.label,
            url=reverse("desk:act", args=[file.case.pk, choice.name]),
            enabled=choice.is_enabled,
            why_not=choice.why_not or "",
            style="primary"
            if choice.name in _PRIMARY
            else "danger"
            if choice.name in _DANGER
            else "secondary",
            needs_note=choice.needs_note,
            confirm=_("确定%(verb)s吗？此操作会告知上报人。") % {"verb": choice.label}
            if choice.name in _CONFIRM
            else "",
            icon=_ICONS.get(choice.name, ""),
            method="get" if choice.name in VERB_FORMS else "post",
            fields={"version": file.case.version},
        )
        for choice in choices(file, actor, at)
    ]


def clocks(file: CaseFile, now: datetime) -> list[dict[str, Any]]:
    """Return the clocks that have not stopped, with the time that is left."""
    units = {order.pk: order.unit.name for order in file.orders}
    return [
        {
            "clock": clock,
            "unit": units.get(clock.order_id) if clock.order_id else None,
            "due": due(clock.due_at, now),
        }
        for clock in file.clocks
    ]


def steps(case: Case) -> list[dict[str, Any]]:
    """
    Return the main way round the loop, with where the case stands on it; nothing where it left that way.
    """
    if case.state not in _MAIN_WAY:
        return []
    here = _MAIN_WAY.index(State(case.state))
    return [
        {"label": STATES[s], "is_past": n < here or case.state == State.CLOSED, "is_here": n == here}
        for n, s in enumerate(_MAIN_WAY)
    ]


def log(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Return the lines of the log as the timeline shows them."""
    return [
        {
            "label": VERBS.get(e.verb, e.verb),
            "at": e.at,
            "who": e.actor_label,
            "note": e.note or e.data.get("text", ""),
        }
        for e in entries
    ]


def reporter_of(case: Case) -> Person:
    """Return the reporter in full; the caller has logged the reading."""
    row = Reporter.objects.filter(pk=case.pk).first()
    return Person(row.name, row.phone, row.id_number) if row else Person("", "", "")


def put_errors(form: Form, refusal: DomainError) -> None:
    """Put a refusal where the person looks: beside its fields where they are known, on top otherwise."""
    form.add_error(None, refusal.message)
    for name, why in refusal.fields.items():
        if name in form.fields:
            form.add_error(name, why)


def file_response(row: Attachment) -> FileResponse:
    """Send a stored file so that the browser neither guesses its type nor runs anything in it."""
    inline = row.content_type.startswith("image/")
    response = FileResponse(
        default_storage.open(f"{row.sha256[:2]}/{row.sha256}"),
        as_attachment=not inline,
        filename=row.name,
        content_type=row.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=3600"
    return response
