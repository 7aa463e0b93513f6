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

GUIDE_SHEET = "填写说明"
GUIDE = (
    "事项目录填写说明",
    "红色列名为必填列。不要修改工作表名和列名；“类别名称”列只供对照，导入时不读取。",
    "类别：大类编码 2 位、小类编码 4 位（前 2 位为所属大类），由数字和大写字母组成。",
    "类别：关键词用顿号分隔，供上报时提示类别；“甲+乙”表示两个词都出现才算。",
    "类别：“启用”填“否”即停用，已有案件保留原类别。",
    "标准：“类别编码”填“默认”表示全镇默认标准。留空的内容依次取所属大类、全镇默认标准。",
    "标准、履职清单：没有文件依据的数字请在“本地默认”列填“是”，有依据的写明依据。",
    "时限：写成“30分钟”“4工作时”“5工作日”或“15日”。留空的环节依次取所属大类、全镇默认时限。",
    "履职清单：“适用区划代码”留空表示全镇。主办单位填单位名称、单位代码或“属地村（社区）”。",
    "履职清单：还没有在系统中建立的单位也可以填写，导出时会标明“（未建单位）”；建立后重新导入即可关联。",
    "导入前系统会列出全部差异，确认后一次生效；新标准从生效日期起适用，在办案件的期限不变。",
)
