"""Who acts in the town: the centre, departments, stations, teams, committees and branches."""

from dataclasses import dataclass
from random import Random

from gridloop.core.org import actions as org
from gridloop.core.org.models import Level, Region, Unit, UnitKind
from gridloop.demo import names
from gridloop.demo.regions import Village

CENTRE = "centre"
GOVERNMENT = "government"
BY_NAME = frozenset({"law", "cleaning"})  # their work is given to people, not left to the unit to share out


@dataclass(frozen=True, slots=True)
class Plan:
    """A unit of the whole town: its code, name and kind."""

    code: str
    name: str
    kind: UnitKind


_DEPARTMENT, _STATION, _TEAM, _FIRM = (
    UnitKind.DEPARTMENT,
    UnitKind.STATION,
    UnitKind.TEAM,
    UnitKind.ENTERPRISE,
)
# Named as the default rulebook names who answers for what, so that its duty lists find them.
PLANS: tuple[Plan, ...] = (
    Plan("office", "党政办公室", _DEPARTMENT),
    Plan("party", "党建工作局", _DEPARTMENT),
    Plan("law", "综合行政执法局", _DEPARTMENT),
    Plan("building", "建设管理局", _DEPARTMENT),
    Plan("safety", "应急管理局", _DEPARTMENT),
    Plan("environment", "环境保护办公室", _DEPARTMENT),
    Plan("peace", "政法和社会管理办公室", _DEPARTMENT),
    Plan("social", "社会事业局", _DEPARTMENT),
    Plan("economy", "经济发展局", _DEPARTMENT),
    Plan("farming", "农村工作局", _DEPARTMENT),
    Plan("labour", "人社所", _DEPARTMENT),
    Plan("finance", "财政和资产管理局", _DEPARTMENT),
    Plan("service", "便民服务中心", _DEPARTMENT),
    Plan("veterans", "退役军人服务站", _DEPARTMENT),
    Plan("police", "派出所", _STATION),
    Plan("traffic", "交警中队", _STATION),
    Plan("market", "市场监督管理分局", _STATION),
    Plan("justice", "司法所", _STATION),
    Plan("mediation", "矛盾纠纷调处化解中心", _STATION),
    Plan("enterprise", "法治益企联络站", _STATION),
    Plan("water", "水利站", _STATION),
    Plan("power", "供电所", _STATION),
    Plan("clinic", "卫生院", _STATION),
    Plan("fire", "消防救援站", _TEAM),
    Plan("cleaning", "环卫所", _TEAM),
    Plan("repair", "市政养护队", _TEAM),
    Plan("green", "园林绿化队", _TEAM),
    Plan("tap", "供水公司", _FIRM),
    Plan("gas", "燃气公司", _FIRM),
    Plan("telecom", "通信运营单位", _FIRM),
)
_COUNTERS = ("云汀网格党群直通站", "锦棹网格党群直通站", "星榆网格党群直通站")


def add_units(rng: Random, town: Region, villages: list[Village]) -> dict[str, Unit]:
    """Add all units and return them by code; those of a village end with its three digits."""
    root = _add(rng, None, GOVERNMENT, f"{town.name}人民政府", UnitKind.OTHER, town)
    units = {GOVERNMENT: root}
    units[CENTRE] = _add(rng, root, CENTRE, "城市运行指挥中心", UnitKind.CENTRE, town)
    for plan in PLANS:
        units[plan.code] = _add(rng, root, plan.code, plan.name, plan.kind, town)
    for village in villages:
        units |= _add_village_units(rng, root, village.region)
    for name, village in zip(_COUNTERS, villages, strict=False):
        code = f"counter-{village.region.code[-3:]}"
        parent = units[committee_code(village.region)]
        units[code] = _add(rng, parent, code, name, UnitKind.STATION, village.region)
    return units


def committee_code(village: Region) -> str:
    """Return the code of a village's or community's committee."""
    return f"committee-{village.code[9:12]}"


def _add_village_units(rng: Random, root: Unit, village: Region) -> dict[str, Unit]:
    is_village = village.level == Level.VILLAGE
    kind = UnitKind.VILLAGE_COMMITTEE if is_village else UnitKind.COMMUNITY_COMMITTEE
    title = f"{village.name}{'村民' if is_village else '居民'}委员会"
    committee = _add(rng, root, committee_code(village), title, kind, village)
    code = f"branch-{village.code[9:12]}"
    branch = _add(rng, committee, code, f"{village.name}党总支", UnitKind.BRANCH, village)
    return {committee.code: committee, branch.code: branch}


def _add(rng: Random, parent: Unit | None, code: str, name: str, kind: UnitKind, region: Region) -> Unit:
    return org.add_unit(
        parent,
        code=code,
        name=name,
        kind=kind,
        region=region,
        duty_phone=names.landline(rng),
        takes_named=code in BY_NAME,
    )
