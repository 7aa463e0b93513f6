"""What people are told of an incident, each thing once."""

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from gridloop.capabilities.incidents.models import Call, Callee, Incident, ResourceKind
from gridloop.capabilities.notify.actions import tell

TOPIC = "incident"
DRILL = "【演练】"


def marked(incident: Incident, text: str) -> str:
    """Return the text with the mark that nobody can overlook where the incident is a drill."""
    return f"{DRILL}{text}" if incident.is_drill else text


def outward(call: Call) -> str:
    """Return what a message calls the resource: it may leave the house, and so names no person."""
    resource = call.resource
    if resource.kind != ResourceKind.PERSON:
        return resource.name
    return _("%(unit)s的%(role)s") % {"unit": resource.unit.name, "role": call.role or _("值守人员")}


def tell_callees(call: Call, callees: Iterable[Callee], *, at: datetime) -> None:
    """Call the people of one resource, by every channel at once, each with the address of the own page."""
    incident = call.incident
    title = marked(incident, _("紧急呼叫：%(title)s") % {"title": incident.title})
    matter = {"kind": incident.get_kind_display(), "number": incident.number}
    where = {"name": outward(call), "place": incident.region.name}
    words = _("紧急呼叫：%(kind)s（%(number)s），请%(name)s前往%(place)s并点开链接应答") % {**matter, **where}
    for callee in callees:
        tell(
            to=[callee.user_id],
            topic=TOPIC,
            title=title,
            outward=marked(incident, words),
            body=_body(call),
            url=reverse("incidents:by_code", args=[callee.code]),
            is_urgent=True,
            at=at,
            once=f"call:{call.pk}",
        )


def tell_off(call: Call, *, why: str, at: datetime) -> None:
    """Tell the people of a call that they need not come, or may go."""
    for callee in call.callees.order_by("pk"):
        tell(
            to=[callee.user_id],
            topic=TOPIC,
            title=marked(call.incident, why),
            body=call.incident.title,
            url=reverse("incidents:by_code", args=[callee.code]),
            is_urgent=True,
            at=at,
            once=f"call-off:{call.pk}",
        )


def tell_commander(incident: Incident, *, title: str, body: str, once: str, at: datetime) -> None:
    """Tell whoever opened the incident."""
    if incident.opened_by_id:
        tell(
            to=[incident.opened_by_id],
            topic=TOPIC,
            title=marked(incident, title),
            body=body,
            url=reverse("incidents:board", args=[incident.pk]),
            is_urgent=True,
            at=at,
            once=once,
        )


def _body(call: Call) -> str:
    incident = call.incident
    lines = [
        _("请%(name)s前往：%(place)s")
        % {"name": outward(call), "place": incident.address or incident.region.name},
        _("任务：%(role)s") % {"role": call.role} if call.role else "",
        incident.brief,
        _("请点开链接应答：已接、在途、到场、完成。"),
    ]
    return "\n".join(line for line in lines if line)
