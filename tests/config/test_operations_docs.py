"""The table of settings in docs/operations.md is what the code reads, and no more."""

import ast
import re
from pathlib import Path

PROJECT = Path(__file__).parents[2]
NAME = re.compile(r"(?:GRIDLOOP_[A-Z0-9_]+|DATABASE_URL)\Z")


def trees() -> list[ast.Module]:
    return [ast.parse(path.read_text()) for path in (PROJECT / "src").rglob("*.py")]


def variables_read() -> set[str]:
    strings = (n.value for tree in trees() for n in ast.walk(tree) if isinstance(n, ast.Constant))
    return {value for value in strings if isinstance(value, str) and NAME.match(value)}


def defaults() -> dict[str, str]:
    """Numbers and texts that stand as a default beside a variable's name: `env.int("GRIDLOOP_X", 16)`."""
    found = {}
    for call in (n for tree in trees() for n in ast.walk(tree) if isinstance(n, ast.Call)):
        given = [*call.args, *(k.value for k in call.keywords if k.arg == "default")]
        values = [a.value for a in given if isinstance(a, ast.Constant)]
        if len(values) == 2 and NAME.match(str(values[0])) and isinstance(values[1], str | int | float):
            found[values[0]] = "" if values[1] is False else str(values[1])
    return found


def table() -> dict[str, str]:
    """Default by variable, as the page says."""
    section = (PROJECT / "docs/operations.md").read_text().split("## Settings")[1]
    rows = [
        [c.strip().strip("`") for c in line.split("|")[1:4]] for line in section.splitlines() if "|" in line
    ]
    return {name: default for name, default, meaning in rows[2:] if meaning}


def test_every_variable_that_the_code_reads_has_a_row():
    assert sorted(variables_read() - set(table())) == [], "Add a row to the table in docs/operations.md."


def test_every_row_is_a_variable_that_the_code_reads():
    assert sorted(set(table()) - variables_read()) == []


def test_the_defaults_are_those_of_the_code():
    assert {name: table()[name] for name in defaults()} == defaults()
