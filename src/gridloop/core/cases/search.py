"""
Finding a case again: by its number or tracking code whatever the filters say, else by words, newest first.

Words are looked for in the newest months first. Where these fill the page, the rest of history is not
touched; where they do not, the words are rare enough that all of history is cheap. So a common word costs
the same with a million cases as with ten thousand.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from gridloop.base.common.crypto import blind_indexes
from gridloop.base.common.ids import read_tracking_code, time_of
from gridloop.base.common.textsearch import query_lexemes, tsquery_literal
from gridloop.core.cases.models import Case, CaseWords
from gridloop.core.cases.privacy import REVEAL, REVEAL_CONFIDENTIAL, orders_of_own_units
from gridloop.core.org.actors import Actor

RECENT_MONTHS = 2
CODE_LENGTH = 20
MOST_WORDS = 40


@dataclass(frozen=True, slots=True)
class Found:
    """One page of cases, newest first; `next_before` continues after it, None at the end."""

    cases: list[Case]
    next_before: UUID | None


def by_code(actor: Actor, text: str) -> Case | None:
    """Return the visible case of this number or tracking code."""
    code = read_tracking_code(text)
    if not code or len(code) > CODE_LENGTH or not code.isascii():
        return None
    return Case.objects.visible_to(actor).filter(Q(number=code) | Q(tracking_code=code)).first()


def by_phone(actor: Actor, phone: str) -> QuerySet[Case]:
    """
    Return the visible cases whose reporter has this telephone number, for those who may know reporters.

    A confidential case is found by those alone who may know of such a reporter, and none by a person who has
    to do with a unit that handles it: that it is found says who reported.
    """
    cases = Case.objects.visible_to(actor).filter(reporter__phone_index__in=blind_indexes(phone))
    if not actor.can(REVEAL) or not read_tracking_code(phone):
        return cases.none()
    if not actor.can(REVEAL_CONFIDENTIAL):
        cases = cases.filter(is_confidential=False)
    return cases.exclude(Exists(orders_of_own_units(actor, case=OuterRef("pk")))).order_by("-pk")


def by_words(
    cases: QuerySet[Case], text: str, *, size: int, now: datetime, before: UUID | None = None
) -> Found:
    """
    Return the newest of `cases` that have all words of `text`, and were reported before the case `before`.

    Two statements at the most, whatever the size of the table.
    """
    words = query_lexemes(text)[:MOST_WORDS]
    if not words:
        return Found([], None)
    if before is not None:
        cases = cases.filter(pk__lt=before)
    since = datetime.fromtimestamp(time_of(before), tz=now.tzinfo) if before else now
    cases = cases.order_by("-pk")
    rows = list(_matching(cases, words, _months(since))[: size + 1])
    if len(rows) <= size:
        # Ordered by what no index gives: PostgreSQL takes any word that it has no figure of for common, and
        # would rather walk down all of history by key than ask the index of words.
        newest = Coalesce(F("pk"), F("pk")).desc()
        rows = list(_matching(cases, words, []).order_by(newest)[: size + 1])
    page = rows[:size]
    return Found(page, page[-1].pk if len(rows) > size else None)


def _matching(cases: QuerySet[Case], words: list[str], months: list[str]) -> QuerySet[Case]:
    query = tsquery_literal(words)
    if months:
        query = f"{query} & ({' | '.join(tsquery_literal([month]) for month in months)})"
    return cases.filter(pk__in=CaseWords.objects.filter(words__holds=query).values("case"))


def _months(now: datetime) -> list[str]:
    local = timezone.localtime(now)
    first = local.year * 12 + local.month - 1
    return [f"@{n // 12:04d}{n % 12 + 1:02d}" for n in range(first, first - RECENT_MONTHS, -1)]
