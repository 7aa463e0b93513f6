"""The buttons of a case page: what moves it on in front, what only adds to it behind, what waits greyed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from gridloop.base.shell.buttons import Button
from gridloop.core.cases.buttons import Choice, choices
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.cases.labels import VERBS
from gridloop.core.cases.models import Case
from gridloop.core.cases.policies import Ask, can, is_offered
from gridloop.core.org.actors import Actor
from gridloop.faces.desk.forms import VERB_FORMS
from gridloop.faces.desk.forms.verbs import NOTE_LABELS

MOST_GREYED = 1  # more than this are folded away
ADDING = frozenset({
    "transfer", "add_assistant", "request_extension", "request_suspension", "merge", "split", "escalate",
    "amend", "supplement", "annotate", "attach", "link", "withdraw", "rate", "recall", "reopen",
})  # fmt: skip
PRIMARY = frozenset({
    "register", "dispatch", "adjudicate", "sign_for", "submit_result", "verify_pass", "close", "call_back",
})  # fmt: skip
DANGER = frozenset({"reject", "withdraw", "verify_fail", "escalate"})
ICONS = {
    "register": "clipboard-check",
    "close_on_spot": "bolt",
    "reject": "circle-x",
    "dispatch": "send",
    "adjudicate": "gavel",
    "recall": "arrow-back-up",
    "sign_for": "ballpen",
    "send_back": "arrow-back-up",
    "transfer": "switch-horizontal",
    "add_assistant": "user-plus",
    "submit_result": "circle-check",
    "grant_extension": "check",
    "grant_suspension": "check",
    "refuse_time": "x",
    "verify_pass": "checkbox",
    "verify_fail": "circle-x",
    "close": "archive",
    "call_back": "phone-call",
    "uphold": "scale",
    "merge": "arrow-merge",
    "unmerge": "arrows-split-2",
    "split": "arrows-split-2",
    "attach": "paperclip",
    "annotate": "note",
    "supplement": "file-text",
    "link": "link",
    "amend": "edit",
    "escalate": "arrow-forward-up",
    "hand_down": "arrow-back-up",
    "answer_from_above": "message-report",
    "resume": "player-play",
    "request_extension": "clock",
    "request_suspension": "clock-pause",
    "reopen": "refresh",
    "withdraw": "trash",
    "rate": "star",
}
# What takes the last verb back while nobody has acted on it: (the verb done, the verb that undoes it).
UNDONE_BY = {"dispatch": "recall", "adjudicate": "recall", "merge": "unmerge"}


@dataclass(frozen=True, slots=True)
class Bar:
    """Buttons to press, further verbs behind a menu, and what cannot be done now with the reason."""

    front: list[Button]
    more: list[Button]
    greyed: list[Button]

    def __bool__(self) -> bool:
        return bool(self.front or self.more or self.greyed)


def bar(file: CaseFile, actor: Actor, at: datetime) -> Bar:
    """
    Return exactly the verbs that this person may make now, the others of the role greyed with the reason.
    """
    offered = choices(file, actor, at)
    # Whoever reviews chooses between upholding and taking the case up again: both stand in front then.
    adding = ADDING - {"reopen"} if file.case.needs_review else ADDING
    front = [c for c in offered if c.name not in adding]
    waiting = [c for c in front if not c.is_enabled]
    is_folded = len(waiting) > MOST_GREYED
    shown = [c for c in front if c.is_enabled or not is_folded]
    more = [c for c in offered if c.is_enabled and c.name in adding]
    greyed = [c for c in offered if not c.is_enabled and (is_folded or c.name in adding)]
    return Bar(
        [_button(c, file) for c in shown],
        [_link(c, file.case.pk) for c in more],
        [_button(c, file) for c in greyed],
    )


def undo_link(undoing: str, file: CaseFile, actor: Actor, at: datetime) -> tuple[str, str] | None:
    """Return the address and the label of a verb that takes another back, where it may be made."""
    if not can(undoing, Ask(file, actor, at)):
        return None
    return _url(file.case.pk, undoing), str(VERBS[undoing])


def done_message(verb: str, case: Case, undo: tuple[str, str] | None) -> str:
    """Return what is said after a verb was made, with the way back where there is one."""
    said = _("已办理：%(verb)s。案件现为“%(state)s”。") % {"verb": VERBS[verb], "state": case.state_label}
    if undo is None:
        return said
    return format_html('{} <a class="alert-link" href="{}">{}</a>', said, *undo)


def offers(verb: str, file: CaseFile, actor: Actor, at: datetime) -> bool:
    """Say whether a verb belongs on this person's page and can be made now."""
    ask = Ask(file, actor, at)
    return is_offered(verb, ask) and can(verb, ask)


def _button(choice: Choice, file: CaseFile) -> Button:
    name = choice.name
    return Button(
        name=name,
        label=choice.label,
        url=_url(file.case.pk, name),
        enabled=choice.is_enabled,
        why_not=choice.why_not or "",
        style="primary" if name in PRIMARY else "danger" if name in DANGER else "secondary",
        needs_note=choice.needs_note or name == "close",
        is_note_optional=not choice.needs_note,
        note=file.case.outcome if name == "close" else "",
        note_label=NOTE_LABELS.get(name, ""),
        icon=ICONS.get(name, ""),
        method="get" if name in VERB_FORMS else "post",
        fields={"version": file.case.version},
    )


def _link(choice: Choice, case_id: UUID) -> Button:
    name = choice.name
    return Button(name, choice.label, _url(case_id, name), icon=ICONS.get(name, ""), method="get")


def _url(case_id: UUID, verb: str) -> str:
    return reverse("desk:act", args=[case_id, verb])
