"""From the form of a verb to the verb: its evidence first, then the verb itself."""

from datetime import datetime
from uuid import UUID

from gridloop.base.common.files import store
from gridloop.core.cases.actions import VERBS, attach
from gridloop.core.cases.models import Case
from gridloop.core.org.actors import Actor
from gridloop.faces.desk.forms import NoteForm


def make(verb: str, case_id: UUID, form: NoteForm, *, actor: Actor, at: datetime) -> Case:
    """
    Make the verb that a valid form asks for and return the case.

    Evidence goes in first, as a line of its own: should the verb be refused after it, the photographs are
    there already, and sending the same ones again adds nothing.

    :raises DomainError: as the verb does, `StaleCase` among them.
    """
    version = form.cleaned_data["version"]
    if form.evidence:
        for _name, checked in form.evidence:
            store(checked)
        version = attach(case_id, actor=actor, at=at, expected_version=version, files=form.evidence).version
    return VERBS[verb](
        case_id, actor=actor, at=at, expected_version=version, note=form.words, **form.details()
    )
