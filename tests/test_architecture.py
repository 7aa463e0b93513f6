"""
What import-linter cannot see: who writes.

Rows are written by `actions` alone, so that lock, permission, log and effects on commit are in one place.
"""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src/gridloop"
WRITES = {
    "save", "create", "update", "delete", "atomic", "select_for_update",
    "bulk_create", "bulk_update", "get_or_create", "update_or_create",
}  # fmt: skip
# Who else writes, and why that is right.
BESIDES_ACTIONS = {
    "core/cases/bulk.py": "the actions' own way to store many files at once, in one transaction",
    "core/cases/casefile.py": "locks the case of which an action asks for the file",
    "core/audit/verify.py": "reads the log at one moment; writes nothing",
    "core/catalogue/defaults.py": "many calls of actions that stand or fall together",
    "core/catalogue/commands.py": "keeps a file and applies it by two actions, or neither",
}
# What has such a method and is no row of the database: a hash, a cipher, a picture, a progress bar, a mapping.
NO_ROWS = {
    "bar", "clean", "decryptor", "default_storage", "digest", "encryptor", "final", "self._sha", "vars()",
    "picture", "_on_white(upright)", "docx",
}  # fmt: skip


def writes_in(source: str) -> list[tuple[int, str]]:
    """Line and name of every call, or decorator, that writes."""
    return [
        (node.lineno, node.attr)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr in WRITES and ast.unparse(node.value) not in NO_ROWS
    ]


def others() -> list[Path]:
    """Every module that is not a writer by its place."""
    modules = (path.relative_to(SOURCE) for path in SOURCE.rglob("*.py"))
    return [m for m in modules if not {"actions", "migrations"} & set(m.parts) and m.name != "actions.py"]


@pytest.mark.parametrize("module", others(), ids=str)
def test_only_actions_write(module):
    if str(module) not in BESIDES_ACTIONS:
        assert writes_in((SOURCE / module).read_text()) == [], "Call an action instead."


def test_the_list_of_other_writers_is_no_longer_than_it_must_be():
    needless = [m for m in BESIDES_ACTIONS if not writes_in((SOURCE / m).read_text())]
    assert needless == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def view(request):\n    Case.objects.create(title='x')", [(2, "create")]),
        ("@transaction.atomic\ndef view(request): ...", [(1, "atomic")]),
        ("with transaction.atomic():\n    pass", [(1, "atomic")]),
        ("Case.objects.filter(pk=1).update(title='x')", [(1, "update")]),
        ("bar.update(task, completed=1)", []),
    ],
)
def test_the_rule_has_teeth(source, found):
    assert writes_in(source) == found
