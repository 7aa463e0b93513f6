"""Raw rows to typed rows, with every mistake told by sheet, row and column and what to do about it."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from django.utils.translation import gettext as _

from gridloop.base.common.worktime import LimitUnit
from gridloop.core.catalogue.models import KEYWORD_LENGTH, MOST_OF_ONE_LIMIT, Category, Duty, DutyKind
from gridloop.core.catalogue.rulebook import Limit
from gridloop.core.catalogue.sheets import columns as c
from gridloop.core.catalogue.sheets.columns import Sheet
from gridloop.core.catalogue.sheets.directory import Ambiguous, Directory
from gridloop.core.catalogue.sheets.reading import RawBook, RawRow
from gridloop.core.catalogue.sheets.rows import (
    Book,
    CategoryRow,
    DutyRow,
    LimitsRow,
    Row,
    StandardRow,
    UnitRef,
)

LONGEST_TEXT = 4_000
_CODE = re.compile(r"[0-9A-Z]{2}([0-9A-Z]{2})?")
_ICON = re.compile(r"[a-z0-9-]{0,40}")
_LIMIT = re.compile(r"(\d{1,9})个?(分钟|工作时|工作小时|工作日|日|天)")
_LIST = re.compile(r"[、,，;；\n]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_UNIT_NAMES = {**{name: unit for unit, name in c.UNITS.items()}, "工作小时": LimitUnit.WORKING_HOUR}
_UNIT_NAMES["天"] = LimitUnit.DAY

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file. `row` is the spreadsheet's number; the message says what to do."""

    sheet: str
    row: int
    column: str
    message: str

    def __str__(self) -> str:
        return _("工作表“%(sheet)s”第 %(row)d 行“%(column)s”：%(message)s") % {
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "message": self.message,
        }


@dataclass(slots=True)
class _Reader:
    """One row's cells, asked for by column; it keeps the complaints."""

    sheet: Sheet
    raw: RawRow
    problems: list[Problem]

    def complain(self, column: str, message: str) -> None:
        self.problems.append(Problem(self.sheet, self.raw.number, column, message))

    def text(self, column: str, most: int = LONGEST_TEXT) -> str:
        value = self.raw.cells.get(column, "")
        if _UNPRINTABLE.search(value):
            self.complain(column, _("含有不可见的控制字符，请删除后重新输入。"))
            return ""
        if len(value) > most:
            self.complain(column, _("超过 %(most)d 个字，请精简。") % {"most": most})
            return ""
        return value

    def needed(self, column: str, most: int = LONGEST_TEXT) -> str:
        value = self.text(column, most)
        if not value and not self.raw.cells.get(column):
            self.complain(column, _("不能为空，请填写。"))
        return value

    def choice(self, column: str, names: Mapping[str, str], default: str = "") -> str:
        """Return the value whose name the cell holds."""
        value = self.text(column)
        if not value and default:
            return default
        found = next((key for key, name in names.items() if name == value), "")
        if not found:
            self.complain(
                column,
                _("“%(value)s”不是可选值，请填写：%(names)s。")
                % {"value": value, "names": _("、").join(names.values())},
            )
        return found

    def flag(self, column: str, *, default: bool) -> bool:
        value = self.text(column)
        if value not in ("", c.YES, c.NO):
            self.complain(column, _("“%(value)s”请改为“是”或“否”。") % {"value": value})
        return default if value == "" else value == c.YES

    def words(self, column: str, most: int) -> tuple[str, ...]:
        found = [word.strip() for word in _LIST.split(self.text(column))]
        if too_long := [word for word in found if len(word) > most]:
            self.complain(
                column,
                _("“%(word)s…”超过 %(most)d 个字，请用顿号分开或精简。")
                % {"word": too_long[0][:10], "most": most},
            )
        return tuple(dict.fromkeys(filter(None, found)))


@dataclass(slots=True)
class Parsed:
    """What a file says, and what is wrong with it."""

    book: Book
    problems: list[Problem] = field(default_factory=list)


def parse(raw: RawBook, directory: Directory, known: Iterable[str]) -> Parsed:
    """
    Return the file's rows, typed.

    :param known: codes of the categories that exist; rows may also refer to those which the file adds.
    """
    parsed = Parsed(Book())
    problems = parsed.problems
    codes = set(known)
    if (rows := raw.get(Sheet.CATEGORIES)) is not None:
        parsed.book.categories = _keyed(Sheet.CATEGORIES, rows, problems, _category)
        codes |= set(parsed.book.categories)
        _check_parents(rows, codes, problems)
    if (rows := raw.get(Sheet.STANDARDS)) is not None:
        parsed.book.standards = _keyed(Sheet.STANDARDS, rows, problems, lambda r: _standard(r, codes))
    if (rows := raw.get(Sheet.LIMITS)) is not None:
        parsed.book.limits = _keyed(Sheet.LIMITS, rows, problems, lambda r: _limits(r, codes))
    if (rows := raw.get(Sheet.DUTIES)) is not None:
        parsed.book.duties = _keyed(Sheet.DUTIES, rows, problems, lambda r: _duty(r, codes, directory))
    return parsed


def _keyed(
    sheet: Sheet, rows: list[RawRow], problems: list[Problem], read: Callable[[_Reader], R]
) -> dict[str, R]:
    found: dict[str, R] = {}
    first: dict[str, int] = {}
    for raw in rows:
        reader = _Reader(sheet, raw, problems)
        row = read(reader)
        if row.key in found:
            reader.complain(
                c.COLUMNS[sheet][0],
                _("与第 %(row)d 行重复，请删除其中一行。") % {"row": first[row.key]},
            )
        found[row.key] = row
        first.setdefault(row.key, raw.number)
    return found


def _category(read: _Reader) -> CategoryRow:
    code = read.needed(c.CODE)
    if code and not _CODE.fullmatch(code):
        read.complain(
            c.CODE, _("“%(code)s”应为 2 位（大类）或 4 位（小类）数字或大写字母。") % {"code": code[:20]}
        )
    icon = read.text(c.ICON)
    if not _ICON.fullmatch(icon):
        read.complain(c.ICON, _("应为图标的英文名，只含小写字母、数字和连字符，不超过 40 个字符。"))
    return CategoryRow(
        code=code,
        name=read.needed(c.NAME, _length(Category, "name")),
        kind=read.choice(c.KIND, c.KINDS),
        keywords=read.words(c.KEYWORDS, KEYWORD_LENGTH),
        icon=icon,
        urgency=read.choice(c.URGENCY, c.URGENCIES, "normal"),
        is_public=read.flag(c.PUBLIC, default=True),
        is_active=read.flag(c.ACTIVE, default=True),
    )


def _check_parents(rows: list[RawRow], codes: set[str], problems: list[Problem]) -> None:
    for raw in rows:
        code = raw.cells.get(c.CODE, "")
        if len(code) > 2 and code[:2] not in codes:
            _Reader(Sheet.CATEGORIES, raw, problems).complain(
                c.CODE, _("大类 %(main)s 不存在，请先在本表中增加一行大类。") % {"main": code[:2]}
            )


def _standard(read: _Reader, codes: set[str]) -> StandardRow:
    return StandardRow(
        code=_known(read, codes | {c.TOWN}),
        opening=read.text(c.OPENING),
        closing=read.text(c.CLOSING),
        evidence=read.text(c.EVIDENCE),
        basis=read.text(c.BASIS),
        is_local_default=read.flag(c.LOCAL, default=False),
    )


def _limits(read: _Reader, codes: set[str]) -> LimitsRow:
    code = _known(read, codes | {c.TOWN})
    found = {stage: _limit(read, column) for stage, column in c.STAGES.items()}
    return LimitsRow(code, {stage: limit for stage, limit in found.items() if limit})


def _limit(read: _Reader, column: str) -> Limit | None:
    value = read.text(column)
    if not value:
        return None
    match = _LIMIT.fullmatch(value.replace(" ", ""))
    if not match:
        read.complain(
            column,
            _("“%(value)s”无法识别，请写成“30分钟”“4工作时”“5工作日”或“15日”。") % {"value": value[:20]},
        )
        return None
    amount = int(match[1])
    if not 1 <= amount <= MOST_OF_ONE_LIMIT:
        read.complain(column, _("数值应在 1 到 %(most)d 之间。") % {"most": MOST_OF_ONE_LIMIT})
    return Limit(amount, _UNIT_NAMES[match[2]])


def _duty(read: _Reader, codes: set[str], directory: Directory) -> DutyRow:
    kind = read.choice(c.DUTY_KIND, c.DUTY_KINDS)
    assist, is_local_assist = _assist(read, directory)
    lead = read.text(c.LEAD, _length(Duty, "lead_name"))
    is_local = lead == c.LOCAL_COMMITTEE
    upper = read.text(c.UPPER, _length(Duty, "upper_department"))
    if kind == DutyKind.TOWN_PRIMARY and not lead:
        read.complain(c.LEAD, _("基本履职事项必须有主办单位，请填写单位名称或“属地村（社区）”。"))
    if is_local and is_local_assist:
        read.complain(c.ASSIST, _("属地村（社区）已经主办，请从协办单位中删除。"))
    if kind in (DutyKind.TOWN_ASSIST, DutyKind.UPPER) and not upper:
        read.complain(c.UPPER, _("配合履职和上级部门收回的事项必须写明上级部门。"))
    return DutyRow(
        code=_known(read, codes),
        region=_region(read, directory),
        kind=kind,
        lead=None if is_local or not lead else _unit(read, c.LEAD, lead, directory),
        is_local_lead=is_local,
        assist=assist,
        is_local_assist=is_local_assist,
        upper_department=upper,
        basis=read.text(c.BASIS),
        is_local_default=read.flag(c.LOCAL, default=False),
    )


def _assist(read: _Reader, directory: Directory) -> tuple[tuple[UnitRef, ...], bool]:
    names = read.words(c.ASSIST, _length(Duty, "lead_name"))
    found = [_unit(read, c.ASSIST, name, directory) for name in names if name != c.LOCAL_COMMITTEE]
    if sum(len(unit.name) + 1 for unit in found if not unit.id) > _length(Duty, "assist_names"):
        read.complain(c.ASSIST, _("未建单位的名称过多，请先在“单位”中建立这些单位。"))
    return tuple(sorted(set(found), key=lambda unit: unit.name)), c.LOCAL_COMMITTEE in names


def _unit(read: _Reader, column: str, name: str, directory: Directory) -> UnitRef:
    plain = name.removesuffix(c.NOT_SET_UP)
    try:
        return directory.unit(plain)
    except Ambiguous:
        read.complain(column, _("有多个单位叫“%(name)s”，请改填单位代码。") % {"name": plain})
        return UnitRef(plain, None)


def _region(read: _Reader, directory: Directory) -> str:
    code = read.text(c.REGION)
    if code and code not in directory.region_ids:
        read.complain(
            c.REGION, _("没有代码为“%(code)s”的区划，请核对；全镇适用的请留空。") % {"code": code[:20]}
        )
    return code


def _known(read: _Reader, codes: set[str]) -> str:
    code = read.needed(c.CATEGORY)
    if code and code not in codes:
        read.complain(
            c.CATEGORY, _("没有编码为“%(code)s”的类别，请核对或先在“类别”表中增加。") % {"code": code[:20]}
        )
    return code


def _length(model: type[Category] | type[Duty], name: str) -> int:
    found = model._meta.get_field(name)  # Django documents it
    return int(getattr(found, "max_length", None) or LONGEST_TEXT)
