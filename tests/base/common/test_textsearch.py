"""Text is found by the words and pairs of characters in it, in the real database."""

import json

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from gridloop.base.common.textsearch import (
    QUERY_LENGTH,
    VECTOR_BYTES,
    lexemes,
    query_lexemes,
    tsquery_literal,
    tsvector_literal,
)
from tests.conftest import shared_data

FULL_WIDTH = "".join(chr(ord(letter) + 0xFEE0) for letter in "ABC123")


def ask(pairs):
    """Return for each (text, query) whether PostgreSQL finds it."""
    vectors = [tsvector_literal(lexemes(text)) for text, _query in pairs]
    queries = [tsquery_literal(query_lexemes(query)) for _text, query in pairs]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT v::tsvector @@ q::tsquery FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS t (v, q, n) ORDER BY n",
            [vectors, queries],
        )
        return [found for (found,) in cursor.fetchall()]


def test_chinese_becomes_pairs_and_the_rest_words():
    assert lexemes("厂中厂火灾 A3栋 fire-door") == [
        "厂中",
        "中厂",
        "厂火",
        "火灾",
        "灾",
        "a3",
        "栋",
        "fire",
        "door",
    ]
    assert query_lexemes("厂中厂 FIRE") == ["厂中", "中厂", "fire"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "query", "is_found"),
    [
        ("遥观镇勤新村厂中厂", "厂中厂", True),
        ("遥观镇勤新村厂中厂", "中厂", True),
        ("遥观镇勤新村厂中厂", "勤", True),  # a single character, within a run
        ("遥观镇勤新村厂中厂", "厂", True),  # and at its end
        ("遥观镇勤新村", "新勤", False),
        ("遥观镇勤新村", "遥观 勤新", True),
        ("遥观镇勤新村", "遥观 城南", False),
        ("Fire DOOR 3号楼", "fire 3", True),
        (FULL_WIDTH, "abc123", True),
        ("电话13800001234", "13800001234", True),
        ("电话13800001234", "1380000", False),  # a part of a number is no word
        ("路灯不亮", "", False),
        ("路灯不亮", "，。！", False),
        ("𠮷野家门口", "𠮷野", True),  # beyond the basic plane
        ("it's a \\ test", "it's \\", True),
    ],
)
def test_a_query_finds_what_a_person_expects(text, query, is_found):
    assert ask([(text, query)]) == [is_found]


@pytest.mark.django_db
def test_naughty_strings_are_stored_searched_and_found_by_themselves():
    texts = json.loads(shared_data("naughty/blns.json").read_text())
    found = ask([(text, text) for text in texts])
    findable = [bool(query_lexemes(text)) for text in texts]
    assert sum(findable) > 300
    assert found == findable


@pytest.mark.django_db
def test_words_and_pairs_of_any_text_find_it():
    for text in ("'", "''", "\\'", "a:*b", "a & b | !c", "<->", "%s", "a\x00b", "é é", "\u202e反", "1" * 200):
        assert ask([(text, text)]) == [bool(query_lexemes(text))]


@given(st.text())
def test_every_lexeme_of_a_query_is_one_of_the_text_or_begins_one(text):
    known = lexemes(text)
    for lexeme in query_lexemes(text):
        assert lexeme in known or any(other.startswith(lexeme) for other in known)


@pytest.mark.django_db
def test_a_text_of_megabytes_is_stored_and_found_by_its_beginning():
    text = "".join(chr(0x4E00 + n % 20_000) + chr(0x4E00 + n // 20_000) for n in range(600_000))
    literal = tsvector_literal(lexemes(text))
    assert len(literal.encode()) > VECTOR_BYTES
    assert ask([(text, text[:10])]) == [True]


def test_a_very_long_query_is_cut():
    assert len(query_lexemes("".join(chr(0x4E00 + n) for n in range(500)))) == QUERY_LENGTH
