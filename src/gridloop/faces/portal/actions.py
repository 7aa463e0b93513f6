"""
The portal's own writes: a report with its photos, both or neither, what its reporter does later, and the
photos of forms that are never sent.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction

from gridloop.base.common.files import Checked, storage_name
from gridloop.core.audit.models import Entry
from gridloop.core.cases import actions as cases
from gridloop.core.cases.models import Attachment, Case
from gridloop.core.org.actors import REPORTER, ActorKind
from gridloop.faces.portal.holders import holder_of
from gridloop.faces.portal.models import KeptPhoto

PHOTOS_AT_ONCE = 500


@transaction.atomic
def submit(intake: cases.Intake, files: Sequence[tuple[str, Checked]], *, key: UUID, at: datetime) -> Case:
    """
    Take a resident's report in and return the case; the same form sent twice, even at once, is one case.

    One transaction, so that whoever comes second waits and finds the report with its photos.

    :param files: checked and stored photos.
    :raises InvalidInput: see `cases.report`; the key belongs to another report.
    """
    case = cases.report(intake, actor=REPORTER, at=at, case_id=key)
    if files and case.version == 1:
        case = cases.attach(case.pk, actor=holder_of(case), at=at, files=files)
    return case


def act(verb: str, case: Case, details: dict[str, Any], *, at: datetime) -> None:
    """
    Make one of the reporter's own verbs; the same words pressed twice in a row are added once.

    :raises DomainError: see the verb.
    """
    if verb == "supplement" and _said_last(case) == details["text"].strip():
        return
    cases.VERBS[verb](case.pk, actor=holder_of(case), at=at, **details)


def note_photo(sha256: str, *, at: datetime) -> None:
    """
    Note that a photo came with a form, once for each content. Call it before the photo is stored.

    Where the same photo is being dropped this waits; the photo is then stored anew.
    """
    KeptPhoto.objects.bulk_create(
        [KeptPhoto(sha256=sha256, kept_at=at)],
        update_conflicts=True,
        unique_fields=["sha256"],
        update_fields=["kept_at"],
    )


@transaction.atomic
def drop_unsent_photos(*, before: datetime) -> int:
    """
    Delete up to `PHOTOS_AT_ONCE` photos that last came before `before`, unless a case has them, and forget
    that they came; return how many were forgotten.

    The rows go last and only with the whole: after a crash the next call finds them again.
    """
    old = KeptPhoto.objects.older_than(before).select_for_update(skip_locked=True)
    known = [row.sha256 for row in old[:PHOTOS_AT_ONCE]]
    attached = set(Attachment.objects.filter(sha256__in=known).values_list("sha256", flat=True))
    for sha256 in known:
        if sha256 not in attached:
            default_storage.delete(storage_name(sha256))
    KeptPhoto.objects.filter(pk__in=known).delete()
    return len(known)


def _said_last(case: Case) -> str:
    own = Entry.objects.filter(stream=case.pk, verb="supplement", actor_kind=ActorKind.REPORTER)
    return str((own.order_by("-seq").values_list("data", flat=True).first() or {}).get("text", ""))
