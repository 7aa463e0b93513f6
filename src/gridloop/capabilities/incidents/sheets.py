"""Resources as a sheet: the columns, rows read with every mistake named, and rows written."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import IO, Any

from django.utils.translation import gettext as _

from gridloop.base.common.coordinates import CoordinateSystem, to_wgs84
from gridloop.base.common.errors import InvalidInput
from gridloop.base.common.importing import Source, read_rows, write_xlsx
from gridloop.capabilities.incidents.actions import ResourceData, Stock
from gridloop.capabilities.incidents.config import skill_names
from gridloop.capabilities.incidents.duty import shown, tidy
from gridloop.capabilities.incidents.models import Resource, ResourceKind
from gridloop.core.org.models import Unit, User

# The names of the columns are those of the town's sheets, whatever the language of the page.
COLUMNS = (
    "编号", "类型", "名称", "单位代码", "经度", "纬度", "坐标系", "值守地点", "技能", "值守时间", "联系电话",
    "容量", "库存", "应答人员", "备注", "启用",
)  # fmt: skip
REQUIRED = ("编号", "类型", "名称", "单位代码", "经度", "纬度")
MOST_ROWS = 5_000
SYSTEMS = {
    "": CoordinateSystem.WGS84,
    "WGS84": CoordinateSystem.WGS84,
    "CGCS2000": CoordinateSystem.WGS84,
    "GCJ02": CoordinateSystem.GCJ02,
    "BD09": CoordinateSystem.BD09,
}
_KINDS = {
    "人员": "person", "队伍": "team", "车辆装备": "vehicle", "车辆": "vehicle", "装备": "vehicle",
    "物资仓库": "store", "仓库": "store", "避难场所": "shelter",
}  # fmt: skip
_NO = frozenset({"否", "停用", "no", "false", "0"})
_STOCK = re.compile(r"^(?P<item>.+?)\s+(?P<quantity>\d+(?:\.\d)?)\s*(?P<measure>\D{1,8})$")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One cell that cannot be used: its row in the sheet, its column, and why."""

    row: int
    column: str
    why: str


@dataclass(slots=True)
class Read:
    """What a sheet holds; nothing of it is to be kept where there is any mistake."""

    rows: list[ResourceData]
    mistakes: list[Mistake]


def read(source: Source | IO[bytes]) -> Read:
    """
    Read a sheet of resources (CSV, XLSX, XLS, ODS). A blank 联系电话 leaves the number that is known.

    :raises SheetUnreadable, ColumnsMissing: it is no sheet, or lacks a column.
    """
    units = dict(Unit.objects.active().values_list("code", "pk"))
    people = dict(User.objects.filter(is_active=True).values_list("username", "pk"))
    skills = {name: code for code, name in skill_names().items()}
    found = Read([], [])
    seen: dict[str, int] = {}
    for number, cells in read_rows(source, required=REQUIRED):
        if number > MOST_ROWS:
            raise InvalidInput(_("一次最多导入 %(most)s 行，请分成几个文件。") % {"most": MOST_ROWS})
        reader = _Row(number, cells, units, people, skills)
        data = reader.data()
        if (first := seen.setdefault(data.code, number)) != number:
            reader.wrong("编号", _("与第 %(n)s 行重复") % {"n": first})
        found.rows.append(data)
        found.mistakes += reader.mistakes
    return found


def write(resources: Iterable[Resource]) -> bytes:
    """
    Return resources as XLSX in the columns that `read` takes; telephone numbers stay in the house.

    :param resources: with `unit`, `owners` and `stock` loaded.
    """
    names = skill_names()
    rows = [
        {
            "编号": row.code,
            "类型": ResourceKind(row.kind).label,
            "名称": row.name,
            "单位代码": row.unit.code,
            "经度": row.lon,
            "纬度": row.lat,
            "坐标系": "WGS84",
            "值守地点": row.address,
            "技能": "、".join(names.get(code, code) for code in row.skills),
            "值守时间": shown(row.duty),
            "容量": row.capacity,
            "库存": "；".join(f"{s.item} {s.quantity.normalize():f}{s.measure}" for s in row.stock.all()),
            "应答人员": "、".join(user.get_username() for user in row.owners.all()),
            "备注": row.note,
            "启用": "是" if row.is_active else "否",
        }
        for row in resources
    ]
    return write_xlsx(COLUMNS, rows, sheet="应急资源")


class _Row:
    """Reads the cells of one row, and remembers what it could not."""

    def __init__(
        self,
        number: int,
        cells: dict[str, str],
        units: dict[str, int],
        people: dict[str, int],
        skills: dict[str, str],
    ) -> None:
        self.number, self.cells = number, cells
        self.units, self.people, self.skills = units, people, skills
        self.mistakes: list[Mistake] = []

    def wrong(self, column: str, why: str) -> None:
        self.mistakes.append(Mistake(self.number, column, why))

    def data(self) -> ResourceData:
        lon, lat = self._point()
        return ResourceData(
            code=self._text("编号", 30, is_needed=True),
            kind=self._kind(),
            name=self._text("名称", 60, is_needed=True),
            unit_id=self._known("单位代码", self.units, _("没有这个单位代码")),
            lon=lon,
            lat=lat,
            address=self._text("值守地点", 120),
            skills=self._many("技能", self.skills, _("没有这个技能，请先在“技能与设置”里添加")),
            duty=self._duty(),
            contact=self._text("联系电话", 40) or None,
            capacity=self._capacity(),
            note=self._text("备注", 200),
            is_active=self._cell("启用").lower() not in _NO,
            owner_ids=self._many("应答人员", self.people, _("没有这个用户名，或已停用")),
            stock=self._stock(),
        )

    def _cell(self, column: str) -> str:
        return self.cells.get(column, "").strip()

    def _text(self, column: str, most: int, *, is_needed: bool = False) -> str:
        text = self._cell(column)
        if is_needed and not text:
            self.wrong(column, _("必填"))
        if len(text) > most:
            self.wrong(column, _("最多 %(most)s 个字") % {"most": most})
        return text

    def _kind(self) -> str:
        kind = _KINDS.get(self._cell("类型"), "")
        if not kind:
            self.wrong("类型", _("应为：人员、队伍、车辆装备、物资仓库、避难场所"))
        return kind

    def _known(self, column: str, known: dict[str, int], why: str) -> int:
        if self._cell(column) not in known:
            self.wrong(column, why)
        return known.get(self._cell(column), 0)

    def _many(self, column: str, known: dict[str, Any], why: str) -> tuple[Any, ...]:
        names = [name for name in re.split(r"[、,，;；\s]+", self._cell(column)) if name]
        for name in names:
            if name not in known:
                self.wrong(column, f"{name}：{why}")
        return tuple(known[name] for name in names if name in known)

    def _point(self) -> tuple[float, float]:
        try:
            lon, lat = float(self._cell("经度")), float(self._cell("纬度"))
        except ValueError:
            self.wrong("经度", _("经纬度应为十进制度数，例如 120.05 和 31.70"))
            return 0.0, 0.0
        system = SYSTEMS.get(self._cell("坐标系").upper().replace("-", ""))
        if system is None:
            self.wrong("坐标系", _("应为 WGS84、CGCS2000、GCJ02 或 BD09"))
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):
            self.wrong("经度", _("经纬度超出范围，是否写反了"))
            return 0.0, 0.0
        return to_wgs84(lon, lat, system or CoordinateSystem.WGS84)

    def _duty(self) -> str:
        try:
            return tidy(self._cell("值守时间"))
        except InvalidInput as refusal:
            self.wrong("值守时间", refusal.message)
            return ""

    def _capacity(self) -> int | None:
        text = self._cell("容量")
        if text and not (text.isdecimal() and len(text) < 9):
            self.wrong("容量", _("应为整数"))
            return None
        return int(text) if text else None

    def _stock(self) -> tuple[Stock, ...]:
        try:
            return read_stock(self._cell("库存"))
        except InvalidInput as refusal:
            self.wrong("库存", refusal.message)
            return ()


def read_stock(text: str) -> tuple[Stock, ...]:
    """
    Return the lines of a store as people write them: 沙袋 500只；抽水泵 3台, or one a line.

    :raises InvalidInput: a part cannot be read; the message says which.
    """
    lines = []
    for part in filter(None, (p.strip() for p in re.split(r"[；;\n]+", text))):
        found = _STOCK.match(part)
        try:
            quantity = Decimal(found["quantity"]) if found else None
        except InvalidOperation:
            quantity = None
        if found is None or quantity is None or len(found["item"]) > 40 or quantity >= 10**9:
            raise InvalidInput(
                _("看不懂库存“%(part)s”，请写成“沙袋 500只”，每种一行。") % {"part": part[:40]},
                fields={"stock": _("格式不对")},
            )
        lines.append(Stock(found["item"].strip(), quantity, found["measure"].strip()))
    return tuple(lines)
