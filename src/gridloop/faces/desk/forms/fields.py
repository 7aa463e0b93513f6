"""Fields that several forms of the desk share."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gridloop.base.common.errors import DomainError
from gridloop.base.common.files import Checked, inspect
from gridloop.base.shell.forms import PickMany, PickOne
from gridloop.core.cases.choices import named_people

LINES = forms.Textarea(attrs={"rows": 3})
MAX_FILES = 9


class UnitField(forms.TypedChoiceField):
    """One unit, picked from the list of them all, which can be searched."""

    widget = PickOne

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, **kwargs)


class UnitsField(forms.TypedMultipleChoiceField):
    """Any number of units, picked from the list of them all."""

    widget = PickMany

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, **kwargs)


class PersonField(forms.TypedChoiceField):
    """A person of a unit that takes work by name, or nobody: the unit hands it out itself."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, required=False, empty_value=None, **kwargs)


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files, each checked by its content; what is refused is told by its name."""

    widget = FilesInput(attrs={"multiple": True, "accept": "image/*,.pdf,.docx,.xlsx,.mp4,.m4a,.mp3"})

    def clean(self, data: Any, initial: Any = None) -> list[tuple[str, Checked]]:  # noqa: ARG002
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if not files and self.required:
            raise forms.ValidationError(self.error_messages["required"])
        if len(files) > MAX_FILES:
            raise forms.ValidationError(_("一次最多 %(most)s 个文件，请分次上传。") % {"most": MAX_FILES})
        errors, checked = [], []
        for file in files:
            try:
                checked.append((file.name, inspect(file)))
            except DomainError as error:
                errors.append(f"{file.name}：{error.message}")
        if errors:
            raise forms.ValidationError(errors)
        return checked


def choose_person(form: forms.Form) -> None:
    """Fill in who can be named; without any such person there is nothing to ask."""
    if people := named_people():
        choose(form, "assignee_id", people, _("由单位自行分派"))
    else:
        del form.fields["assignee_id"]


def choose(form: forms.Form, name: str, choices: Iterable[Any], empty: Any = None) -> None:
    """Fill in what a field can be chosen from, with what is shown where nothing is chosen."""
    field: Any = form.fields[name]
    field.choices = [*([] if empty is None else [("", empty)]), *choices]
