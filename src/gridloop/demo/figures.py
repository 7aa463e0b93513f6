"""Figures of the demo town: a formula, settled months, exclusions and their answers, briefs, a register."""

from datetime import date, datetime, timedelta
from random import Random

from django.db.models import Exists, OuterRef
from django.utils import timezone

from gridloop.base.common.days import midnight
from gridloop.base.common.ids import Seeded, keys_from
from gridloop.capabilities.figures.actions.briefs import ask_brief, make_brief
from gridloop.capabilities.figures.actions.folding import fold
from gridloop.capabilities.figures.actions.registers import save_register
from gridloop.capabilities.figures.actions.scoring import (
    ask_exclusion,
    decide_exclusion,
    set_formula,
    settle_due,
)
from gridloop.capabilities.figures.definitions import Definition
from gridloop.capabilities.figures.labels import BriefKind, ExclusionReason, Period
from gridloop.core.audit.models import Entry
from gridloop.core.cases.models import Case
from gridloop.core.cases.workflow import State
from gridloop.demo import cast

_FORMULA = {
    "response": 30, "resolution": 35, "satisfaction": 35, "late_points": 15, "rework_points": 10,
    "send_back_points": 5, "least_cases": 10, "settles_after_days": 5,
}  # fmt: skip
_WISHES = [
    (ExclusionReason.FORCE, "连续暴雨，河道水位超警，三天内无法下河清淤，已在微信群向反映人说明。"),
    (ExclusionReason.BEYOND, "涉及高压线迁改，须由供电公司立项，镇里已书面报送。"),
    (ExclusionReason.UNLAWFUL, "要求拆除邻居合法产权的围墙，经司法所核实没有依据。"),
    (ExclusionReason.MISTAKE, "登记时地址选错，实际不在本镇，已转属地办理。"),
    (ExclusionReason.REPEATED, "同一问题上月已修复并回访满意，本次复查现场无异常。"),
]
_ANSWERS = ["情况属实，同意。", "有供电公司回函，同意剔除。", "现场照片看不出无法施工，仍计入。"]


def add_figures(seed: int, *, now: datetime) -> None:
    """Fill the pages of the figures from the cases that are there. Call it inside a transaction."""
    people = cast.load()
    fold()
    this_month = timezone.localdate(now).replace(day=1)
    set_formula(
        actor=people.leaders[0],
        at=now - timedelta(days=70),
        effective_on=(this_month - timedelta(days=45)).replace(day=1),
        source="《云汀镇城市运行考核办法（试行）》第七条",
        **_FORMULA,
    )
    _add_exclusions(Random(f"{seed}/figures"), people, now)
    settle_due(at=now)
    with keys_from(Seeded(Random(f"{seed}/figures/keys"), now)):
        _define_register(people, now)
    today = timezone.localdate(now)
    for kind, day in ((BriefKind.DAY, today - timedelta(days=1)), (BriefKind.WEEK, _last_week(today))):
        make_brief(ask_brief(kind, day, actor=people.leaders[0], at=now).pk, at=now)


def _define_register(people: cast.Cast, now: datetime) -> None:
    columns = (
        "number", "reported_at", "title", "village", "region", "lead_unit", "state", "closed_at", "outcome",
    )  # fmt: skip
    filters = {"main": ["SW"], "basis": "reported"}
    save_register(
        Definition("", "河道问题整治台账", columns, Period.THIS_MONTH, filters),
        actor=people.leaders[0],
        at=now - timedelta(days=20),
    )


def _add_exclusions(rng: Random, people: cast.Cast, now: datetime) -> None:
    until = midnight(timezone.localdate(now) - timedelta(days=2)) + timedelta(hours=9)
    closed = Case.objects.filter(
        state=State.CLOSED,
        is_self_closed=False,
        closed_at__gte=until - timedelta(days=12),
        closed_at__lt=until,
    ).order_by("number")
    # What is written into a case's log now comes after all that is there.
    later = Entry.objects.filter(stream=OuterRef("pk"), at__gt=until)
    left = list(closed.exclude(Exists(later)))
    chosen = rng.sample(left, min(len(_WISHES), len(left)))
    operator, leader = people.operators[0], people.leaders[0]
    for n, (case, (reason, detail)) in enumerate(zip(chosen, _WISHES, strict=False)):
        at = until + timedelta(minutes=50 * n)
        wish = ask_exclusion(case.pk, actor=operator, at=at, reason=reason, detail=detail)
        if n < len(_ANSWERS):
            is_granted = n < len(_ANSWERS) - 1
            decide_exclusion(
                wish.pk, actor=leader, at=at + timedelta(hours=3), is_granted=is_granted, answer=_ANSWERS[n]
            )


def _last_week(today: date) -> date:
    return today - timedelta(days=today.weekday() + 1)
