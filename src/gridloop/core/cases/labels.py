"""What people read for the codes of the loop: one Chinese label each, the same as in `docs/glossary.md`."""

from typing import TypeAlias

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridloop.core.cases.workflow import OrderState, State

Label: TypeAlias = str | Promise

STATES: dict[State, Label] = {
    State.REPORTED: _("待受理"),
    State.REGISTERED: _("已立案"),
    State.DISPATCHED: _("已派遣"),
    State.HANDLING: _("处置中"),
    State.HANDLED: _("待核查"),
    State.CLOSED: _("已结案"),
    State.REJECTED: _("不予受理"),
    State.MERGED: _("已并案"),
    State.WITHDRAWN: _("已撤销"),
    State.SUSPENDED: _("已挂起"),
    State.ESCALATED: _("已提级"),
}

# What a resident reads on the tracking page: fewer words, none of the trade's.
PUBLIC_STATES: dict[State, Label] = {
    State.REPORTED: _("已收到，等待受理"),
    State.REGISTERED: _("已受理，正在安排"),
    State.DISPATCHED: _("已交承办单位"),
    State.HANDLING: _("正在办理"),
    State.HANDLED: _("已办理，正在核查"),
    State.CLOSED: _("已办结"),
    State.REJECTED: _("不属于受理范围"),
    State.MERGED: _("与同类问题合并办理"),
    State.WITHDRAWN: _("已撤回"),
    State.SUSPENDED: _("暂缓办理"),
    State.ESCALATED: _("已报上级办理"),
}

ORDER_STATES: dict[OrderState, Label] = {
    OrderState.ISSUED: _("待签收"),
    OrderState.HANDLING: _("处置中"),
    OrderState.DONE: _("已办"),
    OrderState.SENT_BACK: _("已退单"),
    OrderState.TRANSFERRED: _("已改派"),
    OrderState.RECALLED: pgettext_lazy("order", "已撤回"),
    OrderState.FILED: _("已归档"),
}

VERBS: dict[str, Label] = {
    "report": pgettext_lazy("verb", "上报"),
    "supplement": _("补充材料"),
    "withdraw": _("撤销上报"),
    "amend": _("更正信息"),
    "annotate": _("批注"),
    "attach": _("上传附件"),
    "reveal_reporter": _("查看上报人信息"),
    "register": _("立案"),
    "reject": pgettext_lazy("verb", "不予受理"),
    "close_on_spot": _("自办自结"),
    "dispatch": _("派遣"),
    "recall": _("撤回派遣"),
    "sign_for": _("签收"),
    "send_back": _("退单"),
    "adjudicate": _("裁定主办"),
    "transfer": _("改派"),
    "add_assistant": _("增加协办"),
    "request_extension": _("申请延期"),
    "grant_extension": _("同意延期"),
    "request_suspension": _("申请挂起"),
    "grant_suspension": _("同意挂起"),
    "refuse_time": _("不同意"),
    "resume": _("恢复办理"),
    "submit_result": _("提交结果"),
    "verify_pass": _("核查通过"),
    "verify_fail": _("核查不通过"),
    "close": _("结案"),
    "call_back": _("回访"),
    "rate": _("评价"),
    "uphold": _("复核维持"),
    "reopen": _("重办"),
    "escalate": _("提级"),
    "hand_down": _("交回办理"),
    "answer_from_above": _("上级答复"),
    "merge": _("并案"),
    "unmerge": _("撤销并案"),
    "take_in": _("并入案件"),
    "let_go": _("分出案件"),
    "split": _("拆分"),
    "child_ended": _("子案件办结"),
    "link": _("关联"),
    "unlink": _("取消关联"),
}


class Demand(TextChoices):
    """What the reporter wants (依据: GB/T 33358 的诉求类型)."""

    ASK = "ask", _("咨询")
    HELP = "help", _("求助")
    COMPLAINT = "complaint", _("投诉")
    TIP_OFF = "tip_off", _("举报")
    ADVICE = "advice", _("建议")
    THANKS = "thanks", _("感谢")
    OTHER = "other", _("其他")


class Channel(TextChoices):
    """By which door the case came in."""

    PORTAL = "portal", _("群众上报")
    GRID = "grid", _("网格员上报")
    DESK = "desk", _("坐席登记")
    HOTLINE = "hotline", _("12345热线")
    PATROL = "patrol", _("巡查发现")
    UPPER = "upper", _("上级交办")
    VISIT = "visit", _("来访")
    LETTER = "letter", _("来信")
    MEDIA = "media", _("媒体网络")
    API = "api", _("系统对接")


class RejectReason(TextChoices):
    """
    Why a report is not taken, each with the channel that the reporter is told (依据: 北京市接诉即办条例 §11).
    """

    EMERGENCY = "emergency", _("紧急警情，请立即拨打 110、119、120 或 122")
    LEGAL = "legal", _("应通过诉讼、仲裁、行政复议等法定途径解决")
    PETITION = "petition", _("已由信访渠道受理，请向原受理机关查询")
    DISCIPLINE = "discipline", _("属纪检监察事项，请拨打 12388")
    DISCLOSURE = "disclosure", _("属政府信息公开事项，请向公开机关申请")
    REPEATED = "repeated", _("同一事项已在办理且无新情况，请凭原查询码查看进度")
    OUTSIDE = "outside", _("不在本镇管辖范围，请拨打 12345 转属地办理")
    SECRET = "secret", _("涉及国家秘密、商业秘密或个人隐私，依法不予公开办理")
    UNCLEAR = "unclear", _("内容不清且无法联系补充，请补充后重新上报")
    OTHER = "other", _("其他原因，详见说明")


class SendBackReason(TextChoices):
    """Why a unit sends a work order back: grounds that the duty lists give."""

    NOT_LISTED = "not_listed", _("不在本单位履职清单内")
    OTHER_UNIT = "other_unit", _("属于其他单位职责")
    UPPER_LEVEL = "upper_level", _("属于上级部门收回事项")
    OTHER_PLACE = "other_place", _("不在本单位管辖范围")
    LACKS_FACTS = "lacks_facts", _("要素不全，无法处置")
