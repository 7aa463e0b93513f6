"""A file, read and held against the rulebook, before anything is written."""

from dataclasses import dataclass
from datetime import date

from gridloop.core.catalogue.sheets.comparing import Difference, compare
from gridloop.core.catalogue.sheets.directory import Directory, load_directory
from gridloop.core.catalogue.sheets.held import held_on
from gridloop.core.catalogue.sheets.parsing import Problem, parse
from gridloop.core.catalogue.sheets.reading import RawBook, read


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong with a file, in its own order, and what it would change if nothing is."""

    problems: tuple[Problem, ...]
    difference: Difference


def check_file(content: bytes, file_name: str, *, effective_on: date, removes_missing: bool) -> Checked:
    """
    Read a file and compare it with the rulebook of the day on which it is to take effect.

    :raises UnreadableFile: it is no spreadsheet of the rulebook.
    """
    raw = read(content, file_name)
    directory = load_directory()
    return check_rows(raw, directory, effective_on=effective_on, removes_missing=removes_missing)


def check_rows(
    raw: RawBook, directory: Directory, *, effective_on: date, removes_missing: bool = False
) -> Checked:
    """Do as `check_file` does with rows that are read already and a directory that may know more names."""
    held = held_on(effective_on, directory)
    parsed = parse(raw, directory, held.categories or ())
    difference = compare(parsed.book, held, effective_on=effective_on, removes_missing=removes_missing)
    return Checked(tuple(parsed.problems), difference)
