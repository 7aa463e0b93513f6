"""
What a resident reads about a case: how far it is, until when, what came of it. Reads only.

Of the log only what happened and when is told, never by whom, and never the notes that units write to each
other; words are shown only where they were written for the reporter or by the reporter.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gridloop.base.common.worktime import CalendarMissing, LimitUnit
from gridloop.core.audit.models import Entry
from gridloop.core.cases.casefile import CaseFile, open_file
from gridloop.core.cases.labels import Label
from gridloop.core.cases.models import Attachment, Case
from gridloop.core.cases.outcome import Outcome, outcome_of
from gridloop.core.cases.workflow import State
from gridloop.core.catalogue.stages import Stage

MOST_STEPS = 200
MOST_HOPS = 10  # a case merged into one that was merged itself, and so on

# verb → what is told, icon, tone. A verb that is not here stays among the staff.
PUBLIC_VERBS: dict[str, tuple[Label, str, str]] = {
    "report": (_("收到您的上报"), "message-report", ""),
    "register": (_("已受理"), "clipboard-check", ""),
    "reject": (_("不予受理"), "circle-x", "danger"),
    "close_on_spot": (_("已当场解决"), "circle-check", "success"),
    "dispatch": (_("已交给承办单位"), "send", ""),
    "adjudicate": (_("已确定承办单位"), "send", ""),
    "send_back": (_("正在重新安排承办单位"), "rotate", ""),
    "transfer": (_("已改由其他单位承办"), "send", ""),
    "sign_for": (_("承办单位已接手"), "ballpen", ""),
    "grant_extension": (_("因办理需要，期限已延长"), "clock", ""),
    "grant_suspension": (_("因客观原因暂缓办理"), "clock-pause", ""),
    "resume": (_("恢复办理"), "player-play", ""),
    "submit_result": (_("承办单位已办理，等待核查"), "tool", ""),
    "verify_pass": (_("核查通过"), "checkbox", ""),
    "verify_fail": (_("核查未通过，要求继续办理"), "rotate", ""),
    "close": (_("已办结"), "circle-check", "success"),
    "call_back": (_("工作人员回访"), "phone-call", ""),
    "uphold": (_("复核完毕"), "checkbox", ""),
    "reopen": (_("重新办理"), "refresh", ""),
    "escalate": (_("已报上级单位办理"), "arrow-forward-up", ""),
    "hand_down": (_("上级单位交回本镇办理"), "arrow-back-up", ""),
    "answer_from_above": (_("上级单位已答复，等待核查"), "tool", ""),
    "merge": (_("与同类问题合并，一起办理"), "arrow-merge", ""),
    "unmerge": (_("改为单独办理"), "arrows-split-2", ""),
    "split": (_("分成几项分别办理"), "arrows-split-2", ""),
}
OWN_VERBS: dict[str, tuple[Label, str, str]] = {
    "supplement": (_("您补充了情况"), "edit", ""),
    "attach": (_("您添加了照片"), "photo", ""),
    "withdraw": (_("您撤回了上报"), "x", ""),
    "rate": (_("您作了评价"), "star", ""),
}

# What still lies ahead once the running deadline is over, by state.
_AHEAD: dict[State, tuple[Stage, ...]] = {
    State.REPORTED: (Stage.DISPATCH, Stage.SIGN, Stage.HANDLE, Stage.VERIFY),
    State.REGISTERED: (Stage.SIGN, Stage.HANDLE, Stage.VERIFY),
    State.DISPATCHED: (Stage.HANDLE, Stage.VERIFY),
    State.HANDLING: (Stage.VERIFY,),
    State.HANDLED: (),
}
SCORES: dict[int, Label] = {
    5: _("非常满意"),
    4: _("满意"),
    3: pgettext_lazy("rating", "一般"),
    2: _("不满意"),
    1: _("很不满意"),
    0: _("未评"),
}
WAY = (_("已收到"), _("已受理"), _("办理中"), _("已办结"))
_ON_THE_WAY = {State.REPORTED: 0, State.REGISTERED: 1, State.CLOSED: 3}
_OFF_THE_WAY = frozenset({State.REJECTED, State.WITHDRAWN, State.MERGED})


@dataclass(frozen=True, slots=True)
class Stop:
    """One of the four stops of the way round, as the page draws them."""

    label: Label
    is_past: bool
    is_here: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """
    How a case stands for its reporter. Of a merged case, `leading` is the case that it goes along with, and
    `end` what became of that one.
    """

    case: Case
    leading: CaseFile
    steps: list[dict[str, Any]]
    expected_at: datetime | None
    is_late: bool
    unit: str
    end: Outcome
    stops: list[Stop]
    files: list[Attachment]

    @property
    def parts_ended(self) -> int:
        return sum(part.is_final for part in self.end.parts)

    @property
    def is_merged(self) -> bool:
        return self.leading.case.pk != self.case.pk


def progress_of(file: CaseFile, now: datetime) -> Progress:
    """Return what the reporter of this case is told at `now`. A few statements, none of them over history."""
    case = file.case
    leading = open_file(leading_of(case)) if case.merged_into_id else file
    shown, expected = leading.case, expected_end(leading)
    lead = leading.lead()
    return Progress(
        case=case,
        leading=leading,
        steps=_steps(case, shown),
        expected_at=expected,
        is_late=expected is not None and expected < now,
        unit=lead.unit.name if lead else "",
        end=outcome_of(shown),
        stops=_stops(State(shown.state)),
        files=list(visible_files(case, shown)),
    )


def expected_end(file: CaseFile) -> datetime | None:
    """
    Return by when the case should be closed: the running deadline, then the limits of what lies ahead.

    None where the case is not on its way, or its category has no limit to handle it by.
    """
    state, times = State(file.case.state), file.times
    if state not in _AHEAD:
        return None
    limits = file.standard(file.case.reported_at).limits
    running = [clock.due_at for clock in file.clocks if clock.is_running]
    if not running or (Stage.HANDLE in _AHEAD[state] and Stage.HANDLE not in limits):
        return None
    end = max(running)
    try:
        for stage in _AHEAD[state]:
            if stage in limits:
                end = times.work.due(end, limits[stage].amount, LimitUnit(limits[stage].unit))
    except CalendarMissing:
        return None
    return end


@dataclass(frozen=True, slots=True)
class Rating:
    """What the reporter last said of the end, in words; `is_reviewed`: a second person looks at it."""

    result_label: Label
    attitude_label: Label
    comment: str
    is_reviewed: bool


def rating_of(case: Case) -> Rating | None:
    """Return the reporter's own last rating, not what was told on the telephone."""
    row = case.feedback.filter(is_reached=True, by=None, result__isnull=False).order_by("-at", "-pk").first()
    if row is None:
        return None
    return Rating(SCORES[row.result or 0], SCORES[row.attitude or 0], row.comment, case.needs_review)


def leading_of(case: Case) -> Case:
    """Return the case itself, or the one that it was merged into in the end."""
    for _hop in range(MOST_HOPS):
        if case.merged_into_id is None:
            break
        case = Case.objects.select_related("region", "category").get(pk=case.merged_into_id)
    return case


def visible_files(case: Case, leading: Case) -> Iterable[Attachment]:
    """Return the files that the holder of this case's code may open."""
    own = Attachment.objects.filter(case=case, is_public=True)
    if leading.pk != case.pk:
        # Photos of the other case's own reporter stay theirs; what the staff published is for both.
        own = own | Attachment.objects.filter(case=leading, is_public=True, by__isnull=False)
    return own.order_by("at", "pk")


def _steps(case: Case, leading: Case) -> list[dict[str, Any]]:
    """Return what happened, newest first; of a merged case also what happened to the leading one since."""
    entries = list(Entry.objects.filter(stream=case.pk).order_by("-seq")[:MOST_STEPS])
    if leading.pk != case.pk:
        since = next((entry.at for entry in entries if entry.verb == "merge"), case.state_since)
        later = Entry.objects.filter(stream=leading.pk, at__gte=since, verb__in=list(PUBLIC_VERBS))
        entries = [*later.order_by("-seq")[:MOST_STEPS], *entries]
    return [step for entry in entries if (step := _step(entry, case))]


def _step(entry: Entry, case: Case) -> dict[str, Any] | None:
    is_own = entry.stream == case.pk and entry.actor_kind == "reporter"
    told = OWN_VERBS.get(entry.verb) if is_own else None
    told = told or PUBLIC_VERBS.get(entry.verb)
    came_along = entry.verb == "attach" and (entry.at == case.reported_at or not entry.data.get("files"))
    if told is None or came_along:
        return None
    label, icon, tone = told
    note = entry.data.get("text", "") if is_own else ""
    return {"label": label, "at": entry.at, "note": note, "icon": icon, "tone": tone}


def _stops(state: State) -> list[Stop]:
    if state in _OFF_THE_WAY:
        return []
    here = _ON_THE_WAY.get(state, 2)
    is_over = state == State.CLOSED
    return [Stop(label, n < here or is_over, n == here and not is_over) for n, label in enumerate(WAY)]
