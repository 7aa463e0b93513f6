"""Fields that several forms of the desk share."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gridloop.base.shell.forms import PickMany, PickOne
from gridloop.core.cases.choices import named_people

LINES = forms.Textarea(attrs={"rows": 3})


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


def choose(form: forms.Form, name: str, choices: Iterable[Any], empty: Any = None) -> None:
    """Fill in what a field can be chosen from, with what is shown where nothing is chosen."""
    field: Any = form.fields[name]
    field.choices = [*([] if empty is None else [("", empty)]), *choices]


def choose_person(form: forms.Form) -> None:
    """Fill in who can be named; without any such person there is nothing to ask."""
    if people := named_people():
        choose(form, "assignee_id", people, _("由单位自行分派"))
    else:
        del form.fields["assignee_id"]
