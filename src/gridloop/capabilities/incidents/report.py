"""
The after-action report: what happened, who was called and when they were there, what was learnt.

Times to answer and to arrive are told by team, vehicle, store and shelter in the order of the call; persons
stand with the times they reported and without a sum. Nothing is ranked.
"""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.base.common.days import in_words
from gridloop.base.common.documents import Document
from gridloop.capabilities.incidents.models import Incident, ResourceKind
from gridloop.capabilities.incidents.reading import Board, CallLine, LogLine
from gridloop.capabilities.incidents.workflow import CallStep
from gridloop.core.org.locate import jurisdiction

ALL_LINES = 5_000
DASH = "—"


def report(board: Board) -> Document:
    """Return the report of an incident as a paper; of one that runs, as far as it has come."""
    incident = board.incident
    mark = _("【演练】") if incident.is_drill else ""
    title = _("应急处置报告")
    paper = Document(title=f"{mark}{title}", subtitle=incident.title, number=incident.number)
    _facts(paper, incident)
    _calls(paper, board)
    _response(paper, board)
    _steps(paper, board)
    _timeline(paper, board.log)
    _review(paper, incident)
    paper.sign(_issuer(), in_words(timezone.localdate(board.now)))
    return paper


def _issuer() -> str:
    return settings.TOWN_NAME or _("%(town)s城市运行指挥中心") % {"town": jurisdiction().name}


def _facts(paper: Document, incident: Incident) -> None:
    paper.heading(_("一、基本情况"))
    if incident.is_drill:
        paper.paragraph(_("本次为演练，所有数据不计入任何统计和考核。"), is_bold=True)
    plan = incident.plan
    paper.facts(
        [
            (_("事件类型"), str(incident.get_kind_display())),
            (_("级别"), str(incident.get_level_display())),
            (_("地点"), incident.address or incident.region.name),
            (_("坐标（WGS-84）"), f"{incident.lon:.6f}, {incident.lat:.6f}"),
            (_("关联案件"), incident.case.number if incident.case else ""),
            (
                _("启用预案"),
                _("%(name)s 第 %(n)s 版") % {"name": plan.plan.name, "n": plan.number} if plan else "",
            ),
            (_("启动"), _moment(incident.opened_at)),
            (_("结束"), _moment(incident.closed_at)),
            (_("历时"), _span(incident.opened_at, incident.closed_at)),
        ]
    )
    if incident.brief:
        paper.paragraph(incident.brief)
    if incident.outcome:
        paper.heading(_("处置结果"), 2)
        paper.paragraph(incident.outcome)


def _calls(paper: Document, board: Board) -> None:
    paper.heading(_("二、调度情况"))
    if not board.calls:
        paper.paragraph(_("没有呼叫任何资源。"))
        return
    columns = [
        _("任务"),
        _("资源"),
        _("单位"),
        _("呼叫"),
        _("已接"),
        _("在途"),
        _("到场"),
        _("完成"),
        _("结果"),
    ]
    rows = [
        [
            call.role or DASH,
            call.name,
            call.unit,
            *(_clock(moment.at) for moment in call.moments),
            call.state_label,
        ]
        for call in board.calls
    ]
    paper.table(columns, rows, widths=[1.3, 1.8, 1.6, 1, 1, 1, 1, 1, 1.2])
    replaced = [call for call in board.calls if call.state == CallStep.REPLACED]
    if replaced:
        names = _("、").join(call.name for call in replaced)
        paper.paragraph(_("未应答或不能到场而改呼的：%(names)s。") % {"names": names})
    for ask in board.asks:
        said = {
            "at": _clock(ask.at),
            "who": ask.who,
            "text": ask.text,
            "state": _("已安排") if ask.is_met else _("未安排"),
        }
        paper.paragraph(_("%(at)s %(who)s 请求增援：%(text)s（%(state)s）。") % said)


def _response(paper: Document, board: Board) -> None:
    teams = [call for call in board.calls if call.kind != ResourceKind.PERSON]
    rows = [
        [call.name, *_minutes(call), f"{call.distance_m / 1000:.1f}"] for call in teams if _was_there(call)
    ]
    if not rows:
        return
    paper.heading(_("三、各队伍响应用时"))
    paper.table(
        [
            _("资源"),
            _("应答（分钟）"),
            _("出发到到场（分钟）"),
            _("呼叫到到场（分钟）"),
            _("估计路程（公里）"),
        ],
        rows,
    )
    paper.paragraph(_("按呼叫先后排列，用于改进预案和布点，不作排名。"))


def _steps(paper: Document, board: Board) -> None:
    if not board.steps:
        return
    paper.heading(_("四、处置步骤"))
    columns = [_("步骤"), _("责任角色"), _("时限"), _("完成"), _("是否按时")]
    rows = []
    for step in board.steps:
        in_time = _("未完成") if step.done_at is None else _("超时") if step.is_late else _("按时")
        rows.append([step.text, step.role or DASH, _clock(step.due_at), _clock(step.done_at), in_time])
    paper.table(columns, rows, widths=[3, 1.3, 1, 1, 1])


def _timeline(paper: Document, log: Iterable[LogLine]) -> None:
    paper.heading(_("五、处置经过"))
    rows = [
        [_moment(line.at), _what(line), line.who]
        for line in reversed(list(log))
        if line.verb != "call.contact"
    ]
    paper.table([_("时间"), _("经过"), _("记录人")], rows, widths=[1.2, 3, 1.6])


def _review(paper: Document, incident: Incident) -> None:
    paper.heading(_("六、复盘"))
    if incident.reviewed_at is None:
        paper.paragraph(_("尚未复盘。"))
        return
    for title, text in ((_("做得好的"), incident.worked), (_("做得不够的"), incident.failed)):
        if text:
            paper.heading(title, 2)
            paper.paragraph(text)
    tasks = list(incident.tasks.select_related("unit").order_by("pk"))
    if tasks:
        paper.heading(_("整改事项"), 2)
        rows = [
            [
                task.text,
                task.unit.name if task.unit else _("未定"),
                _day(task.due_on),
                _("已完成") if task.done_at else _("进行中"),
            ]
            for task in tasks
        ]
        paper.table([_("事项"), _("责任单位"), _("期限"), _("状态")], rows, widths=[3, 1.5, 1.2, 1])


def _what(line: LogLine) -> str:
    resource = str(line.data.get("resource", ""))
    files = line.data.get("files")
    more = _("（附 %(n)s 个文件）") % {"n": len(files)} if isinstance(files, list) and files else ""
    by = _("，改呼 %(name)s") % {"name": line.data["by"]} if line.data.get("by") else ""
    head = f"{line.label} {resource}".strip()
    return f"{head}{by}{'：' if line.note else ''}{line.note}{more}"


def _was_there(call: CallLine) -> bool:
    return _at(call, CallStep.ACKNOWLEDGED) is not None


def _minutes(call: CallLine) -> list[str]:
    called, answered = _at(call, CallStep.CALLED), _at(call, CallStep.ACKNOWLEDGED)
    left, there = _at(call, CallStep.ON_THE_WAY), _at(call, CallStep.ON_SPOT)
    return [_between(called, answered), _between(left, there), _between(called, there)]


def _at(call: CallLine, step: CallStep) -> datetime | None:
    return next((moment.at for moment in call.moments if moment.step == step), None)


def _between(start: datetime | None, end: datetime | None) -> str:
    return f"{(end - start).total_seconds() / 60:.1f}" if start and end else DASH


def _span(start: datetime, end: datetime | None) -> str:
    if end is None:
        return _("进行中")
    minutes = round((end - start).total_seconds() / 60)
    return _("%(h)s 小时 %(m)s 分") % {"h": minutes // 60, "m": minutes % 60}


def _moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%m-%d %H:%M:%S}" if at else DASH


def _clock(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%H:%M:%S}" if at else DASH


def _day(on: object) -> str:
    return str(on) if on else DASH
