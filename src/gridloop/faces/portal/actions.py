"""The portal's own write: a report and its photos, both or neither."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from gridloop.base.common.files import Checked
from gridloop.core.cases import actions as cases
from gridloop.core.cases.models import Case
from gridloop.core.org.actors import REPORTER
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
