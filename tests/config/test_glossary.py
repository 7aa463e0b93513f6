"""docs/glossary.md says what the code says, both ways."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db.models import TextChoices
from django.utils import translation

import gridloop
from gridloop.core.cases import labels as cases
from gridloop.core.catalogue import labels as catalogue
from gridloop.core.org.permissions import PERMISSIONS, ROLES, SCOPE_LABELS

PROJECT = Path(__file__).parents[2]
GLOSSARY = PROJECT / "docs/glossary.md"
SECTIONS = {
    "State": cases.STATES,
    "OrderState": cases.ORDER_STATES,
    "Verb": cases.VERBS,
    "Stage": catalogue.STAGE_LABELS,
    "LimitUnit": catalogue.UNIT_LABELS,
    "Role": {role: rule.label for role, rule in ROLES.items()},
    "Scope": SCOPE_LABELS,
    "Permission": PERMISSIONS,
}


def labelled(language: str = "zh-hans") -> dict[str, dict[str, str]]:
    """Every set of codes that people read by a label: those above, and every choice of a model's field."""
    with translation.override(language):
        found = {
            name: {str(code): str(text) for code, text in rows.items()} for name, rows in SECTIONS.items()
        }
        return found | {c.__name__: {v: str(text) for v, text in c.choices} for c in text_choices()}


def text_choices() -> Iterator[type[TextChoices]]:
    for module in pkgutil.walk_packages(gridloop.__path__, "gridloop."):
        if module.name.endswith((".models", ".labels")):
            importlib.import_module(module.name)
    return (c for c in TextChoices.__subclasses__() if c.__module__.startswith("gridloop."))


def tables() -> dict[str, list[list[str]]]:
    """The rows of each table by the name in brackets in its heading, `` for the one without."""
    by_name: dict[str, list[list[str]]] = {}
    for section in GLOSSARY.read_text().split("\n## ")[1:]:
        heading, *lines = section.splitlines()
        named = re.search(r"\(`(\w+)`\)", heading)
        rows = [
            [cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")
        ]
        by_name[named[1] if named else ""] = rows[2:]
    return by_name


def test_every_set_of_labels_has_its_table_and_no_table_is_left_over():
    assert set(tables()) - {""} == set(labelled())


@pytest.mark.parametrize("name", sorted(labelled()))
def test_a_table_has_the_labels_of_the_code(name):
    written = {identifier.strip("`"): label for label, _english, identifier in tables().get(name, [])}
    assert written == labelled()[name]


def test_every_row_has_its_english():
    rows = [row for table in tables().values() for row in table]
    assert [row for row in rows if len(row) != 3 or not all(row)] == []


def test_the_words_of_the_house_are_the_names_in_the_code():
    source = "\n".join(p.read_text() for p in (PROJECT / "src").rglob("*.py"))
    names = [identifier.strip("`") for _label, _english, identifier in tables()[""]]
    assert [name for name in names if not re.search(rf"\b{name}\b", source)] == []


@pytest.mark.parametrize("name", sorted(labelled()))
def test_the_english_interface_says_what_the_table_says(name):
    """What the table adds in brackets is for its own reader."""
    shown = labelled("en")[name]
    written = {identifier.strip("`"): english for _label, english, identifier in tables()[name]}
    assert [
        (shown[code], english)
        for code, english in written.items()
        if english != shown[code] and not english.startswith(f"{shown[code]} (")
    ] == []
