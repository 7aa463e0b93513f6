"""What the desk's forms ask of the people who work at it, grid workers among them."""

from collections.abc import Iterator

from gridloop.base.common.asks import Asked
from gridloop.base.shell.asking import of_form
from gridloop.core.cases.actions import VERBS
from gridloop.core.cases.labels import VERBS as LABELS
from gridloop.core.cases.workflow import TRANSITIONS
from gridloop.core.org.permissions import ROLES, Role
from gridloop.faces.desk.forms import VERB_FORMS, NoteForm, ReportForm


def forms_asked() -> Iterator[Asked]:
    """Yield the form of each verb as it is asked, and that of a report."""
    yield of_form(ReportForm, key="desk/report", label=LABELS["report"], verb="report", is_for_base=True)
    for verb in VERBS:
        yield _of_verb(verb, VERB_FORMS.get(verb, NoteForm))


def _of_verb(verb: str, form: type[NoteForm]) -> Asked:
    rule = TRANSITIONS[verb]
    drops_note = form.has_own_words and not rule.needs_note
    return of_form(
        form,
        key=f"desk/{verb}",
        label=LABELS[verb],
        verb=verb,
        is_for_base=rule.permission in ROLES[Role.GRID_WORKER].permissions,
        without=["note"] if drops_note else [],
        required={"note": rule.needs_note},
    )
