"""The names of sheets, columns and values in a rulebook file: a file format, so never translated."""

from enum import StrEnum

from gridloop.base.common.worktime import LimitUnit
from gridloop.core.catalogue.models import CategoryKind, DutyKind, Urgency
from gridloop.core.catalogue.stages import Stage


class Sheet(StrEnum):
    CATEGORIES = "类别"
    STANDARDS = "标准"
    LIMITS = "时限"
    DUTIES = "履职清单"


TOWN = "默认"  # in the place of a category's code: the town's default standard
LOCAL_COMMITTEE = "属地村（社区）"  # in the place of a unit: the committee of wherever the case lies
NOT_SET_UP = "（未建单位）"  # after the name of a unit that the town has not set up
YES, NO = "是", "否"
SEPARATOR = "、"

CODE, NAME, KIND, KEYWORDS, ICON = "编码", "名称", "类型", "关键词", "图标"
URGENCY, PUBLIC, ACTIVE = "紧急程度", "群众可上报", "启用"
CATEGORY, CATEGORY_NAME = "类别编码", "类别名称"
OPENING, CLOSING, EVIDENCE, BASIS, LOCAL = "立案条件", "结案条件", "证据要求", "依据", "本地默认"
REGION, DUTY_KIND, LEAD, ASSIST, UPPER = "适用区划代码", "履职类型", "主办单位", "协办单位", "上级部门"

STAGES: dict[Stage, str] = {
    Stage.ACCEPT: "受理",
    Stage.DISPATCH: "派遣",
    Stage.SIGN: "签收",
    Stage.HANDLE: "处置",
    Stage.VERIFY: "核查",
}
UNITS: dict[LimitUnit, str] = {
    LimitUnit.MINUTE: "分钟",
    LimitUnit.WORKING_HOUR: "工作时",
    LimitUnit.WORKING_DAY: "工作日",
    LimitUnit.DAY: "日",
}
KINDS: dict[str, str] = {
    CategoryKind.EVENT: "事件",
    CategoryKind.COMPONENT: "部件",
    CategoryKind.SERVICE: "服务",
}
URGENCIES: dict[str, str] = {Urgency.NORMAL: "一般", Urgency.URGENT: "紧急", Urgency.CRITICAL: "特急"}
DUTY_KINDS: dict[str, str] = {
    DutyKind.TOWN_PRIMARY: "基本履职",
    DutyKind.TOWN_ASSIST: "配合履职",
    DutyKind.UPPER: "上级部门收回",
}

# The category's name stands beside its code for the reader; it is not read back.
COLUMNS: dict[Sheet, tuple[str, ...]] = {
    Sheet.CATEGORIES: (CODE, NAME, KIND, KEYWORDS, ICON, URGENCY, PUBLIC, ACTIVE),
    Sheet.STANDARDS: (CATEGORY, CATEGORY_NAME, OPENING, CLOSING, EVIDENCE, BASIS, LOCAL),
    Sheet.LIMITS: (CATEGORY, CATEGORY_NAME, *STAGES.values()),
    Sheet.DUTIES: (CATEGORY, CATEGORY_NAME, REGION, DUTY_KIND, LEAD, ASSIST, UPPER, BASIS, LOCAL),
}
REQUIRED: dict[Sheet, tuple[str, ...]] = {
    Sheet.CATEGORIES: (CODE, NAME, KIND, KEYWORDS),
    Sheet.STANDARDS: (CATEGORY, OPENING, CLOSING),
    Sheet.LIMITS: (CATEGORY, STAGES[Stage.HANDLE]),
    Sheet.DUTIES: (CATEGORY, DUTY_KIND, LEAD),
}
