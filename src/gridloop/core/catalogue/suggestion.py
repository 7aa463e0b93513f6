"""
Which categories a text is about, by the words of the catalogue alone. Pure Python.

A person confirms every suggestion, so a fast and explainable answer is worth more here than a learned one.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

MOST_CHARACTERS = 2_000  # what the matter is stands at the beginning
CONJUNCTION = "+"

_Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A category, how strongly the text speaks for it (0 to 1, within this text), and the words found."""

    category_id: int
    score: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Keyword:
    word: str
    parts: tuple[str, ...]
    owners: tuple[int, ...]
    length: int


class Suggester:
    """
    The keywords of all categories, longest first.

    `A+B` is found where both parts are. A word inside a longer one that was found says nothing more:
    路灯杆倾斜 is no matter of 路灯. A word that several categories claim counts for each only in part.
    """

    def __init__(self, keywords: Iterable[tuple[int, str]]) -> None:
        owners: defaultdict[str, list[int]] = defaultdict(list)
        for category_id, word in keywords:
            if (plain := normalised(word)) and category_id not in owners[plain]:
                owners[plain].append(category_id)
        found = (_keyword(word, tuple(ids)) for word, ids in owners.items())
        self._keywords = sorted(found, key=lambda k: (-k.length, k.word))

    def suggest(self, text: str, n: int = 3) -> list[Suggestion]:
        """Return the `n` likeliest categories, best first; none where no word of theirs is in the text."""
        scores: defaultdict[int, float] = defaultdict(float)
        words: defaultdict[int, list[str]] = defaultdict(list)
        for keyword in self._found(normalised(text[:MOST_CHARACTERS])):
            for category_id in keyword.owners:
                scores[category_id] += keyword.length**2 / len(keyword.owners)
                words[category_id].append(keyword.word)
        whole = sum(scores.values())
        best = sorted(scores, key=lambda category_id: (-scores[category_id], category_id))[:n]
        return [Suggestion(c, round(scores[c] / whole, 4), tuple(words[c])) for c in best]

    def _found(self, text: str) -> Iterator[_Keyword]:
        taken: list[_Span] = []
        for keyword in self._keywords:
            if keyword.parts[0] not in text:
                continue
            spans = [_free_span(text, part, taken) for part in keyword.parts]
            if None not in spans:
                taken.extend(span for span in spans if span)
                yield keyword


def normalised(text: str) -> str:
    """Return the text without the differences that people do not mean: width, case, spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _keyword(word: str, owners: tuple[int, ...]) -> _Keyword:
    parts = tuple(part for part in word.split(CONJUNCTION) if part) or (word,)
    return _Keyword(word, parts, owners, sum(map(len, parts)))


def _free_span(text: str, part: str, taken: list[_Span]) -> _Span | None:
    """Return where `part` stands outside every longer word found before."""
    start = text.find(part)
    while start >= 0:
        end = start + len(part)
        if not any(s <= start and end <= e for s, e in taken):
            return start, end
        start = text.find(part, start + 1)
    return None
