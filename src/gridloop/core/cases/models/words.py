"""What a case is found by."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from gridloop.core.cases.models.case import Case


class WordsField(SearchVectorField):  # type: ignore[type-arg]
    """
    A tsvector that is written as its literal: the words are split in `base.common.textsearch`, not by
    PostgreSQL.
    """

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:  # noqa: ARG002
        return "%s::tsvector"


@WordsField.register_lookup
class Holds(models.Lookup):
    """`words__holds=literal`: the words match a tsquery, taken as it is written."""

    lookup_name = "holds"
    prepare_rhs = False

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} @@ %s::tsquery", [*params, self.rhs]


class CaseWords(models.Model):
    """
    What can be searched in a case; apart from it, because a move must not rewrite the index of its words.

    The words hold the month of reporting as well (`@202611`), so that the newest matches are found first.
    """

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="words")
    words = WordsField()

    class Meta:
        indexes = [GinIndex("words", name="case_words")]

    def __str__(self) -> str:
        return str(self.case_id)
