"""What a form asks for, read off the form itself."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise

from gridloop.base.common.asks import Asked

_PICTURES = ("照片", "图片", "视频", "影像", "轨迹")


def of_form(
    form: type[forms.BaseForm],
    *,
    key: str = "",
    label: str | Promise = "",
    verb: str = "",
    is_for_base: bool = False,
    without: Iterable[str] = (),
    required: Mapping[str, bool] | None = None,
) -> Asked:
    """
    Return what the form asks of whoever fills it in; what is hidden asks nobody.

    :param without: fields that the form drops when it is made.
    :param required: what it decides only then, by field.
    """
    left_out = set(without)
    fields: dict[str, Any] = {
        name: field
        for name, field in getattr(form, "base_fields", {}).items()
        if name not in left_out and not field.widget.is_hidden
    }
    needed = {name: field.required for name, field in fields.items()} | {
        name: value for name, value in (required or {}).items() if name in fields
    }
    files = [name for name, field in fields.items() if _takes_pictures(field)]
    return Asked(
        key=key or f"{form.__module__.removeprefix('gridloop.')}.{form.__qualname__}",
        label=label or form.__qualname__,
        texts={
            name: f"{field.label or ''} {field.help_text or ''}".strip() for name, field in fields.items()
        },
        names=tuple(fields),
        required=sum(needed.values()),
        photos=len(files),
        required_photos=sum(needed[name] for name in files),
        verb=verb,
        is_for_base=is_for_base,
    )


def _takes_pictures(field: Any) -> bool:
    """Say whether a field takes photos or videos, and is not one for a table that somebody imports."""
    if not isinstance(field, forms.FileField):
        return False
    accepted = str(field.widget.attrs.get("accept", ""))
    words = f"{field.label or ''} {field.help_text or ''}"
    return any(kind in accepted for kind in ("image", "video")) or any(word in words for word in _PICTURES)


def form_classes() -> list[type[forms.BaseForm]]:
    """Return every form of ours that is loaded, by name; a page's forms come with its URL."""
    found: dict[str, type[forms.BaseForm]] = {}
    waiting = list(forms.BaseForm.__subclasses__())
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        if form.__module__.startswith("gridloop."):
            found[f"{form.__module__}.{form.__qualname__}"] = form
    return [found[name] for name in sorted(found)]
