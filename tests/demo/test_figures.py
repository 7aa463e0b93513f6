"""The figures of the demo town fill their pages, and are those of its log."""

import pytest

from gridloop.capabilities.figures.actions.rebuilding import rebuild
from gridloop.capabilities.figures.models import Brief, Exclusion, Formula, Publication, Register
from tests.demo.conftest import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("town")]


def test_there_is_a_formula_and_the_months_before_are_settled() -> None:
    assert Formula.objects.count() == 1
    assert Publication.objects.count() >= 10


def test_exclusions_stand_on_both_sides_of_their_decision() -> None:
    assert set(Exclusion.objects.values_list("is_granted", flat=True)) == {True, False, None}


def test_there_are_two_briefs_and_a_register_of_its_own() -> None:
    assert {brief.kind for brief in Brief.objects.filter(state="ready")} == {"day", "week"}
    assert Register.objects.exists()


def test_counting_again_from_the_log_finds_nothing_to_put_right() -> None:
    made = rebuild(at=NOW, step=lambda done, total=None: None)
    assert made.cases > 0
    assert (made.wrong_cases, made.wrong_counters) == (0, 0)
