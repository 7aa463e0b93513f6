"""
The sentences of a brief, each made from its facts and saying nothing else.

A sentence that has nothing to say is left out; what is compared is compared with the period before.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from django.utils.translation import gettext as _

from gridloop.capabilities.figures.labels import BriefKind

Facts: TypeAlias = Mapping[str, Any]
FEW = 3


def overview(facts: Facts, kind: BriefKind) -> Iterator[str]:
    """What came in and what was closed."""
    counts, before = facts["counts"], facts["before"]
    if not any(counts.values()):
        yield _("本期没有新的上报和办结。")
        return
    yield _(
        "共接到上报 %(n)s 件，%(compared)s；立案 %(registered)s 件，派遣 %(dispatched)s 件，"
        "办结 %(closed)s 件，%(closed_compared)s。"
    ) % {
        "n": counts["reported"],
        "compared": compared(counts["reported"], before["reported"], kind),
        "registered": counts["registered"],
        "dispatched": counts["dispatched"],
        "closed": counts["closed"],
        "closed_compared": compared(counts["closed"], before["closed"], kind),
    }  # fmt: skip
    if counts["self_closed"]:
        yield _("网格员当场解决 %s 件，不计入考核。") % counts["self_closed"]
    if counts["merged"] or counts["rejected"]:
        yield _("并案 %(merged)s 件，不予受理 %(rejected)s 件。") % counts


def quality(facts: Facts, kind: BriefKind) -> Iterator[str]:
    """How well it was done, as far as anybody can know yet."""
    rates, before = facts["rates"], facts["rates_before"]
    said = [
        _("%(label)s %(now)s（%(then)s %(before)s）")
        % {"label": label, "now": rates[name], "then": _BEFORE[kind](), "before": before[name]}
        if name in before
        else _("%(label)s %(now)s") % {"label": label, "now": rates[name]}
        for name, label in (
            ("response", _("响应率")),
            ("on_time", _("按时办结率")),
            ("resolution", _("解决率")),
            ("satisfaction", _("满意率")),
        )
        if name in rates
    ]
    if said:
        yield _("，").join(said) + _("。")
    counts = facts["counts"]
    if counts["rated"]:
        yield _("办结案件中已有 %(rated)s 件得到群众评价，其中满意 %(satisfied)s 件。") % counts
    if counts["reworked"] or counts["reopened"] or counts["sent_back"]:
        yield _("核查后返工 %(reworked)s 件，重办 %(reopened)s 件，退单 %(sent_back)s 件。") % counts
    if not said and not counts["rated"]:
        yield _("本期没有可供评价的办结案件。")


def hot(facts: Facts, kind: BriefKind) -> Iterator[str]:
    """What people bring most, and what has grown most."""
    categories = facts["categories"]
    if not categories:
        yield _("本期没有上报。")
        return
    most = _("、").join(_("%(name)s %(n)s 件") % {"name": name, "n": n} for name, n, _b in categories[:FEW])
    yield _("反映较多的是：%s。") % most
    grown = [row for row in categories if row[1] > row[2]]
    if grown:
        name, n, then = max(grown, key=lambda row: (row[1] - row[2], row[0]))
        yield _("增加最多的是%(name)s：%(n)s 件，%(then)s %(before)s 件。") % {
            "name": name, "n": n, "then": _BEFORE[kind](), "before": then,
        }  # fmt: skip


def urgent(facts: Facts) -> Iterator[str]:
    """What is late, whose it is, and what runs out today, at the moment of making."""
    now = facts["open"]
    if not now["open"]:
        yield _("截至 %s，没有在办案件。") % _moment(facts)
        return
    yield _("截至 %(at)s，在办 %(open)s 件，其中已超期 %(late)s 件，今日到期 %(due_today)s 件。") % {
        "at": _moment(facts), **now,
    }  # fmt: skip
    if facts["late_units"]:
        worst = _("、").join(
            _("%(name)s %(n)s 件") % {"name": name, "n": n} for name, n in facts["late_units"][:FEW]
        )
        yield _("超期案件较集中的主办单位：%s。") % worst
    elif not now["late"]:
        yield _("没有超期案件。")


def compared(now: int, before: int, kind: BriefKind) -> str:
    """Say how a number stands to that of the period before."""
    then = _BEFORE[kind]()
    if now == before:
        return _("与%s持平") % then
    words = (
        _("比%(then)s（%(before)s 件）增加 %(n)s 件")
        if now > before
        else _("比%(then)s（%(before)s 件）减少 %(n)s 件")
    )
    return words % {"then": then, "before": before, "n": abs(now - before)}


_BEFORE = {
    BriefKind.DAY: lambda: _("前一日"),
    BriefKind.WEEK: lambda: _("上一周"),
    BriefKind.MONTH: lambda: _("上一月"),
}


def _moment(facts: Facts) -> str:
    return f"{facts['made_on']} {facts['made_at']}"
