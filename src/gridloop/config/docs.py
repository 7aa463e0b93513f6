"""
Pages of docs/ that are made from the code: `python -m gridloop.config.docs`; `--check` only compares.

`make fix` writes them and `make check` compares, so what is read there is what the program does.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import django
from django.utils import translation

DOCS = Path(__file__).parents[3] / "docs"
_MADE = "<!-- Made by `python -m gridloop.config.docs` from {source}; do not edit. -->\n"


def workflow() -> str:
    """Return docs/workflow.md: the states, the diagram, and every verb with who, from, to and clocks."""
    from gridloop.core.cases import labels
    from gridloop.core.cases.workflow import CASE_CLOCKS, ENDED, ORDER_CLOCKS, PAUSING, OrderState, State

    def clock_of(state: State) -> str:
        if state in PAUSING:
            return "stand still"
        return _stages([CASE_CLOCKS[state]] if state in CASE_CLOCKS else [])

    states = [
        (f"`{s}`", labels.STATES[s], labels.PUBLIC_STATES[s], clock_of(s), "yes" if s in ENDED else "")
        for s in State
    ]
    orders = [
        (f"`{s}`", labels.ORDER_STATES[s], _stages([ORDER_CLOCKS[s]] if s in ORDER_CLOCKS else []))
        for s in OrderState
    ]
    return _page(
        _MADE.format(source="core/cases/workflow.py"),
        "# The loop: states and verbs",
        "A case stands in one state; a verb leads on. What this page lists is the one table that the desk's"
        " buttons, the API, the log and the tests follow.",
        "## States of a case",
        _table(("state", "中文", "what the reporter reads", "clock of the case", "ended"), states),
        "## States of a work order",
        _table(("state", "中文", "clock of the work order"), orders),
        "## Diagram",
        f"```mermaid\n{_diagram()}\n```",
        "## Verbs",
        "*by*: **anyone** with the permission who may see the case; its **reporter**; the **holder**, a"
        " person of the unit that has a work order; **another** than those who handled it. Starting and"
        " stopping are about the clocks of the case; those of a work order follow its own state.",
        _verbs(),
    )


def _diagram() -> str:
    from gridloop.core.cases.labels import STATES
    from gridloop.core.cases.workflow import as_mermaid

    first, *lines = as_mermaid().splitlines()
    return "\n".join([first, *(f'    state "{label}" as {state}' for state, label in STATES.items()), *lines])


def _verbs() -> str:
    from gridloop.core.cases.labels import VERBS
    from gridloop.core.cases.workflow import CONSEQUENCES, TRANSITIONS, State, started, stopped

    def codes(states: Iterable[State]) -> str:
        return " ".join(f"`{s}`" for s in State if s in set(states))

    heading = ("verb", "中文", "permission", "by", "from", "to", "note", "starts", "stops")
    return _table(
        heading,
        [
            (
                f"`{name}`",
                VERBS[name],
                f"`{rule.permission}`",
                "the engine itself" if name in CONSEQUENCES else rule.by,
                "any" if len(rule.sources) == len(State) else codes(rule.sources) or "—",
                codes(rule.targets) or "stays",
                "needed" if rule.needs_note else "",
                _stages(started(name)),
                _stages(stopped(name)),
            )
            for name, rule in TRANSITIONS.items()
        ],
    )


def _stages(stages: Iterable[object]) -> str:
    from gridloop.core.catalogue.labels import STAGE_LABELS
    from gridloop.core.catalogue.stages import Stage

    return " ".join(str(STAGE_LABELS[Stage(str(stage))]) for stage in stages)


def permissions() -> str:
    """Return docs/permissions.md: the roles, what each sees, and what each may do."""
    from gridloop.core.org.permissions import PERMISSIONS, ROLES, SCOPE_LABELS

    roles = [(f"`{role}`", rule.label, SCOPE_LABELS[rule.scope]) for role, rule in ROLES.items()]
    rows = [
        (f"`{code}`", label, *("●" if code in rule.permissions else "" for rule in ROLES.values()))
        for code, label in PERMISSIONS.items()
    ]
    return _page(
        _MADE.format(source="core/org/permissions.py"),
        "# Roles and permissions",
        "A person acts in one post at a time: a role in a unit, for a region. Code asks for permissions,"
        " never for roles. Where a verb is tied to a unit or to the reporter besides, docs/workflow.md says"
        " so.",
        "## Roles",
        _table(("role", "中文", "sees cases"), roles),
        "## Permissions",
        "`program` is the most that a key can be given, each key is given its own; `system` is the jobs.",
        _table(("permission", "中文", *(rule.label for rule in ROLES.values())), rows),
    )


PAGES: dict[str, Callable[[], str]] = {"workflow.md": workflow, "permissions.md": permissions}


def _page(*paragraphs: str) -> str:
    return "\n\n".join(paragraph.strip() for paragraph in paragraphs) + "\n"


def _table(heading: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    lines = [heading, ["---"] * len(heading), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def outdated(folder: Path) -> list[str]:
    """Return the names of the pages in `folder` that differ from what the code says now."""
    with translation.override("zh-hans"):
        return [
            name
            for name, make in PAGES.items()
            if not (folder / name).is_file() or (folder / name).read_text() != make()
        ]


def write(folder: Path) -> None:
    """Write every page into `folder`."""
    folder.mkdir(exist_ok=True)
    with translation.override("zh-hans"):
        for name, make in PAGES.items():
            (folder / name).write_text(make())


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or with `--check` say which are out of date; return the exit code."""
    django.setup()
    if "--check" not in arguments:
        write(DOCS)
        return 0
    stale = outdated(DOCS)
    for name in stale:
        sys.stderr.write(f"docs/{name} 与程序不一致，请运行 make fix。\n")
    return 1 if stale else 0


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gridloop.config.settings")
    sys.exit(main(sys.argv[1:]))
