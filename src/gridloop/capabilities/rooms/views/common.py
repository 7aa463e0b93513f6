"""What every view of rooms and meetings asks first."""

from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from gridloop.base.common.errors import NotFound
from gridloop.capabilities.rooms.models import Meeting
from gridloop.core.cases.casefile import CaseFile, open_file
from gridloop.core.cases.models import Case
from gridloop.core.org.middleware import actor_in


def file_of(request: HttpRequest, case_id: UUID) -> CaseFile:
    """Return the file of a case that the person sees. :raises NotFound: there is none for them."""
    found = Case.objects.visible_to(actor_in(request)).select_related("region").filter(pk=case_id).first()
    if found is None:
        raise NotFound(_("没有找到这个案件，或者您无权查看。"))
    return open_file(found)


def meeting_of(request: HttpRequest, meeting_id: UUID) -> Meeting:
    """Return a meeting that the person may know of. :raises NotFound: there is none for them."""
    visible = Meeting.objects.visible_to(actor_in(request)).select_related("called_in", "called_by")
    found = visible.filter(pk=meeting_id).first()
    if found is None:
        raise NotFound(_("没有找到这次会商，或者没有邀请您参加。"))
    return found
