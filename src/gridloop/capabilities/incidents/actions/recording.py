"""What every act on an incident begins and ends with: its row locked, a line in its log."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from gridloop.base.common.errors import NotFound
from gridloop.base.common.files import Checked, store
from gridloop.capabilities.incidents.models import Call, Incident, IncidentFile
from gridloop.capabilities.incidents.policies import check_command, check_open
from gridloop.core.audit.actions import append
from gridloop.core.org.actors import Actor

NAME_LENGTH = 120
Files = Iterable[tuple[str, Checked]]


def locked(incident_id: UUID) -> Incident:
    """
    Return the incident, locked until the transaction ends: whoever acts on it goes one after the other.

    :raises NotFound: there is none.
    """
    found = Incident.objects.select_for_update(of=("self",)).select_related("region").filter(pk=incident_id)
    incident = found.first()
    if incident is None:
        raise NotFound(_("没有找到这起事件。"))
    return incident


def commanded(incident_id: UUID, actor: Actor, *, is_open: bool = True) -> Incident:
    """
    Return the locked incident for somebody who commands it.

    :raises NotAllowed, NotFound: the actor does not.
    :raises IncidentOver: it is closed, where it must be open.
    """
    incident = locked(incident_id)
    check_command(actor, incident)
    if is_open:
        check_open(incident)
    return incident


def record(
    incident: Incident,
    verb: str,
    *,
    actor: Actor,
    at: datetime,
    note: str = "",
    data: dict[str, Any] | None = None,
) -> None:
    """Write the next line of a locked incident's log; the incident keeps its number and hash."""
    entry = append(
        incident.pk,
        head=(incident.version, bytes(incident.log_head)),
        verb=verb,
        at=at,
        actor_kind=actor.kind,
        actor_label=actor.label,
        user_id=actor.user_id,
        post_id=actor.post_id,
        unit_id=actor.unit_id,
        target="open" if incident.is_open else "closed",
        note=note,
        data=data,
    )
    incident.version, incident.log_head = entry.seq, entry.hash
    incident.save(update_fields=["version", "log_head"])


def keep_files(incident: Incident, files: Files, *, user_id: int | None, at: datetime) -> list[str]:
    """Add files that were checked; one that is there already is left out. Return their hashes."""
    known = set(incident.files.values_list("sha256", flat=True))
    fresh = {checked.sha256: (name, checked) for name, checked in files}
    for sha256, (name, checked) in fresh.items():
        store(checked)
        if sha256 not in known:
            IncidentFile.objects.create(
                incident=incident,
                sha256=sha256,
                content_type=checked.content_type,
                name=name[-NAME_LENGTH:],
                at=at,
                by_id=user_id,
            )
    return list(fresh)


def incident_of(call_id: UUID) -> UUID:
    """Return the incident of a call. :raises NotFound: there is no such call."""
    found = Call.objects.filter(pk=call_id).values_list("incident_id", flat=True).first()
    if found is None:
        raise NotFound(_("没有找到这次呼叫。"))
    return found


def call_of(incident: Incident, call_id: UUID) -> Call:
    """Read a call, with its resource, under its incident's lock. :raises NotFound: it is not there."""
    row = incident.calls.select_related("resource").filter(pk=call_id).first()
    if row is None:
        raise NotFound(_("没有找到这次呼叫。"))
    row.incident = incident
    return row


def named(row: Call) -> dict[str, Any]:
    """Return what the log keeps of a call beside the act."""
    return {"call": str(row.pk), "resource": row.resource.name}
