"""A file that is uploaded, looked at and then applied, perhaps by somebody else and on another day."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from gridloop.base.common.errors import DomainError
from gridloop.core.catalogue.actions.applying import RulebookChanged, apply_difference, check_sound
from gridloop.core.catalogue.actions.editing import touch
from gridloop.core.catalogue.models import Upload
from gridloop.core.catalogue.sheets.checking import check_file
from gridloop.core.catalogue.sheets.comparing import What
from gridloop.core.org.actions import log_act
from gridloop.core.org.actors import Actor


class AlreadyApplied(DomainError):
    """The upload has been applied before."""

    code = "already-applied"


@transaction.atomic
def keep_upload(
    content: bytes,
    file_name: str,
    *,
    effective_on: date,
    removes_missing: bool,
    actor: Actor,
    at: datetime,
) -> Upload:
    """
    Keep a sound file with the fingerprint of what it would change now. Nothing of the rulebook changes yet.

    :raises UnreadableFile: it is no spreadsheet of the rulebook.
    :raises FileHasProblems: rows of it cannot be understood.
    """
    checked = check_file(content, file_name, effective_on=effective_on, removes_missing=removes_missing)
    check_sound(checked)
    return Upload.objects.create(
        file_name=file_name[:200],
        content=content,
        effective_on=effective_on,
        removes_missing=removes_missing,
        uploaded_by_id=actor.user_id,
        uploaded_at=at,
        fingerprint=checked.difference.fingerprint,
    )


@transaction.atomic
def apply_upload(upload_id: int, *, expected: str, actor: Actor, at: datetime) -> Upload:
    """
    Apply a kept file: every row of it, or none.

    Clocks that run keep what they were started with; the file only says what holds from its date on.

    :param expected: the fingerprint of the difference that the person was shown.
    :raises AlreadyApplied: it was applied before.
    :raises RulebookChanged: the file would now change something else than was shown.
    :raises FileHasProblems: what the file refers to has gone meanwhile.
    """
    touch()
    upload = Upload.objects.select_for_update(of=("self",)).get(pk=upload_id)
    if upload.applied_at:
        raise AlreadyApplied(_("这份文件已经应用过。如需再次导入，请重新上传。"))
    checked = check_file(
        bytes(upload.content),
        upload.file_name,
        effective_on=upload.effective_on,
        removes_missing=upload.removes_missing,
    )
    check_sound(checked)
    difference = checked.difference
    if difference.fingerprint != expected:
        raise RulebookChanged(_("目录在您查看之后又有变化，请核对最新的差异后再确认。"))
    apply_difference(difference)
    upload.fingerprint, upload.applied_at, upload.applied_by_id = expected, at, actor.user_id
    upload.added, upload.changed, upload.removed = (difference.count(what) for what in What)
    upload.save()
    counts = {"added": upload.added, "changed": upload.changed, "removed": upload.removed}
    log_act(upload, "apply", actor=actor, at=at, data={"key": upload.pk, **counts})
    return upload
