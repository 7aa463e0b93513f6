"""
The rulebook that comes with Gridloop: categories, standards, limits and duties for a town in Jiangsu.

It is data in `data/`, one file a sheet, read as an uploaded file is. What it says without a source is marked
as a local default there. `units.csv` holds other names by which towns call the units of the duty lists.
"""

import csv
import io
from datetime import date, datetime
from functools import cache
from importlib.resources import files

from django.db import transaction
from django.utils import timezone

from gridloop.core.catalogue.actions.applying import apply_difference, check_sound
from gridloop.core.catalogue.actions.editing import touch
from gridloop.core.catalogue.sheets.checking import check_rows
from gridloop.core.catalogue.sheets.columns import SEPARATOR
from gridloop.core.catalogue.sheets.comparing import Difference, additions, links
from gridloop.core.catalogue.sheets.directory import load_directory
from gridloop.core.catalogue.sheets.held import held_on
from gridloop.core.catalogue.sheets.reading import RawBook, read

_DATA = files("gridloop.core.catalogue") / "data"
_SHEETS = ("categories.csv", "standards.csv", "limits.csv", "duties.csv")


@transaction.atomic
def load_default_rulebook(*, at: datetime) -> Difference:
    """
    Add what the town's rulebook lacks of the default one, from the day of `at` on; return what was done.

    What the town has is left as it is, so a second run changes nothing. Units are found by their name or by
    another name of theirs; those that are not set up are kept by name, and put in by a later run.
    """
    touch()
    difference = default_difference(on=timezone.localdate(at))
    apply_difference(difference)
    return difference


def default_difference(*, on: date) -> Difference:
    """Return what `load_default_rulebook` would do, without doing it."""
    directory = load_directory(unit_aliases())
    checked = check_rows(default_rows(), directory, effective_on=on)
    check_sound(checked)
    return Difference(on, additions(checked.difference) + links(held_on(on, directory), directory))


@cache
def default_rows() -> RawBook:
    """Return the raw rows of the four files."""
    found: RawBook = {}
    for name in _SHEETS:
        found |= read((_DATA / name).read_bytes(), name)
    return found


@cache
def unit_aliases() -> dict[str, tuple[str, ...]]:
    """Return the other names of each unit that the default rulebook speaks of."""
    rows = csv.DictReader(io.StringIO((_DATA / "units.csv").read_text("utf-8")))
    return {row["名称"]: tuple(filter(None, row["别名"].split(SEPARATOR))) for row in rows}
