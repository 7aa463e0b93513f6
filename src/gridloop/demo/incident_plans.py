"""The town's plans for the emergencies that it has most often."""

from collections.abc import Callable
from typing import TypeAlias

from gridloop.capabilities.incidents.actions import PlanContent, PlanRole, PlanStep

Content: TypeAlias = Callable[[dict[str, int]], PlanContent]


def _fire(known: dict[str, int]) -> PlanContent:
    return PlanContent(
        roles=(
            PlanRole("灭火救援", "team", ("fire_rescue",), 2, 0, (known["XF-001"],)),
            PlanRole("消防车", "vehicle", ("fire_rescue",), 2, 0, (known["CL-001"],)),
            PlanRole("医疗救护", "team", ("medical",), 1),
            PlanRole("断电保障", "team", ("power_repair",), 1),
            PlanRole("警戒疏散", "team", ("evacuation",), 2, 6000),
            PlanRole("安置点", "shelter", (), 1),
        ),
        steps=(
            PlanStep("确认着火部位、燃烧物和被困人数，同步报 119", "指挥中心", 2),
            PlanStep("就近微型消防站先期处置", "灭火救援", 5),
            PlanStep("切断着火区域电源、气源", "断电保障", 10),
            PlanStep("划定警戒区，疏散人员，清点人数", "警戒疏散", 12),
            PlanStep("救护伤员并登记去向", "医疗救护", 20),
            PlanStep("留人看守火场，防止复燃", "灭火救援"),
        ),
    )


def _gas(known: dict[str, int]) -> PlanContent:
    return PlanContent(
        roles=(
            PlanRole("抢修", "team", ("gas_repair",), 1, 0, (known["RQ-001"],)),
            PlanRole("灭火救援", "team", ("fire_rescue",), 1),
            PlanRole("警戒疏散", "team", ("evacuation",), 2, 6000),
            PlanRole("医疗", "team", ("medical",), 1),
            PlanRole("检测器材", "store", (), 1, 0, (known["WZ-003"],)),
        ),
        steps=(
            PlanStep("询问泄漏位置、气味范围，告知报警人开窗、禁火、撤离", "指挥中心", 2),
            PlanStep("关闭上游阀门", "抢修", 15),
            PlanStep("下风向 200 米内疏散，禁止明火和电器开关", "警戒疏散", 15),
            PlanStep("消防车上风向待命，检测可燃气体浓度", "灭火救援", 15),
            PlanStep("查找漏点并抢修", "抢修", 60),
            PlanStep("保压合格、复测浓度后解除警戒，通知居民返回", "指挥中心"),
        ),
    )


def _flood(known: dict[str, int]) -> PlanContent:
    return PlanContent(
        roles=(
            PlanRole("排涝", "team", ("drainage",), 2),
            PlanRole("排涝车", "vehicle", ("drainage",), 1, 0, (known["CL-004"],)),
            PlanRole("交通管制", "team", ("traffic_control",), 1),
            PlanRole("转移群众", "team", ("evacuation",), 2),
            PlanRole("树木清障", "team", ("tree_clearing",), 1),
            PlanRole("防汛物资", "store", (), 1, 0, (known["WZ-001"],)),
            PlanRole("安置点", "shelter", (), 1),
        ),
        steps=(
            PlanStep("查看积水点水位，封闭下穿通道和危险路段", "交通管制", 5),
            PlanStep("组织排水，开启泵站", "排涝", 15),
            PlanStep("排查低洼户、危房和工地，转移人员并登记", "转移群众", 30),
            PlanStep("开放安置点，清点被褥、饮水", "安置点", 30),
            PlanStep("清理倒伏树木和坠落物", "树木清障", 60),
            PlanStep("雨停后消杀、恢复交通，统计损失", "指挥中心"),
        ),
    )


def _missing(known: dict[str, int]) -> PlanContent:
    return PlanContent(
        roles=(
            PlanRole("搜寻", "team", ("search",), 2, 0, (known["PC-001"],)),
            PlanRole("医疗", "team", ("medical",), 1),
            PlanRole("民兵协助", "team", ("evacuation", "search"), 1, 0, (known["MB-001"],)),
        ),
        steps=(
            PlanStep("登记走失时间、衣着、常去地点，照片只发给搜寻人员", "指挥中心", 5),
            PlanStep("通知所在网格和相邻网格就近查看", "指挥中心", 8),
            PlanStep("从走失点向外分片搜寻，先查水边、车站、旧居", "搜寻", 20),
            PlanStep("找到后核对身份、检查身体，交家属签收", "搜寻"),
            PlanStep("删除为搜寻发出的照片和个人信息", "指挥中心"),
        ),
    )


PLANS: tuple[tuple[str, str, Content], ...] = (
    ("火灾事故应急预案", "fire", _fire),
    ("燃气泄漏应急预案", "gas", _gas),
    ("内涝台风应急预案", "flood", _flood),
    ("走失人员搜寻预案", "missing", _missing),
)
