"""The portal's own writes: a report with its photos, both or neither, and what its reporter does later."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from gridloop.base.common.files import Checked
from gridloop.core.audit.models import Entry
from gridloop.core.cases import actions as cases
from gridloop.core.cases.models import Case
from gridloop.core.org.actors import REPORTER, ActorKind
from gridloop.faces.portal.holders import holder_of


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


def _said_last(case: Case) -> str:
    own = Entry.objects.filter(stream=case.pk, verb="supplement", actor_kind=ActorKind.REPORTER)
    return str((own.order_by("-seq").values_list("data", flat=True).first() or {}).get("text", ""))
