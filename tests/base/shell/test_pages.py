"""Keyset pages: every row once, forwards and backwards, whatever the order."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gridloop.base.shell.pages import BadCursor, keyset
from gridloop.core.org.models import User
from tests.core.org.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db) -> list[User]:
    """Ten people; some have never signed in, and some share the time at which they did."""
    made = [
        User(username=f"p{n}", last_login=None if n % 3 == 0 else NOW + timedelta(days=n // 4))
        for n in range(10)
    ]
    return User.objects.bulk_create(made)


def walk(key, cursor="", size=3):
    pages, way = [], "next_cursor"
    while True:
        page = keyset(User.objects.all(), cursor=cursor, size=size, key=key)
        pages.append([row.username for row in page.rows])
        cursor = getattr(page, way)
        if not cursor:
            return pages, page


@pytest.mark.parametrize(
    "key", [("pk",), ("-pk",), ("last_login", "pk"), ("-last_login", "-pk"), ("is_active", "-username")]
)
def test_pages_hold_every_row_once_in_order(people, key):
    pages, _last = walk(key)
    whole = keyset(User.objects.all(), size=100, key=key).rows
    assert [name for page in pages for name in page] == [row.username for row in whole]


@pytest.mark.parametrize("key", [("pk",), ("last_login", "pk"), ("-last_login", "-pk")])
def test_the_way_back_shows_the_same_pages(people, key):
    pages, last = walk(key)
    back, cursor = [[row.username for row in last.rows]], last.previous_cursor
    while cursor:
        page = keyset(User.objects.all(), cursor=cursor, size=3, key=key)
        back.append([row.username for row in page.rows])
        cursor = page.previous_cursor
    assert [name for page in back[::-1] for name in page] == [name for page in pages for name in page]


def test_the_ends_have_no_neighbour(people):
    first = keyset(User.objects.all(), size=20)
    assert (first.next_cursor, first.previous_cursor, len(first.rows)) == ("", "", 10)


def test_a_page_neither_counts_nor_skips(people):
    first = keyset(User.objects.all(), size=3)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        keyset(User.objects.all(), size=3, cursor=first.next_cursor)
    (query,) = queries.captured_queries
    assert "OFFSET" not in query["sql"]
    assert "COUNT" not in query["sql"]


@pytest.mark.parametrize("cursor", ["x", "a:b:c", ""])
def test_a_cursor_of_another_list_is_refused(people, cursor):
    foreign = cursor or keyset(User.objects.all(), size=3, key=("username",)).next_cursor
    with pytest.raises(BadCursor):
        keyset(User.objects.all(), cursor=foreign, key=("-pk",))
