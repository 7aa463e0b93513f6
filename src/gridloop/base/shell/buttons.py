"""Buttons as data: templates hold no rules about who may press what."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Button:
    """
    What may be done now, drawn by `shell/components/buttons.html`.

    A button that is not `enabled` stays visible and says `why_not`. `needs_note` asks for a note first, in
    which `note` is already written; `is_note_optional` lets it be left empty. `confirm` asks once more before
    what cannot be undone; `method` "get" makes a link to a page with a form of its own.
    """

    name: str
    label: Text
    url: str
    shown: bool = True
    enabled: bool = True
    why_not: Text = ""
    style: str = "secondary"
    needs_note: bool = False
    is_note_optional: bool = False
    note: str = ""
    note_label: Text = ""
    confirm: Text = ""
    icon: str = ""
    method: str = "post"
    fields: Mapping[str, object] = field(default_factory=dict)

    @property
    def look(self) -> str:
        """Tabler's classes: primary is filled, danger outlined, all else quiet."""
        return {"primary": "btn-primary", "danger": "btn-outline-danger"}.get(self.style, "")
