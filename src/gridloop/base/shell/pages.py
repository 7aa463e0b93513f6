"""Keyset pages: as quick on the thousandth page as on the first, without OFFSET and without COUNT."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import F, Model, OrderBy, Q, QuerySet
from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of rows, and the cursors of its neighbours (empty at the ends)."""

    rows: list[Row]
    next_cursor: str = ""
    previous_cursor: str = ""


class BadCursor(InvalidInput):
    """The cursor was cut, altered, or belongs to a list in another order."""

    code = "bad-cursor"


def keyset(
    queryset: QuerySet[Any, Row],
    *,
    cursor: str = "",
    size: int = 50,
    key: Sequence[str] = ("-pk",),
) -> Page[Row]:
    """
    Return the page of `queryset` that `cursor` points at.

    :param key: columns or annotations to order by, "-" for descending; the last one must be unique. A column
        that may be null sorts its nulls last, which costs the index range: prefer columns that are never so.
    :raises BadCursor: when the cursor does not belong to this list.
    """
    columns = [_Column.parse(name, queryset) for name in key]
    backwards, bounds = _read(cursor, columns) if cursor else (False, None)
    ordered = queryset.order_by(*(column.order(backwards=backwards) for column in columns))
    if bounds is not None:
        ordered = ordered.filter(_beyond(columns, bounds, backwards=backwards))
    rows = list(ordered[: size + 1])
    has_more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    has_next, has_previous = (bool(rows), has_more) if backwards else (has_more, bounds is not None)
    return Page(
        rows,
        _write(columns, rows[-1], "next") if rows and has_next else "",
        _write(columns, rows[0], "previous") if rows and has_previous else "",
    )


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    is_descending: bool
    is_nullable: bool
    field: Any

    @classmethod
    def parse(cls, spec: str, queryset: QuerySet[Any, Any]) -> "_Column":
        name = spec.removeprefix("-")
        field = _field(queryset, name)
        return cls(name, spec.startswith("-"), getattr(field, "null", False), field)

    def order(self, *, backwards: bool) -> OrderBy:
        if not self.is_nullable:
            return F(self.name).desc() if self.is_descending != backwards else F(self.name).asc()
        nulls: dict[str, Any] = {"nulls_first": True} if backwards else {"nulls_last": True}
        return F(self.name).desc(**nulls) if self.is_descending != backwards else F(self.name).asc(**nulls)

    def past(self, value: object, *, backwards: bool, inclusive: bool = False) -> Q:
        """The rows after `value` in the order of travel; nulls lie at the far end."""
        if value is None:
            return Q(**{f"{self.name}__isnull": False}) if backwards else Q(pk__in=[])
        sign = ("lt" if self.is_descending != backwards else "gt") + ("e" if inclusive else "")
        beyond = Q(**{f"{self.name}__{sign}": value})
        return beyond | Q(**{f"{self.name}__isnull": True}) if self.is_nullable and not backwards else beyond

    def same(self, value: object) -> Q:
        return Q(**{f"{self.name}__isnull": True}) if value is None else Q(**{self.name: value})


def _field(queryset: QuerySet[Any, Any], name: str) -> Any:
    annotation = queryset.query.annotations.get(name)
    if annotation is not None:
        return annotation.output_field
    *path, last = name.split("__")
    model: type[Model] = queryset.model
    for step in path:
        model = model._meta.get_field(step).related_model  # type: ignore[assignment]  # a path of foreign keys
    return model._meta.pk if last == "pk" else model._meta.get_field(last)


def _beyond(columns: Sequence[_Column], bounds: Sequence[object], *, backwards: bool) -> Q:
    """
    (a, b, …) > (x, y, …), with each column in its own direction.

    The leading `a >= x` says nothing new; without it PostgreSQL would not enter the index at x.
    """
    first, value = columns[0], bounds[0]
    condition = first.past(value, backwards=backwards)
    if len(columns) > 1:
        condition |= first.same(value) & _beyond(columns[1:], bounds[1:], backwards=backwards)
    if value is not None and not first.is_nullable:
        condition &= first.past(value, backwards=backwards, inclusive=True)
    return condition


def _salt(columns: Sequence[_Column]) -> str:
    return "keyset:" + ",".join(f"{'-' * column.is_descending}{column.name}" for column in columns)


def _write(columns: Sequence[_Column], row: object, direction: str) -> str:
    values = [column.field.get_prep_value(_value(row, column.name)) for column in columns]
    return signing.dumps([direction, [None if v is None else str(v) for v in values]], salt=_salt(columns))


def _value(row: object, name: str) -> object:
    if isinstance(row, Mapping):
        return row[name]
    value: object = row
    for step in name.split("__"):
        value = getattr(value, step)
    return value


def _read(cursor: str, columns: Sequence[_Column]) -> tuple[bool, list[object]]:
    try:
        direction, texts = signing.loads(cursor, salt=_salt(columns))
    except signing.BadSignature as error:
        raise BadCursor(_("这个翻页链接已失效，请回到第一页重新查看。")) from error
    values = [None if t is None else c.field.to_python(t) for c, t in zip(columns, texts, strict=True)]
    return direction == "previous", values
