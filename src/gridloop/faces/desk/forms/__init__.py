"""Forms of the desk: one for each verb that asks for more than a note, and the staff's report."""

from gridloop.faces.desk.forms.report import ReportForm
from gridloop.faces.desk.forms.verbs import VERB_FORMS, NoteForm, RevealForm

__all__ = ["VERB_FORMS", "NoteForm", "ReportForm", "RevealForm"]
