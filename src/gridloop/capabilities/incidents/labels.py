"""How the log's lines of an incident read."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

VERBS: dict[str, str | Promise] = {
    "incident.open": _("启动应急调度"),
    "incident.plan": _("启用预案"),
    "incident.level": _("调整级别"),
    "incident.note": _("现场记录"),
    "incident.step": _("完成步骤"),
    "incident.step_undo": _("撤销步骤完成"),
    "incident.close": _("结束应急调度"),
    "incident.review": _("复盘"),
    "incident.task_done": _("整改完成"),
    "call.call": _("呼叫"),
    "call.acknowledge": _("已接"),
    "call.set_out": _("出发，在途"),
    "call.arrive": _("到场"),
    "call.finish": _("任务完成"),
    "call.decline": _("不能到场"),
    "call.no_answer": _("超时未应答"),
    "call.replace": _("改呼替换"),
    "call.release": _("解除任务"),
    "call.late": _("被替换后应答"),
    "call.ask": _("请求增援"),
    "call.ask_met": _("增援已安排"),
    "call.contact": _("查看联系电话"),
}
ANSWERS = {
    "acknowledge": _("收到，已接"),
    "set_out": _("出发了，在途"),
    "arrive": _("已到场"),
    "finish": _("任务完成"),
    "decline": _("不能到场"),
}
ANSWER_ICONS = {
    "acknowledge": "check",
    "set_out": "road",
    "arrive": "map-pin",
    "finish": "circle-check",
    "decline": "x",
}


def verb_label(verb: str) -> str:
    """Return what a line of the log is about; an unknown one by its name."""
    return str(VERBS.get(verb, verb))
