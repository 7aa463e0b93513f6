"""Finding a case again, whatever was written into it."""

import json
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridloop.base.common.errors import InvalidInput
from gridloop.base.common.ids import id_at
from gridloop.base.common.textsearch import lexemes, query_lexemes
from gridloop.core.cases import actions, search
from gridloop.core.cases.errors import NoteRequired
from gridloop.core.cases.models import Case
from tests.conftest import shared_data
from tests.core.cases import factories
from tests.core.cases.factories import AT, DAY, HOUR, World, holder_of, intake, last_line

pytestmark = pytest.mark.django_db


def reported_at(world: World, at, **changes) -> Case:
    """Report with a key of the same moment, as an import does."""
    key = id_at(at, seed=str(changes))
    return actions.report(intake(world, **changes), actor=world.worker, at=at, case_id=key)


def found(world: World, text: str, *, size: int = 50, now=AT + DAY) -> list[UUID]:
    """Return everything that the pages of a search have, one after the other."""
    keys, before = [], None
    while True:
        page = search.by_words(
            Case.objects.visible_to(world.operator), text, size=size, now=now, before=before
        )
        assert len(page.cases) <= size
        keys += [case.pk for case in page.cases]
        if (before := page.next_before) is None:
            return keys


class TestByCode:
    def test_a_number_or_a_code_is_found_as_people_write_it(self, world: World) -> None:
        case = factories.reported(world)
        for text in (case.number, f" {case.number} ", case.tracking_code.lower(), case.shown_tracking_code):
            assert search.by_code(world.operator, text) == case

    @pytest.mark.parametrize("text", ["", " ", "2026", "不是编号", "\x00", "9" * 500, "AAAA-AAAA-AAAA"])
    def test_what_is_none_finds_nothing(self, world: World, text: str) -> None:
        factories.reported(world)
        assert search.by_code(world.operator, text) is None

    def test_a_hidden_case_is_not_found(self, world: World) -> None:
        case = factories.reported(world)
        assert search.by_code(world.handler, case.number) is None
        assert search.by_code(holder_of(case), case.number) == case


class TestByWords:
    def test_in_title_description_address_and_source_number(self, world: World) -> None:
        case = factories.reported(
            world, title="厂中厂", description="夜里冒烟", address="柳桥路8号", source_ref="HZ-77"
        )
        factories.reported(world, description="别处的事")
        for text in ("厂中厂", "冒烟", "烟", "柳桥路", "8号 冒烟", "hz 77", "夜里 厂中"):
            assert found(world, text) == [case.pk], text

    def test_a_corrected_title_is_found_and_the_old_one_no_longer(self, world: World) -> None:
        case = factories.reported(world, title="路灯不亮")
        actions.amend(case.pk, actor=world.operator, at=AT, title="井盖缺失")
        assert (found(world, "井盖"), found(world, "路灯")) == ([case.pk], [])

    def test_nothing_asked_finds_nothing(self, world: World) -> None:
        factories.reported(world)
        assert found(world, " ，。 ") == found(world, "") == []

    def test_newest_first_over_months_and_pages_each_once(self, world: World) -> None:
        cases = [reported_at(world, AT - n * 17 * DAY, description=f"井盖缺失 {n}") for n in range(12)]
        for size in (1, 2, 3, 5, 12, 50):
            assert found(world, "井盖", size=size) == [case.pk for case in cases]

    def test_two_statements_at_the_most_and_one_where_the_newest_months_fill_the_page(
        self, world: World, django_assert_num_queries
    ) -> None:
        for n in range(4):
            reported_at(world, AT - n * HOUR, description=f"井盖 {n}")
        cases = Case.objects.visible_to(world.operator)
        with django_assert_num_queries(1):
            search.by_words(cases, "井盖", size=3, now=AT)
        with django_assert_num_queries(2):
            search.by_words(cases, "井盖", size=30, now=AT)
        with django_assert_num_queries(0):
            search.by_words(cases, "！", size=30, now=AT)

    def test_only_what_the_person_sees(self, world: World) -> None:
        factories.reported(world)
        mine = factories.dispatched(world)
        page = search.by_words(Case.objects.visible_to(world.handler), "建筑垃圾", size=10, now=AT + DAY)
        assert [case.pk for case in page.cases] == [mine.pk]


WORDS = st.lists(
    st.sampled_from(
        ["井盖", "厂中厂", "盖井", "中厂", "LED", "led灯", "8", "路8号", "，", " ", "井", "ﬁre", "𠮷"]
    ),
    max_size=6,
).map("".join)


@settings(
    max_examples=40,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(texts=st.lists(WORDS.filter(str.strip), min_size=1, max_size=6), query=WORDS, size=st.integers(1, 4))
def test_it_finds_what_a_naive_reader_would_find(
    world: World, texts: list[str], query: str, size: int
) -> None:
    mark = transaction.savepoint()
    cases = [reported_at(world, AT - n * 40 * DAY, description=text) for n, text in enumerate(texts)]
    wanted = query_lexemes(query)
    naive = [
        case.pk
        for case in cases
        if wanted and all(_stands_in(word, lexemes(f"{case.title} {case.description}")) for word in wanted)
    ]
    got = found(world, query, size=size)
    transaction.savepoint_rollback(mark)
    assert got == naive
    # Whatever contains the query letter for letter, as one run, is among what was found.
    plain = [
        c.pk
        for c, text in zip(cases, texts, strict=True)
        if query and query in text and query == "".join(query.split())
    ]
    if query and all("\u4e00" <= ch <= "\u9fff" for ch in query):
        assert set(plain) <= set(got)


def _stands_in(word: str, words: list[str]) -> bool:
    if len(word) == 1 and word >= "\u4e00":
        return any(other.startswith(word) for other in words)
    return word in words


def test_naughty_strings_are_kept_whole_refused_kindly_and_found_by_their_words(world: World) -> None:
    naughty: list[str] = json.loads(shared_data("naughty/blns.json").read_text(encoding="utf-8"))
    case = factories.reported(world)
    kept = 0
    for text in [*naughty, "a\x00b", "\ud83d"]:
        if not text.strip() or "\x00" in text or "\ud83d" in text:
            with pytest.raises(InvalidInput, match=r"写明|控制字符"):
                actions.report(intake(world, description=text), actor=world.worker, at=AT)
            with pytest.raises((InvalidInput, NoteRequired)):
                actions.annotate(case.pk, actor=world.operator, at=AT, note=text)
            continue
        made = actions.report(intake(world, description=text), actor=world.worker, at=AT)
        actions.supplement(case.pk, actor=world.worker, at=AT, text=text)
        actions.annotate(case.pk, actor=world.operator, at=AT, note=text)
        made.refresh_from_db()
        assert made.description == text.strip()
        assert last_line(case).note == text.strip()
        if query_lexemes(text):
            assert made.pk in found(world, text, size=600, now=AT), text
        else:
            assert found(world, text) == []
        kept += 1
    assert kept > 450
