"""One row of each sheet, typed; rows compare equal when nothing is to be done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, TypeAlias

from gridloop.core.catalogue.rulebook import Limit
from gridloop.core.catalogue.sheets import columns as c
from gridloop.core.catalogue.sheets.columns import SEPARATOR, Sheet
from gridloop.core.catalogue.stages import Stage

Cells: TypeAlias = dict[str, str]  # column → text, as exported


@dataclass(frozen=True, slots=True)
class CategoryRow:
    sheet: ClassVar[Sheet] = Sheet.CATEGORIES
    code: str
    name: str
    kind: str
    keywords: tuple[str, ...] = ()
    icon: str = ""
    urgency: str = "normal"
    is_public: bool = True
    is_active: bool = True

    @property
    def key(self) -> str:
        return self.code

    def cells(self) -> Cells:
        return {
            c.CODE: self.code,
            c.NAME: self.name,
            c.KIND: c.KINDS[self.kind],
            c.KEYWORDS: SEPARATOR.join(self.keywords),
            c.ICON: self.icon,
            c.URGENCY: c.URGENCIES[self.urgency],
            c.PUBLIC: _yes(self.is_public),
            c.ACTIVE: _yes(self.is_active),
        }


@dataclass(frozen=True, slots=True)
class StandardRow:
    """`code` is `TOWN` for the town's default."""

    sheet: ClassVar[Sheet] = Sheet.STANDARDS
    code: str
    opening: str = ""
    closing: str = ""
    evidence: str = ""
    basis: str = ""
    is_local_default: bool = False

    @property
    def key(self) -> str:
        return self.code

    def cells(self) -> Cells:
        return {
            c.CATEGORY: self.code,
            c.OPENING: self.opening,
            c.CLOSING: self.closing,
            c.EVIDENCE: self.evidence,
            c.BASIS: self.basis,
            c.LOCAL: _yes(self.is_local_default),
        }

    @property
    def says_nothing(self) -> bool:
        """Whether the row is as good as none: the main category's standard, or the town's, speaks alone."""
        return self == StandardRow(self.code)


@dataclass(frozen=True, slots=True)
class LimitsRow:
    sheet: ClassVar[Sheet] = Sheet.LIMITS
    code: str
    limits: Mapping[Stage, Limit] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.code

    def cells(self) -> Cells:
        shown = {c.STAGES[stage]: show_limit(limit) for stage, limit in self.limits.items()}
        return {c.CATEGORY: self.code, **{column: shown.get(column, "") for column in c.STAGES.values()}}

    @property
    def says_nothing(self) -> bool:
        """Whether the row is as good as none."""
        return not self.limits


@dataclass(frozen=True, slots=True)
class UnitRef:
    """A unit by its key and by what a file calls it; without a key it is not set up yet."""

    name: str
    id: int | None

    def __str__(self) -> str:
        return self.name if self.id else self.name + c.NOT_SET_UP


@dataclass(frozen=True, slots=True)
class DutyRow:
    """`region` is the code of a region, blank for the whole town."""

    sheet: ClassVar[Sheet] = Sheet.DUTIES
    code: str
    region: str
    kind: str
    lead: UnitRef | None = None
    is_local_lead: bool = False
    assist: tuple[UnitRef, ...] = ()
    is_local_assist: bool = False
    upper_department: str = ""
    basis: str = ""
    is_local_default: bool = False

    @property
    def key(self) -> str:
        return f"{self.code} {self.region}".strip()

    def cells(self) -> Cells:
        return {
            c.CATEGORY: self.code,
            c.REGION: self.region,
            c.DUTY_KIND: c.DUTY_KINDS[self.kind],
            c.LEAD: c.LOCAL_COMMITTEE if self.is_local_lead else str(self.lead or ""),
            c.ASSIST: SEPARATOR.join([*map(str, self.assist), *[c.LOCAL_COMMITTEE] * self.is_local_assist]),
            c.UPPER: self.upper_department,
            c.BASIS: self.basis,
            c.LOCAL: _yes(self.is_local_default),
        }


Row: TypeAlias = CategoryRow | StandardRow | LimitsRow | DutyRow


@dataclass(slots=True)
class Book:
    """Rows by key. A sheet that is None was not in the file, and nothing of it is touched."""

    categories: dict[str, CategoryRow] | None = None
    standards: dict[str, StandardRow] | None = None
    limits: dict[str, LimitsRow] | None = None
    duties: dict[str, DutyRow] | None = None

    def sheet(self, sheet: Sheet) -> Mapping[str, Row] | None:
        rows: dict[Sheet, Mapping[str, Row] | None] = {
            Sheet.CATEGORIES: self.categories,
            Sheet.STANDARDS: self.standards,
            Sheet.LIMITS: self.limits,
            Sheet.DUTIES: self.duties,
        }
        return rows[sheet]


def show_limit(limit: Limit) -> str:
    return f"{limit.amount}{c.UNITS[limit.unit]}"


def _yes(value: bool) -> str:  # noqa: FBT001
    return c.YES if value else c.NO
