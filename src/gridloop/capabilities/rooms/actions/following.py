"""What happens in a room by itself when a case is sent back too often, and when its lead is fixed."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.capabilities.notify.actions import tell
from gridloop.capabilities.rooms.actions.rooms import ensure_room, note, room_url
from gridloop.capabilities.rooms.models import Room, RoomTask
from gridloop.capabilities.rooms.people import centre_units, judges
from gridloop.core.audit.models import Entry
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.cases.choices import unit_name
from gridloop.core.cases.labels import SendBackReason
from gridloop.core.cases.models import OrderRole
from gridloop.core.cases.workflow import OrderState

TO_CALL = timedelta(days=1)


def propose_meeting(file: CaseFile, entry: Entry) -> None:
    """
    Open the room of a case that was sent back once too often, say there what happened, and ask the centre to
    call the meeting that fixes the lead. Of history that is loaded, only what still waits for that counts.
    """
    case = file.case
    if not case.is_adjudicating or "is_adjudicating" not in entry.data.get("changed", {}):
        return
    today = timezone.localdate(entry.at)
    units = centre_units(file, today)
    room = ensure_room(file, at=entry.at, by=None)
    note(room, _what_happened(file), at=entry.at)
    if not units:
        return
    RoomTask.objects.get_or_create(
        room=room,
        is_proposal=True,
        done_at=None,
        dropped_at=None,
        defaults={
            "title": _("召开会商，裁定主办单位"),
            "unit_id": units[0],
            "due_on": today + TO_CALL,
            "made_at": entry.at,
        },
    )
    tell(
        to=judges(file, today),
        topic="rooms.adjudicate",
        title=_("案件 %(number)s 已 %(times)s 次退单，请召开会商裁定主办单位")
        % {"number": case.number, "times": case.send_backs},
        url=room_url(case.pk),
        case_id=case.pk,
        at=entry.at,
        once=f"rooms.adjudicate/{case.pk}/{case.send_backs}",
    )


def note_lead(file: CaseFile, entry: Entry) -> None:
    """Say in the room, where there is one, that the lead is fixed; the task to call a meeting is done."""
    room = Room.objects.filter(pk=file.case.pk).first()
    if room is None:
        return
    lead = unit_name(entry.data.get("lead"))
    note(room, _("已裁定由%(unit)s主办，不得再退单。") % {"unit": lead}, at=entry.at)
    room.tasks.open().filter(is_proposal=True).update(done_at=entry.at, ended_by=entry.user_id)


def _what_happened(file: CaseFile) -> str:
    back = [o for o in file.orders if o.state == OrderState.SENT_BACK and o.role == OrderRole.LEAD]
    lines = [
        _("%(n)s. %(unit)s：%(reason)s（%(when)s）")
        % {
            "n": n,
            "unit": unit_name(order.unit_id),
            "reason": SendBackReason(order.send_back_reason).label,
            "when": f"{timezone.localtime(order.ended_at):%m-%d %H:%M}",
        }
        for n, order in enumerate(sorted(back, key=lambda o: o.ended_at or o.issued_at), start=1)
    ]
    head = _("主办单位已 %(times)s 次退单，不能再派遣，须会商裁定主办单位；裁定后不得退单。") % {
        "times": file.case.send_backs
    }
    return "\n".join([head, *lines])
