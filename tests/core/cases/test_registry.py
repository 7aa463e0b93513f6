"""What a domain can add to the engine from its own folder: a kind with its panel, and handlers of events."""

from collections.abc import Iterator

import pytest

from gridloop.core.audit.models import Entry
from gridloop.core.cases import actions, events, kinds, panels
from gridloop.core.cases.casefile import CaseFile
from gridloop.core.cases.models import Case
from tests.core.cases import factories
from tests.core.cases.factories import AT, World

pytestmark = pytest.mark.django_db

DISPUTE = kinds.Kind("dispute", "矛盾纠纷", kinds.Panel("disputes/panel.html", lambda case, actor: {"n": 1}))


@pytest.fixture
def _dispute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_kinds", dict(kinds.kinds()))
    kinds.register(DISPUTE)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str]]]:
    told: list[tuple[str, str]] = []

    def hear(file: CaseFile, entry: Entry) -> None:
        told.append((entry.verb, file.case.state))

    before = {verb: list(handlers) for verb, handlers in events._handlers.items()}
    for verb in ("report", "register", "child_ended", "take_in"):
        events.subscribe(verb, hear)
    yield told
    events._handlers.clear()
    events._handlers.update(before)


@pytest.mark.usefixtures("_dispute")
def test_a_kind_that_a_domain_registers_can_be_reported(world: World) -> None:
    case = factories.reported(world, kind="dispute")
    panel = kinds.kinds()[case.kind].panel
    assert (panel.template, panel.context(case, world.operator)) == ("disputes/panel.html", {"n": 1})


@pytest.mark.usefixtures("_dispute")
def test_two_domains_do_not_take_one_name(world: World) -> None:
    kinds.register(DISPUTE)
    with pytest.raises(ValueError, match="dispute"):
        kinds.register(kinds.Kind("dispute", "别的"))


def test_handlers_hear_of_a_verb_in_its_transaction_and_of_its_consequences(
    world: World, heard: list[tuple[str, str]]
) -> None:
    master = factories.registered(world)
    case = factories.reported(world)
    actions.merge(case.pk, actor=world.operator, at=AT, into=master.pk)
    assert heard == [
        ("report", "reported"),
        ("register", "registered"),
        ("report", "reported"),
        ("take_in", "registered"),
    ]


def test_a_handler_that_fails_undoes_the_verb(world: World, heard: list[tuple[str, str]]) -> None:
    def fail(file: CaseFile, entry: Entry) -> None:
        raise RuntimeError("no")

    case = factories.reported(world)
    events.subscribe("register", fail)
    with pytest.raises(RuntimeError):
        actions.register(case.pk, actor=world.operator, at=AT)
    assert Case.objects.get(pk=case.pk).state == "reported"


def test_a_capability_brings_a_part_of_the_case_page_and_may_replace_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(panels, "_panels", {})
    first = panels.CasePanel("proposals", "a.html", lambda file, actor, now: {}, order=20)
    later = panels.CasePanel("room", "b.html", lambda file, actor, now: None, order=10)
    for panel in (first, later, first):
        panels.register(panel)
    assert panels.panels() == [later, first]
