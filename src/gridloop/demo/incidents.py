"""Emergencies of the town: what can be called, four plans, one that is over, and a drill that runs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import TypeAlias
from uuid import UUID

from gridloop.base.common.ids import id_at
from gridloop.capabilities.incidents import actions
from gridloop.capabilities.incidents.actions import Opening, ResourceData, Review, Stock, Task, Wanted
from gridloop.capabilities.incidents.models import Call, Incident, Plan, Resource
from gridloop.core.org.actors import Actor, actor_of
from gridloop.core.org.models import Post, Unit, User
from gridloop.core.org.permissions import Role
from gridloop.demo import names
from gridloop.demo.incident_plans import PLANS
from gridloop.demo.spots import Spot, Spots

DAY_HOURS = "周一至周五 08:30-17:30"
MINUTE = timedelta(minutes=1)
GAS, DRILL = "gas-in-autumn", "flood-drill"

Event: TypeAlias = tuple[datetime, Callable[[datetime], object]]


@dataclass(frozen=True, slots=True)
class Have:
    """Something of the town: its number, kind, name, unit's code, who answers, what it can and holds."""

    code: str
    kind: str
    name: str
    unit: str
    owners: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    capacity: int | None = None
    duty: str = ""
    stock: tuple[tuple[str, int, str], ...] = field(default=())


_TOWN: tuple[Have, ...] = (
    Have(
        "XF-001", "team", "云汀消防救援站一班", "fire", ("xiaofang",), ("fire_rescue", "hazmat", "search"), 12
    ),
    Have(
        "XF-002",
        "team",
        "云汀消防救援站二班",
        "fire",
        ("fire1",),
        ("fire_rescue", "water_rescue", "evacuation"),
        10,
    ),
    Have("RQ-001", "team", "燃气抢修一班", "gas", ("gas1",), ("gas_repair", "hazmat"), 6),
    Have("RQ-002", "team", "燃气抢修二班", "gas", ("gas1",), ("gas_repair",), 5),
    Have("DL-001", "team", "电力抢修班", "power", ("power1",), ("power_repair", "lighting"), 6),
    Have("GS-001", "team", "供水抢修班", "tap", ("tap1",), ("water_repair",), 5),
    Have("SZ-001", "team", "市政抢险队", "repair", ("repair1",), ("repair", "drainage", "machinery"), 15),
    Have("SL-001", "team", "水利站排涝队", "water", ("water1",), ("drainage", "water_rescue"), 9),
    Have("YL-001", "team", "卫生院急救组", "clinic", ("clinic1",), ("medical",), 4),
    Have("LH-001", "team", "园林清障队", "green", ("green1",), ("tree_clearing", "machinery"), 8, DAY_HOURS),
    Have("JJ-001", "team", "交警中队勤务组", "traffic", ("traffic1",), ("traffic_control",), 6),
    Have(
        "PC-001", "team", "派出所处警组", "police", ("police1",), ("public_order", "search", "evacuation"), 8
    ),
    Have(
        "MB-001", "team", "镇民兵应急分队", "safety", ("lianggang",), ("evacuation", "search", "drainage"), 30
    ),
    Have(
        "ZF-001",
        "team",
        "综合执法机动队",
        "law",
        ("jingban", "law1"),
        ("public_order", "traffic_control"),
        10,
    ),
    Have("TX-001", "team", "应急通信保障组", "telecom", ("telecom1",), ("communications",), 3, DAY_HOURS),
    Have("RY-001", "person", "值班医师", "clinic", ("clinic1",), ("medical", "counselling")),
    Have("RY-002", "person", "危化品处置专家", "safety", ("safety1",), ("hazmat",), duty=DAY_HOURS),
    Have("RY-003", "person", "应急管理局值班员", "safety", ("lianggang",), ("evacuation",)),
    Have("CL-001", "vehicle", "水罐消防车", "fire", ("xiaofang",), ("fire_rescue",), 6),
    Have("CL-002", "vehicle", "登高平台消防车", "fire", ("fire1",), ("fire_rescue",), 4),
    Have("CL-003", "vehicle", "救护车", "clinic", ("clinic1",), ("medical", "transport"), 5),
    Have("CL-004", "vehicle", "大流量排涝车", "water", ("water1",), ("drainage",), 3),
    Have("CL-005", "vehicle", "挖掘机", "repair", ("repair1",), ("machinery",), 1),
    Have("CL-006", "vehicle", "移动照明发电车", "power", ("power1",), ("lighting", "power_repair"), 2),
    Have("CL-007", "vehicle", "燃气抢险工程车", "gas", ("gas1",), ("gas_repair",), 4),
    Have("CL-008", "vehicle", "转运大客车", "office", ("office1",), ("transport", "evacuation"), 49),
    Have(
        *("WZ-001", "store", "镇防汛物资中心库", "water", ("water1",)),
        stock=(("编织袋", 6000, "只"), ("沙袋", 1800, "只"), ("抽水泵", 14, "台"), ("救生衣", 120, "件")),
    ),
    Have(
        *("WZ-002", "store", "应急管理局综合库", "safety", ("lianggang",)),
        stock=(("帐篷", 40, "顶"), ("棉被", 300, "床"), ("应急灯", 80, "盏"), ("发电机", 6, "台")),
    ),
    Have(
        *("WZ-003", "store", "消防站器材库", "fire", ("fire1",)),
        stock=(("空气呼吸器", 24, "套"), ("可燃气体检测仪", 8, "台"), ("灭火毯", 60, "张")),
    ),
    Have(
        *("WZ-004", "store", "卫生院药械库", "clinic", ("clinic1",)),
        stock=(("急救包", 90, "个"), ("担架", 12, "副"), ("氧气瓶", 20, "只")),
    ),
)
_SHELTERS = (
    ("BN-001", "云汀中学体育馆避难场所", 1200),
    ("BN-002", "文化中心避难场所", 600),
    ("BN-003", "澄屿生态园避难场所", 2500),
    ("BN-004", "菱歌小商品市场北广场", 1800),
)


def add_emergencies(seed: int, *, now: datetime) -> None:
    """Fill the town's emergencies by the actions themselves. Call it inside a transaction."""
    rng, spots = Random(f"{seed}/emergencies"), Spots(seed)
    leader = _acting("lingdao", Role.LEADER)
    began = now - timedelta(days=60)
    actions.load_common_skills(actor=leader)
    _add_resources(rng, spots, leader, began)
    _add_plans(leader, began)
    _tell_gas_leak(rng, spots, leader, now - timedelta(days=9, hours=3))
    _run_drill(rng, spots, leader, now - 14 * MINUTE)


def _add_resources(rng: Random, spots: Spots, leader: Actor, at: datetime) -> None:
    units = {unit.code: unit for unit in Unit.objects.select_related("region")}
    people = dict(User.objects.values_list("username", "pk"))
    for have in _TOWN:
        spot = spots.draw(rng, f"duty-{have.unit}")
        actions.add_resource(_data(rng, have, spot, units, people), actor=leader, at=at)
    for code, name, capacity in _SHELTERS:
        have = Have(code, "shelter", name, "safety", ("lianggang",), (), capacity)
        actions.add_resource(_data(rng, have, spots.draw(rng, code), units, people), actor=leader, at=at)
    committees = sorted(
        (u for code, u in units.items() if code.startswith("committee-")), key=lambda u: u.code
    )
    for n, unit in enumerate(committees, 1):
        for have in _of_village(n, unit, people):
            spot = spots.draw_in(rng, unit.region_id)
            actions.add_resource(_data(rng, have, spot, units, people), actor=leader, at=at)


def _of_village(n: int, unit: Unit, people: dict[str, int]) -> list[Have]:
    """Return what every village and community has: a small fire station, and some of them a store."""
    name, login = unit.region.name, f"shuji{unit.region.code[9:12]}"
    owner = login if login in people else "shuji"
    station = Have(
        *(f"WX-{n:03d}", "team", f"{name}微型消防站", unit.code, (owner,)),
        skills=("fire_rescue", "evacuation"),
        capacity=6,
    )
    store = Have(
        *(f"WZ-1{n:02d}", "store", f"{name}应急物资点", unit.code, (owner,)),
        stock=(("沙袋", 100 + 20 * (n % 5), "只"), ("灭火器", 20, "具"), ("手电筒", 30, "支")),
    )
    return [station, store] if n % 3 == 0 else [station]


def _data(
    rng: Random, have: Have, spot: Spot, units: dict[str, Unit], people: dict[str, int]
) -> ResourceData:
    return ResourceData(
        code=have.code,
        kind=have.kind,
        name=have.name,
        unit_id=units[have.unit].pk,
        lon=spot.lon,
        lat=spot.lat,
        address=spot.address,
        skills=have.skills,
        duty=have.duty,
        contact=names.mobile(rng),
        capacity=have.capacity,
        owner_ids=tuple(people[login] for login in have.owners),
        stock=tuple(Stock(item, Decimal(quantity), measure) for item, quantity, measure in have.stock),
    )


def _add_plans(leader: Actor, at: datetime) -> None:
    known = dict(Resource.objects.values_list("code", "pk"))
    for name, kind, content in PLANS:
        actions.add_plan(name, kind, content(known), actor=leader, at=at, remark="首次编制")


def _tell_gas_leak(rng: Random, spots: Spots, leader: Actor, at: datetime) -> None:
    """Tell the emergency that is over: one team did not answer, another one came, and a review followed."""
    spot = spots.draw(rng, "gas")
    opened = _open(
        *(spot, leader, at, GAS),
        Opening(
            kind="gas",
            title=f"{spot.words['estate']}燃气管道泄漏",
            brief="地下车库入口闻到浓烈异味，检测仪报警。到场后听现场指挥统一指挥，禁止明火。",
            address=spot.address,
            lon=spot.lon,
            lat=spot.lat,
            level="4",
            plan_id=Plan.objects.get(kind="gas").pk,
        ),
    )
    wanted = (
        ("RQ-002", "抢修", ("gas_repair",)),
        ("XF-001", "灭火救援", ("fire_rescue",)),
        ("PC-001", "警戒疏散", ("evacuation",)),
        ("YL-001", "医疗", ("medical",)),
    )
    first = _call(opened, leader, at + MINUTE, *wanted)
    _live(
        *_come(first["XF-001"], at, (1.5, 3, 9)),
        *_come(first["PC-001"], at, (2, 4, 11)),
        *_come(first["YL-001"], at, (3, 6, 15)),
        *_tick(opened, leader, at, (2, 6, 8, 9)),
        until=at + 6.4 * MINUTE,
    )
    actions.sweep(at=at + 6.45 * MINUTE)
    stand_in = actions.replace(
        first["RQ-002"].pk, actor=leader, at=at + 6.5 * MINUTE, resource_id=_pk("RQ-001")
    )
    assert stand_in is not None  # noqa: S101  # it is named, and free
    police = _owner_of(first["PC-001"])
    seen, wish = "已关闭小区调压箱阀门，疏散两幢 86 户。", "北门围观的人多，再要两名交警疏导"
    _live(
        *_come(first["XF-001"], at, (1.5, 3, 9)),
        *_come(first["PC-001"], at, (2, 4, 11)),
        *_come(first["YL-001"], at, (3, 6, 15)),
        *_come(stand_in, at, (7, 9, 18)),
        *_tick(opened, leader, at, (2, 14, 13, 16)),
        (at + 21 * MINUTE, lambda when: actions.note(opened.pk, seen, actor=leader, at=when)),
        (at + 23 * MINUTE, lambda when: actions.ask_more(first["PC-001"].pk, wish, actor=police, at=when)),
    )
    more = _call(opened, leader, at + 24 * MINUTE, ("JJ-001", "交通疏导", ("traffic_control",)))
    actions.meet(opened.asks.get().pk, actor=leader, at=at + 24 * MINUTE)
    came = [call for call in (stand_in, *first.values(), *more.values()) if call.pk != first["RQ-002"].pk]
    _live(
        *_come(more["JJ-001"], at, (25, 26, 33)),
        *_tick(opened, leader, at, (2, 14, 13, 16, 52, 65)),
        *((at + (66 + n) * MINUTE, _finish(call)) for n, call in enumerate(came)),
    )
    actions.close(
        *(opened.pk, "更换破损接头，保压检测合格，恢复供气，居民全部返回，无人员伤亡。"),
        actor=leader,
        at=at + 75 * MINUTE,
        review=Review(
            worked="消防 9 分钟到场，警戒范围划得及时；预案步骤逐条完成。",
            failed="燃气抢修二班值班电话占线，5 分钟未应答，改呼一班多用了 6 分钟；北门警戒力量不足。",
            tasks=(
                Task("燃气公司抢修班增设备用值班手机", _unit("gas"), None),
                Task("燃气泄漏预案增加交通疏导角色", _unit("safety"), None),
            ),
        ),
    )


def _run_drill(rng: Random, spots: Spots, leader: Actor, at: datetime) -> None:
    """Begin the drill that runs: two have answered, one has not."""
    spot = spots.draw(rng, "water")
    opened = _open(
        *(spot, leader, at, DRILL),
        Opening(
            kind="flood",
            title=f"{spot.words['road']}下穿通道积水",
            brief="模拟短时强降雨，通道积水 40 厘米，有车辆被困。按预案到场，演练中注意交通安全。",
            address=spot.address,
            lon=spot.lon,
            lat=spot.lat,
            is_drill=True,
            plan_id=Plan.objects.get(kind="flood").pk,
        ),
    )
    wanted = (
        ("SL-001", "排涝", ("drainage",)),
        ("JJ-001", "交通管制", ("traffic_control",)),
        ("CL-004", "排涝车", ("drainage",)),
        ("ZF-001", "秩序维护", ("public_order",)),
    )
    calls = _call(opened, leader, at + MINUTE, *wanted)
    _live(
        *_come(calls["SL-001"], at, (2, 4, 11)),
        *_come(calls["JJ-001"], at, (3, 5)),
        *_tick(opened, leader, at, (2, 6)),
    )


def _open(spot: Spot, leader: Actor, at: datetime, name: str, opening: Opening) -> Incident:
    key: UUID = id_at(at, seed=f"{name}/{spot.lon}/{spot.lat}")
    return actions.open_incident(opening, actor=leader, at=at, key=key)


def _call(
    opened: Incident, leader: Actor, at: datetime, *wanted: tuple[str, str, tuple[str, ...]]
) -> dict[str, Call]:
    asked = [Wanted(_pk(code), role, skills) for code, role, skills in wanted]
    made = actions.call(opened.pk, asked, actor=leader, at=at).made
    return {call.resource.code: call for call in made}


def _come(call: Call, began: datetime, minutes: tuple[float, ...]) -> list[Event]:
    """Return the answers of a call's people, so many minutes after the beginning."""
    owner = _owner_of(call)

    def said(name: str) -> Callable[[datetime], object]:
        return lambda at: actions.answer(call.pk, name, actor=owner, at=at)

    steps = zip(("acknowledge", "set_out", "arrive"), minutes, strict=False)
    return [(began + minute * MINUTE, said(name)) for name, minute in steps]


def _finish(call: Call) -> Callable[[datetime], object]:
    owner = _owner_of(call)
    return lambda at: actions.answer(call.pk, "finish", actor=owner, at=at)


def _tick(opened: Incident, leader: Actor, began: datetime, minutes: tuple[int, ...]) -> list[Event]:
    """Return the steps as they are ticked, so many minutes after the beginning."""

    def done(pk: int) -> Callable[[datetime], object]:
        return lambda at: actions.tick(pk, is_done=True, actor=leader, at=at)

    steps = opened.steps.order_by("position")
    return [(began + minute * MINUTE, done(step.pk)) for step, minute in zip(steps, minutes, strict=False)]


def _live(*events: Event, until: datetime | None = None) -> None:
    """Let everything happen in the order of time; what has happened already does nothing again."""
    for at, act in sorted(events, key=lambda event: event[0]):
        if until is None or at <= until:
            act(at)


def _owner_of(call: Call) -> Actor:
    callee = call.callees.order_by("user_id").first()
    assert callee is not None  # noqa: S101  # everything in the list above has somebody who answers
    posts = Post.objects.with_names().filter(user=callee.user_id)
    return actor_of(posts.order_by("pk")[0])


def _acting(login: str, role: Role) -> Actor:
    return actor_of(Post.objects.with_names().get(user__username=login, role=role))


def _pk(code: str) -> int:
    return Resource.objects.values_list("pk", flat=True).get(code=code)


def _unit(code: str) -> int:
    return Unit.objects.values_list("pk", flat=True).get(code=code)
