"""The supervision slip as a paper."""

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from gridloop.base.common.documents import Document
from gridloop.capabilities.oversight.models import Supervision
from gridloop.core.org.locate import jurisdiction


def slip_paper(slip: Supervision) -> Document:
    """Return the slip with all that was said in it; nobody is named but by unit and office."""
    paper = Document(_("督办单"), number=slip.number)
    paper.facts(
        [
            (_("承办单位"), slip.unit.name),
            (_("案件编号"), slip.case.number),
            (_("督办事项"), slip.matter),
            (_("督办原因"), slip.get_cause_display()),
            (_("办理要求"), slip.demand),
            (_("回复期限"), _day(slip.due_at)),
            (_("当前状态"), slip.get_state_display()),
        ]
    )
    for line in slip.lines.order_by("at", "pk"):
        if line.step != "issue":
            paper.heading(f"{line.get_step_display()}（{_day(line.at)}）", level=2)
            paper.paragraph(line.text)
    paper.sign(_issuer(), date_format(timezone.localtime(slip.issued_at), "Y年n月j日"))
    return paper


def _issuer() -> str:
    return settings.TOWN_NAME or _("%(town)s城市运行指挥中心") % {"town": jurisdiction().name}


def _day(at: object) -> str:
    return date_format(timezone.localtime(at), "Y年n月j日 H:i")  # type: ignore[arg-type]
