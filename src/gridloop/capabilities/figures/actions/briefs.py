"""Making briefs: asked for by a person or by the calendar, made by a job, made again on demand."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from procrastinate.contrib.django import app

from gridloop.base.common.documents import NoChineseFont
from gridloop.base.common.errors import InvalidInput
from gridloop.capabilities.figures.briefs.facts import Looked, gather
from gridloop.capabilities.figures.briefs.writing import paper
from gridloop.capabilities.figures.labels import BriefKind, PaperState
from gridloop.capabilities.figures.models import Brief
from gridloop.capabilities.figures.policies import check_can_read_briefs
from gridloop.core.org.actors import SYSTEM, Actor

JOB = "gridloop.capabilities.figures.tasks.make_brief_files"
READY_HOUR = 6  # by when yesterday's brief lies on the desk
FORGOTTEN_AFTER = timedelta(minutes=10)


@transaction.atomic
def ask_brief(kind: BriefKind, day: date, *, actor: Actor, at: datetime) -> Brief:
    """
    Have the brief made of the day, week or month in which `day` lies; one that is there is made anew.

    :raises NotAllowed: the actor may not read briefs.
    :raises InvalidInput: the period has not begun.
    """
    if actor is not SYSTEM:
        check_can_read_briefs(actor)
    looked = Looked.around(kind, day)
    if looked.days.since > timezone.localdate(at):
        raise InvalidInput(_("这个期间还没有开始，请选择今天或更早的日期。"), fields={"day": _("还没有开始")})
    brief, _made = Brief.objects.update_or_create(
        kind=kind,
        starts_on=looked.days.since,
        defaults={"state": PaperState.WAITING, "asked_at": at, "asked_by_id": actor.user_id},
    )
    app.configure_task(JOB).defer(brief_id=str(brief.pk))
    return brief


def make_brief(brief_id: UUID, *, at: datetime) -> None:
    """Gather the figures of a brief and write its files; done again, it writes them again."""
    brief = Brief.objects.filter(pk=brief_id).first()
    if brief is None:
        return
    kind = BriefKind(brief.kind)
    found = Brief.objects.filter(pk=brief_id)
    try:
        with override("zh-hans"):  # a paper of the town is in the town's language, whoever asked for it
            facts = gather(Looked.around(kind, brief.starts_on), now=at)
            written = paper(facts, kind)
            _keep(storage_name(brief_id, "docx"), written.to_docx())
            has_pdf = True
            try:
                _keep(storage_name(brief_id, "pdf"), written.to_pdf())
            except NoChineseFont:
                has_pdf = False
    except Exception:
        found.update(state=PaperState.FAILED)
        raise
    found.update(state=PaperState.READY, facts=facts, has_pdf=has_pdf, asked_at=at)


def make_due(*, at: datetime) -> int:
    """
    Have yesterday's, last week's and last month's brief made where they are not there, and take up what was
    left unfinished; return how many jobs that makes.
    """
    now = timezone.localtime(at)
    if now.hour < READY_HOUR:
        return 0
    today = now.date()
    wanted = {
        BriefKind.DAY: today - timedelta(days=1),
        BriefKind.WEEK: today - timedelta(days=today.weekday() + 1),
        BriefKind.MONTH: today.replace(day=1) - timedelta(days=1),
    }
    missing = [
        (kind, day)
        for kind, day in wanted.items()
        if not Brief.objects.filter(kind=kind, starts_on=Looked.around(kind, day).days.since).exists()
    ]
    left = Brief.objects.filter(state=PaperState.WAITING, asked_at__lt=at - FORGOTTEN_AFTER)
    again = [(BriefKind(brief.kind), brief.starts_on) for brief in left]
    for kind, day in (*missing, *again):
        ask_brief(kind, day, actor=SYSTEM, at=at)
    return len(missing) + len(again)


def storage_name(brief_id: UUID, extension: str) -> str:
    """Return where a file of a brief lies in the storage."""
    return f"briefs/{brief_id}.{extension}"


def _keep(name: str, content: bytes) -> None:
    default_storage.delete(name)
    default_storage.save(name, ContentFile(content))
