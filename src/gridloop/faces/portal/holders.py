"""Who holds a tracking code: may see that one case and do what its reporter may."""

from dataclasses import replace

from django.utils.translation import gettext as _

from gridloop.base.common.errors import NotFound
from gridloop.base.common.ids import TRACKING_LENGTH, read_tracking_code, show_tracking_code
from gridloop.core.cases.models import Case
from gridloop.core.org.actors import REPORTER, Actor


class CodeUnknown(NotFound):
    """No case has this tracking code."""

    code = "tracking-code-unknown"


def holder_of(case: Case) -> Actor:
    """Return the reporter of this case as an actor: nothing but this case is visible to it."""
    return replace(REPORTER, holds=case.pk)


def case_of(text: str) -> Case:
    """
    Return the case of a tracking code, however it was typed: case, spaces and hyphens make no difference.

    :raises CodeUnknown: the code is incomplete or no case has it.
    """
    code = read_tracking_code(text)
    if len(code) != TRACKING_LENGTH:
        raise CodeUnknown(
            _("查询码是 %(length)s 位字母和数字，您输入了 %(given)s 位。请对照截图或纸条再核对一次。")
            % {"length": TRACKING_LENGTH, "given": len(code)}
        )
    case = Case.objects.real().select_related("region", "category").filter(tracking_code=code).first()
    if case is None:
        raise CodeUnknown(
            _("没有找到查询码 %(code)s。请核对有没有看错字：查询码里没有数字 0、1，也没有字母 O、I、L、U。")
            % {"code": show_tracking_code(code)}
        )
    return case
