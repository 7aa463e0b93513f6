"""
Splitting of text for full-text search, without a dictionary: exact for names that segmenters break.

A run of Chinese characters becomes its overlapping pairs, so that 厂中厂 is found by 厂中厂, 厂中 and
中厂; other letters and digits become words. PostgreSQL only stores and matches the result: write
`tsvector_literal` with a cast `::tsvector`, ask with `tsquery_literal` and a cast `::tsquery`.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise

WORD_LENGTH = 60
QUERY_LENGTH = 64
VECTOR_BYTES = 1_000_000  # PostgreSQL takes 1,048,575 bytes of lexemes in one tsvector

# Scripts written without spaces: Han with its extensions, kana, bopomofo, hangul.
_CJK = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u309f\u30a1-\u30ff\u3105-\u312f"
    "\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
_RUN = re.compile(rf"([{_CJK}]+)|[^\W_{_CJK}]+")
_IS_CJK = re.compile(rf"[{_CJK}]")


def lexemes(text: str) -> list[str]:
    """
    Return what the text is found by, each once, in the order of the text.

    The last character of a Chinese run is among them by itself, so that a query of a single character finds
    every place where it stands.
    """
    return list(dict.fromkeys(_split(text, is_query=False)))


def query_lexemes(text: str) -> list[str]:
    """Return what must all be in a text for it to match the query; the first 64 of a very long one."""
    found = dict.fromkeys(_split(text, is_query=True))
    return [lexeme for lexeme, _n in zip(found, range(QUERY_LENGTH), strict=False)]


def tsvector_literal(lexemes: Iterable[str]) -> str:
    """Return the literal for a cast to tsvector; what exceeds the size that PostgreSQL takes is left out."""
    quoted, size = [], 0
    for lexeme in lexemes:
        size += len(lexeme.encode())
        if size > VECTOR_BYTES:
            break
        quoted.append(_quote(lexeme))
    return " ".join(quoted)


def tsquery_literal(lexemes: Iterable[str]) -> str:
    """Return the literal for a cast to tsquery: all of the lexemes. Without a lexeme it matches nothing."""
    return " & ".join(_quote(lexeme) + (":*" if _is_single(lexeme) else "") for lexeme in lexemes)


def _split(text: str, *, is_query: bool) -> Iterator[str]:
    for match in _RUN.finditer(unicodedata.normalize("NFKC", text).lower()):
        run = match[0]
        if match[1] is None:
            yield run[:WORD_LENGTH]
            continue
        yield from (a + b for a, b in pairwise(run))
        if len(run) == 1 or not is_query:
            yield run[-1]


def _is_single(lexeme: str) -> bool:
    return len(lexeme) == 1 and _IS_CJK.match(lexeme) is not None


def _quote(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"
