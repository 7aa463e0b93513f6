"""A brief as a paper: its sentences, tables and charts in their order."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from gridloop.base.common.days import in_words
from gridloop.base.common.documents import Document, NoChineseFont
from gridloop.capabilities.figures.briefs import charts, sentences
from gridloop.capabilities.figures.labels import BriefKind

TITLES = {
    BriefKind.DAY: lambda: _("城市运行日报"),
    BriefKind.WEEK: lambda: _("城市运行周报"),
    BriefKind.MONTH: lambda: _("城市运行月报"),
}


def paper(facts: Mapping[str, Any], kind: BriefKind) -> Document:
    """Return the brief; without charts where this machine has no Chinese font."""
    made = Document(f"{facts['town']}{TITLES[kind]()}", subtitle=period(facts, kind))
    made.heading(_("一、总体情况"))
    _say(made, sentences.overview(facts, kind))
    _draw(made, charts.trend, facts, _("图1 每日上报与办结件数"))
    made.heading(_("二、办理质量"))
    _say(made, sentences.quality(facts, kind))
    _units(made, facts)
    made.heading(_("三、热点问题"))
    _say(made, sentences.hot(facts, kind))
    if facts["categories"]:
        _draw(made, charts.categories, facts, _("图2 各类问题上报件数"))
    made.heading(_("四、超期与到期"))
    _say(made, sentences.urgent(facts))
    if facts["regions"]:
        made.heading(_("五、各村（社区）情况"))
        made.table([_("村（社区）"), _("上报"), _("办结")], facts["regions"], widths=[3, 1, 1])
    made.paragraph(
        _(
            "说明：以上数字均由案件办理记录自动汇总；自办自结和演练不计入各项比率，已剔除案件不计入。"
            "各单位、村（社区）按名称排列，不作排名。"
        )
    )
    made.sign(_("%s城市运行指挥中心") % facts["town"], facts["made_on"])
    return made


def period(facts: Mapping[str, Any], kind: BriefKind) -> str:
    """Return the period of a brief in words."""
    since, until = (date.fromisoformat(facts[name]) for name in ("since", "until"))
    if kind == BriefKind.MONTH:
        return _("%(y)s年%(m)s月") % {"y": since.year, "m": since.month}
    first = in_words(since)
    if kind == BriefKind.DAY:
        return first
    return first + _("至%(m)s月%(d)s日") % {"m": until.month, "d": until.day}


def _say(made: Document, lines: Any) -> None:
    made.paragraph("".join(lines))


def _draw(
    made: Document, draw: Callable[[Mapping[str, Any]], bytes], facts: Mapping[str, Any], caption: str
) -> None:
    try:
        made.picture(draw(facts), caption=caption, alt=caption)
    except NoChineseFont:
        return


def _units(made: Document, facts: Mapping[str, Any]) -> None:
    if not facts["units"]:
        return
    columns = [_("主办单位"), _("派遣"), _("办结"), _("响应率"), _("按时率"), _("满意率"), _("在办超期")]
    rows = [
        [
            unit["name"], unit["dispatched"], unit["closed"], unit.get("response", "—"),
            unit.get("on_time", "—"), unit.get("satisfaction", "—"), unit["late"],
        ]
        for unit in facts["units"]
    ]  # fmt: skip
    made.table(columns, rows, widths=[3, 1, 1, 1.2, 1.2, 1.2, 1.2])
