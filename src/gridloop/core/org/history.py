"""What became of one row, as the triggers kept it, told in the words of its fields."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from gridloop.core.org.models import User

MOST = 200
LABELS = {"insert": _("新建"), "update": _("修改"), "delete": _("删除")}
BLANK = (None, "")


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, before and after."""

    label: str | Promise
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a row; `who` is blank where a command or a job made it."""

    at: datetime
    who: str
    label: str | Promise
    fields: list[FieldChange]


def history_of(row: Any, *, hidden: Iterable[str] = ()) -> list[Change]:
    """Return the last 200 changes of a tracked row, the latest first; `hidden` fields are left out."""
    rows = row.pgh_event_model.objects.filter(pgh_obj=row.pk).select_related("pgh_context")
    events = list(rows.order_by("-pgh_id")[: MOST + 1])
    names = _names(events)
    kept = {f.attname for f in row.pgh_event_model._meta.concrete_fields}
    skipped = {"id", *hidden}
    readers = [
        _Reader(field, events)
        for field in row._meta.concrete_fields
        if field.attname in kept and field.name not in skipped
    ]
    changes = []
    for event, before in zip(events, [*events[1:], None], strict=True):
        fields = [change for reader in readers if (change := reader.change(before, event))]
        who = names.get(_user_of(event), "")
        changes.append(
            Change(event.pgh_created_at, who, LABELS.get(event.pgh_label, event.pgh_label), fields)
        )
    return changes[:MOST]


def links_of(events: models.QuerySet[Any], pointer: str, label: str | Promise) -> list[Change]:
    """
    Return the last 200 changes of what a row is linked to, the latest first.

    :param events: those of the table between the two, for this row; `pointer` leads to the other one.
    """
    rows = list(events.select_related("pgh_context", pointer).order_by("-pgh_id")[:MOST])
    names = _names(rows)
    changes = []
    for event in rows:
        word = str(getattr(event, pointer))
        before, after = ("", word) if event.pgh_label == "insert" else (word, "—")
        fields = [FieldChange(label, before, after)]
        changes.append(Change(event.pgh_created_at, names.get(_user_of(event), ""), LABELS["update"], fields))
    return changes


class _Reader:
    """Turns the stored values of one field into words; what a foreign key points at is loaded at once."""

    def __init__(self, field: Any, events: Sequence[Any]) -> None:
        self.field = field
        self._choices = {str(key): label for key, label in field.flatchoices}
        self._rows = self._pointed_at(events) if field.remote_field else {}

    def change(self, before: Any, event: Any) -> FieldChange | None:
        """Return what this event did to the field; None where it left it alone."""
        old, new = (None if e is None else getattr(e, self.field.attname) for e in (before, event))
        if old == new or (old in BLANK and new in BLANK) or event.pgh_label == "delete":
            return None
        return FieldChange(
            self.field.verbose_name, "" if before is None else self._word(old), self._word(new)
        )

    def _pointed_at(self, events: Sequence[Any]) -> dict[Any, models.Model]:
        ids = {getattr(event, self.field.attname) for event in events} - {None}
        rows: dict[Any, models.Model] = self.field.related_model._default_manager.in_bulk(ids)  # noqa: SLF001
        return rows

    def _word(self, value: Any) -> str:
        if value in BLANK:
            return "—"
        if isinstance(value, bool):
            return str(_("是") if value else _("否"))
        if isinstance(value, list):
            return _("、").join(map(str, value)) or "—"
        return str(self._choices.get(str(value)) or self._rows.get(value) or value)


def _user_of(event: Any) -> Any:
    return event.pgh_context.metadata.get("user") if event.pgh_context else None


def _names(events: Sequence[Any]) -> dict[Any, str]:
    ids = {_user_of(event) for event in events} - {None}
    return {user.pk: user.get_full_name() for user in User.objects.filter(pk__in=ids)}
