"""The case page: everything about one case that its reader may know, in a bounded number of statements."""

from datetime import datetime
from typing import Any

from django.db.models import Value
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gridloop.core.cases.casefile import CaseFile
from gridloop.core.cases.due import clock_due, due
from gridloop.core.cases.labels import STATES
from gridloop.core.cases.models import Attachment, Case, CaseLink, OrderRole
from gridloop.core.cases.privacy import masked_reporter, may_know_reporter
from gridloop.core.cases.sight import left_at, lines_for, orders_for
from gridloop.core.cases.workflow import State
from gridloop.core.org.actors import Actor
from gridloop.faces.desk.present.timeline import timeline
from gridloop.faces.desk.present.verbs import bar, offers

LINES_SHOWN, MOST_LINES = 40, 1000
MAIN_WAY = (State.REPORTED, State.REGISTERED, State.DISPATCHED, State.HANDLING, State.HANDLED, State.CLOSED)
TONES = {
    State.REPORTED: "warning",
    State.HANDLED: "warning",
    State.CLOSED: "success",
    State.REJECTED: "secondary",
    State.MERGED: "secondary",
    State.WITHDRAWN: "secondary",
    State.SUSPENDED: "secondary",
}
RELATIONS: dict[str, str | Promise] = {
    "into": _("并入"),
    "parent": _("上级案件"),
    "child": _("子案件"),
    "duplicate": _("已并入本案"),
    "link": _("关联"),
}


def page(file: CaseFile, actor: Actor, now: datetime, *, is_whole_log: bool = False) -> dict[str, Any]:
    """Return what the case page shows to `actor` at `now`."""
    case, times = file.case, file.times
    left = left_at(file, actor)
    entries = lines_for(case.pk, actor).order_by("-seq")
    lines = list(entries[: MOST_LINES if is_whole_log else LINES_SHOWN])
    feedback = case.feedback.filter(at__lte=left) if left else case.feedback
    files: list[Attachment] = list(case.attachments.readable_by(actor).order_by("at", "pk"))
    may_reveal = may_know_reporter(case, actor)
    return {
        "case": case,
        "left_at": left,
        "pending": None if left else file.pending,
        "bar": bar(file, actor, now),
        "can_note": offers("annotate", file, actor, now),
        "tone": TONES.get(State(case.state), "primary"),
        "due": None if left else due(case.due_at, now, times.work),
        "steps": steps(case),
        "clocks": [] if left else clocks(file, now),
        "orders": sorted(orders_for(file, actor), key=lambda o: (not o.is_active, o.role != OrderRole.LEAD)),
        "items": timeline(lines),
        # The number of the newest line is how many there are.
        "hidden_lines": 0 if is_whole_log or not lines else max(0, lines[0].seq - LINES_SHOWN),
        "pictures": [f for f in files if f.content_type.startswith("image/")],
        "documents": [f for f in files if not f.content_type.startswith("image/")],
        "feedback": list(feedback.order_by("-at", "pk")),
        "standard": file.standard(case.reported_at),
        "related": related(case, actor),
        "can_link": actor.can("case.link"),
        "can_reveal": may_reveal,
        "person": masked_reporter(case) if may_reveal else None,
        # Whoever has the code acts as the reporter: a unit that is reported on could withdraw the report.
        "can_see_code": may_reveal or actor.user_id == case.reported_by_id is not None,
    }


def clocks(file: CaseFile, now: datetime) -> list[dict[str, Any]]:
    """Return the clocks that have not stopped, the nearest first, with the time that is left."""
    units = {order.pk: order.unit.name for order in file.orders}
    running = sorted((c for c in file.clocks if c.stopped_at is None), key=lambda c: c.due_at)
    return [
        {
            "clock": clock,
            "unit": units.get(clock.order_id) if clock.order_id else "",
            "due": clock_due(clock, now, file.times.work),
        }
        for clock in running
    ]


def steps(case: Case) -> list[dict[str, Any]]:
    """
    Return the main way round the loop, with where the case stands on it; nothing where it left that way.
    """
    if case.state not in MAIN_WAY:
        return []
    here = MAIN_WAY.index(State(case.state))
    is_ended = case.state == State.CLOSED
    return [
        {"label": STATES[s], "is_past": n < here or is_ended, "is_here": n == here}
        for n, s in enumerate(MAIN_WAY)
    ]


def related(case: Case, actor: Actor) -> list[dict[str, Any]]:
    """Return the cases that this one hangs together with and that the actor may see, in two statements."""
    pairs = {
        "duplicate": Case.objects.filter(merged_into=case).values_list("pk"),
        "child": Case.objects.filter(parent=case).values_list("pk"),
        "link": CaseLink.objects.filter(first=case).values_list("second"),
        "link ": CaseLink.objects.filter(second=case).values_list("first"),
    }
    first, *rest = (rows.annotate(how=Value(name)) for name, rows in pairs.items())
    found = {key: how.strip() for key, how in first.union(*rest, all=True)}
    found |= {key: how for key, how in ((case.merged_into_id, "into"), (case.parent_id, "parent")) if key}
    if not found:
        return []
    visible = Case.objects.visible_to(actor).filter(pk__in=found).only("number", "title", "state")
    order = list(RELATIONS)
    shown = sorted(visible, key=lambda c: (order.index(found[c.pk]), c.pk))
    return [{"case": c, "how": RELATIONS[found[c.pk]], "key": found[c.pk]} for c in shown]
