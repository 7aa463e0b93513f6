"""
Words that call for a telephone at once, not for a form. The hint never stops a report.

依据: 北京市接诉即办条例 §11 (紧急警情立即转 110、119、120、122); the words are a local choice.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from gridloop.core.cases.labels import Label
from gridloop.core.catalogue.suggestion import normalised


@dataclass(frozen=True, slots=True)
class Emergency:
    """Whom to call, what for, and the words that speak for it; `a+b` is found where both are."""

    number: str
    label: Label
    words: tuple[str, ...]


EMERGENCIES = (
    Emergency(
        "119",
        _("火灾、燃气泄漏、被困、溺水"),
        (
            *("着火", "起火", "失火", "火灾", "火警", "冒浓烟", "冒黑烟", "爆炸", "坍塌", "溺水", "落水"),
            *("燃气+泄漏", "煤气+泄漏", "天然气+泄漏", "液化气+泄漏", "燃气味", "煤气味", "漏气"),
            *("电梯+被困", "困在电梯"),
        ),
    ),
    Emergency(
        "110",
        _("打架、偷抢、诈骗、走失、轻生"),
        (
            *("打架", "斗殴", "打人", "打起来", "持刀", "砍人", "抢劫", "抢夺", "被偷", "偷东西"),
            *("入室", "家暴", "绑架", "被骗", "诈骗", "走失", "失踪", "自杀", "轻生", "跳楼", "跳河"),
        ),
    ),
    Emergency(
        "120",
        _("伤病急救"),
        ("昏迷", "晕倒", "昏倒", "没有呼吸", "大出血", "流血不止", "中毒", "触电", "心脏病", "中风"),
    ),
    Emergency("122", _("交通事故"), ("车祸", "交通事故", "撞车", "撞人", "追尾", "肇事逃逸")),
)

# Phrases about a risk, not about what is happening; they are taken out before the words are looked for.
CALM = ("火灾隐患", "着火隐患", "爆炸隐患", "坍塌隐患", "触电隐患", "预防火灾", "防诈骗", "反诈骗")


def emergencies_in(text: str) -> list[Emergency]:
    """Return the numbers that the text calls for, the most urgent first; none where it is calm."""
    plain = normalised(text)
    for phrase in CALM:
        plain = plain.replace(phrase, " ")
    return [one for one in EMERGENCIES if any(_speaks(word, plain) for word in one.words)]


def _speaks(word: str, text: str) -> bool:
    return all(part in text for part in word.split("+"))
