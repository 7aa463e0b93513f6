"""The words with which the browser writes down what the stream tells in codes."""

from typing import Any
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from gridloop.core.cases.labels import STATES, VERBS
from gridloop.faces.centre.places import region_names

NO_CASE = UUID(int=0)


def words() -> dict[str, Any]:
    """Return labels of verbs and states, names of regions, and the address of the case `NO_CASE`."""
    return {
        "verbs": {verb: str(label) for verb, label in VERBS.items()},
        "states": {state.value: str(label) for state, label in STATES.items()},
        "regions": region_names(),
        "hidden": _("保密件"),
        "url": _case_url(),
    }


def _case_url() -> str:
    try:
        return reverse("desk:case", args=[NO_CASE])
    except NoReverseMatch:
        return ""
