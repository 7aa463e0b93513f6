"""Who sees how much of a room, and who may do what in it and at its meetings."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError, NotAllowed, NotFound
from gridloop.capabilities.rooms.models import Meeting, MeetingState, Resolution, RoomTask
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.cases.policies import is_visible
from gridloop.core.cases.workflow import OrderState
from gridloop.core.org.actors import Actor

# Units whose share goes on, or is done: they are at the table. The others have left it.
AT_TABLE = frozenset({OrderState.ISSUED, OrderState.HANDLING, OrderState.DONE})


class RoomClosed(DomainError):
    """The case has ended; what was said in its room stays to be read."""

    code = "room-closed"


class MeetingOver(DomainError):
    """The meeting was held or cancelled, so that this cannot be done any more."""

    code = "meeting-over"


@dataclass(frozen=True, slots=True)
class Seat:
    """
    How somebody sits in a room. `until` is when their unit left the case: they see what was there by then.
    """

    is_centre: bool
    is_member: bool
    until: datetime | None = None

    @property
    def sees_all(self) -> bool:
        return self.is_centre or self.is_member


def is_centre(actor: Actor) -> bool:
    """Return whether the actor leads from the centre: gives work out, or judges whose it is."""
    return actor.can("case.dispatch") or actor.can("case.adjudicate")


def seat(file: CaseFile, actor: Actor) -> Seat | None:
    """Return how the actor sits in the room of a case; None where they have no seat and never had one."""
    if not is_visible(file, actor):
        return None
    if is_centre(actor):
        return Seat(is_centre=True, is_member=False)
    if actor.unit_id is None:
        return None
    orders = [order for order in file.orders if order.unit_id == actor.unit_id]
    if any(order.state in AT_TABLE for order in orders):
        return Seat(is_centre=False, is_member=True)
    left = max((order.ended_at for order in orders if order.ended_at), default=None)
    return Seat(is_centre=False, is_member=False, until=left) if left else None


def check_seat(file: CaseFile, actor: Actor) -> Seat:
    """:raises NotFound: the actor has no seat in the room, so there is none for them."""
    found = seat(file, actor)
    if found is None:
        raise NotFound(_("没有找到这个联合处置室，或者您所在单位没有参与办理。"))
    return found


def check_speak(file: CaseFile, actor: Actor) -> Seat:
    """
    Refuse whoever may not speak in the room.

    :raises NotFound: no seat. :raises NotAllowed: the unit has left. :raises RoomClosed: the case has ended.
    """
    found = check_seat(file, actor)
    if not found.sees_all:
        raise NotAllowed(_("本单位已退出这个案件，不能再发言。"))
    if not file.case.is_open:
        raise RoomClosed(_("案件已结束，联合处置室只供查阅；需要继续请先重办案件。"))
    return found


def why_not_speak(file: CaseFile, actor: Actor) -> str:
    """Return why the actor cannot speak, in words for them; nothing where they can."""
    try:
        check_speak(file, actor)
    except DomainError as refusal:
        return refusal.message
    return ""


def check_centre(actor: Actor) -> None:
    """:raises NotAllowed: the actor neither gives work out nor judges whose it is."""
    if not is_centre(actor):
        raise NotAllowed(_("只有指挥中心可以这样做。"))


def can_end(task: RoomTask, actor: Actor) -> bool:
    """Return whether the actor may say that the task is done: whose it is, or the centre."""
    is_mine = actor.user_id == task.person_id if task.person_id else actor.unit_id == task.unit_id
    return task.is_open and (is_centre(actor) or is_mine)


def can_drop(task: RoomTask, actor: Actor) -> bool:
    """Return whether the actor may take the task back: the unit that gave it, or the centre."""
    return task.is_open and (
        is_centre(actor) or (actor.unit_id is not None and actor.unit_id == task.made_in_id)
    )


def check_planned(meeting: Meeting) -> None:
    """:raises MeetingOver: it was held or cancelled."""
    if meeting.state != MeetingState.PLANNED:
        raise MeetingOver(_("这次会商%(state)s，不能再修改。") % {"state": meeting.get_state_display()})


def check_decidable(meeting: Meeting) -> None:
    """:raises MeetingOver: it was cancelled."""
    if meeting.state == MeetingState.CANCELLED:
        raise MeetingOver(_("这次会商已取消。"))


def check_undecided(resolution: Resolution) -> None:
    """:raises MeetingOver: it has been carried out."""
    if resolution.is_done:
        raise MeetingOver(_("这项决定已经落实，不能再改。"))
