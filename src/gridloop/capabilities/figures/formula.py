"""How rates become a score: the terms, the formula of a month, and the arithmetic written out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gridloop.capabilities.figures.labels import What
from gridloop.capabilities.figures.models import Formula
from gridloop.capabilities.figures.reading import Sums

FIRST_MONTH = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Term:
    """
    One rate: the cases above the line are some of those below it. `weight` names the formula's field.

    `is_turned`: what is deducted is the share that is not above the line.
    """

    name: str
    label: str | Promise
    above: What
    below: What
    weight: str  # the formula's own field
    is_deducted: bool = False
    is_turned: bool = False  # what is deducted is the share that is not above


TERMS = {
    term.name: term
    for term in (
        Term("response", gettext_lazy("响应率"), What.RESPONDED, What.DISPATCHED, "response"),
        Term("resolution", gettext_lazy("解决率"), What.RESOLVED, What.CLOSED, "resolution"),
        Term("satisfaction", gettext_lazy("满意率"), What.SATISFIED, What.RATED, "satisfaction"),
        Term(
            "on_time",
            gettext_lazy("按时率"),
            What.ON_TIME,
            What.CLOSED,
            "late_points",
            is_deducted=True,
            is_turned=True,
        ),
        Term("rework", gettext_lazy("返工率"), What.REWORKED, What.CLOSED, "rework_points", is_deducted=True),
        Term(
            "send_back",
            gettext_lazy("退单率"),
            What.SENT_BACK,
            What.DISPATCHED,
            "send_back_points",
            is_deducted=True,
        ),
    )
}
MEANINGS = {
    "response": gettext_lazy("当月派给该单位主办的案件中，在签收时限内签收或退单的占比"),
    "resolution": gettext_lazy("当月办结的案件中，没有重办过、群众也没有评价“没解决”（2分及以下）的占比"),
    "satisfaction": gettext_lazy(
        "当月办结且群众已评价的案件中，结果评价 3 分及以上的占比；诉求不合理不合法的不计"
    ),
    "on_time": gettext_lazy("当月办结的案件中，主办单位在处置时限内提交结果的占比"),
    "rework": gettext_lazy("当月办结的案件中，核查曾不通过的占比"),
    "send_back": gettext_lazy("当月派给该单位主办的案件中，被退回的占比"),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """A formula as it is reckoned with; the same fields as `Formula`."""

    version: int
    effective_on: date
    response: int
    resolution: int
    satisfaction: int
    late_points: int
    rework_points: int
    send_back_points: int
    least_cases: int
    settles_after_days: int
    source: str
    is_local_default: bool

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"effective_on": self.effective_on.isoformat()}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Rules":
        return cls(**{**kept, "effective_on": date.fromisoformat(kept["effective_on"])})

    def words(self) -> str:
        """Return the formula in one line."""
        parts = [f"{t.label}×{self.of(t)}%" for t in TERMS.values() if not t.is_deducted]
        late = _("超期率")
        points = [
            f"{late if t.is_turned else t.label}×{self.of(t)}"
            for t in TERMS.values()
            if t.is_deducted and self.of(t)
        ]
        return _("得分 = ") + " + ".join(parts) + "".join(f" − {part}" for part in points)

    def of(self, term: Term) -> int:
        return int(getattr(self, term.weight))


# Weights 30/35/35 as published by 准格尔旗; Beijing's are not, and the deductions are our own suggestion.
DELIVERED = Rules(
    version=1,
    effective_on=FIRST_MONTH,
    response=30,
    resolution=35,
    satisfaction=35,
    late_points=10,
    rework_points=10,
    send_back_points=5,
    least_cases=10,
    settles_after_days=5,
    source="三率权重参照准格尔旗 12345 考核（30/35/35）；扣分项、样本数和结算日"
    "为系统默认值，请按本地文件调整",
    is_local_default=True,
)


def rules_for(month: date) -> Rules:
    """Return the formula of a month: the newest version that is in force by then. One statement."""
    found = Formula.objects.filter(effective_on__lte=month).order_by("-version").first()
    return rules_of(found) if found else DELIVERED


def rules_of(formula: Formula) -> Rules:
    return Rules(**{f.name: getattr(formula, f.name) for f in fields(Rules)})


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate with the two numbers that it is made of; no value where there is nothing below the line."""

    term: Term
    above: int
    below: int

    @property
    def value(self) -> float | None:
        return self.above / self.below if self.below else None

    @property
    def words(self) -> str:
        return "—" if self.value is None else f"{self.value:.1%}"


@dataclass(frozen=True, slots=True)
class Score:
    """
    What a unit or region comes to. `points` is None where too few cases were closed, or nothing is known.

    `reckoning` writes the arithmetic out.
    """

    rates: Mapping[str, Rate]
    closed: int
    dispatched: int
    excluded: int
    points: float | None
    reckoning: str
    is_small: bool


def score(sums: Sums, rules: Rules) -> Score:
    """Reckon a score from sums of cases; what was excluded is on neither side of any line."""
    rates = {t.name: Rate(t, sums.scored(t.above), sums.scored(t.below)) for t in TERMS.values()}
    closed = sums.scored(What.CLOSED)
    is_small = closed < rules.least_cases
    points, reckoning = (None, "") if is_small else _reckoned(rates, rules)
    return Score(
        rates,
        closed,
        sums.scored(What.DISPATCHED),
        max(sums.excluded.get(What.CLOSED, 0), sums.excluded.get(What.DISPATCHED, 0)),
        points,
        reckoning,
        is_small,
    )


def _reckoned(rates: Mapping[str, Rate], rules: Rules) -> tuple[float | None, str]:
    """Weigh the rates that are known; the weight of one that nobody can know yet is shared by the others."""
    known = [r for r in rates.values() if not r.term.is_deducted and r.value is not None and rules.of(r.term)]
    whole = sum(rules.of(rate.term) for rate in known)
    if not whole:
        return None, ""
    base = sum((rate.value or 0) * rules.of(rate.term) for rate in known) / whole * 100
    words = " + ".join(f"{rate.words}×{rules.of(rate.term)}" for rate in known)
    words = words if whole == 100 else f"({words}) ÷ {whole}% "
    for rate in rates.values():
        if rate.term.is_deducted and rate.value is not None and (points := rules.of(rate.term)):
            share = 1 - rate.value if rate.term.is_turned else rate.value
            base -= share * points
            words += f" − {share:.1%}×{points}"
    return max(0.0, round(base, 1)), f"{words} = {max(0.0, base):.1f}"
