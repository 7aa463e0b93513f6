"""
The closed loop as data: states, verbs, and what leads where. Pure Python: knows neither Django nor the
database.

`TRANSITIONS` is the only place where a verb's sources, targets and permission are written. The diagram and
the tables in `docs/workflow.md`, the buttons of the desk, the routes of the API and the tests are made
from it.
"""

from dataclasses import dataclass
from enum import StrEnum

from gridloop.core.catalogue.stages import Stage


class State(StrEnum):
    """Where a case stands in the loop."""

    REPORTED = "reported"
    REGISTERED = "registered"
    DISPATCHED = "dispatched"
    HANDLING = "handling"
    HANDLED = "handled"
    CLOSED = "closed"
    REJECTED = "rejected"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"
    SUSPENDED = "suspended"
    ESCALATED = "escalated"


class OrderState(StrEnum):
    """Where one unit's share of a case stands."""

    ISSUED = "issued"
    HANDLING = "handling"
    DONE = "done"
    SENT_BACK = "sent_back"
    TRANSFERRED = "transferred"
    RECALLED = "recalled"
    FILED = "filed"  # done, in a round of the loop that a later reopening has left behind


class By(StrEnum):
    """Who, of those with the permission, may make the move on this case."""

    ANYONE = "anyone"  # whoever may see the case
    REPORTER = "reporter"  # who reported it
    HOLDER = "holder"  # a person of the unit that holds the work order
    ANOTHER = "another"  # anybody but those who handled it


ENDED = frozenset({State.CLOSED, State.REJECTED, State.WITHDRAWN, State.MERGED})
OPEN = frozenset(State) - ENDED
# In these states the clocks stand still and go on where they stopped when the case leaves them.
PAUSING = frozenset({State.SUSPENDED, State.MERGED, State.ESCALATED})
ACTIVE_ORDERS = frozenset({OrderState.ISSUED, OrderState.HANDLING, OrderState.DONE})
# Orders of units that no longer have to do with the case.
LEFT_ORDERS = frozenset({OrderState.SENT_BACK, OrderState.TRANSFERRED, OrderState.RECALLED})

# A clock runs exactly while the case, or the work order, is in its state: entering starts it, leaving
# stops it.
CASE_CLOCKS = {State.REPORTED: Stage.ACCEPT, State.REGISTERED: Stage.DISPATCH, State.HANDLED: Stage.VERIFY}
ORDER_CLOCKS = {OrderState.ISSUED: Stage.SIGN, OrderState.HANDLING: Stage.HANDLE}


@dataclass(frozen=True, slots=True)
class Transition:
    """
    One verb. `name` is also the name of its action, of its line in the log and of the event it announces.

    No target: the state stays. One: it is that. Several: it follows from the work orders and is one of these.
    """

    name: str
    sources: frozenset[State]
    targets: tuple[State, ...]
    permission: str
    by: By = By.ANYONE
    needs_note: bool = False


def _t(
    name: str,
    sources: set[State] | frozenset[State],
    *targets: State,
    may: str,
    by: By = By.ANYONE,
    needs_note: bool = False,
) -> Transition:
    return Transition(name, frozenset(sources), targets, f"case.{may}", by, needs_note)


_S = State
_WITH_UNITS = {_S.DISPATCHED, _S.HANDLING}
_BEFORE_HANDLED = {_S.REPORTED, _S.REGISTERED, _S.DISPATCHED, _S.HANDLING}
_BY_ORDERS = (_S.REGISTERED, _S.DISPATCHED, _S.HANDLING, _S.HANDLED)

TRANSITIONS: dict[str, Transition] = {
    t.name: t
    for t in (
        # intake
        _t("report", set(), _S.REPORTED, may="report"),
        _t("supplement", OPEN, may="supplement"),
        _t("withdraw", _BEFORE_HANDLED, _S.WITHDRAWN, may="withdraw", by=By.REPORTER),
        _t("amend", OPEN, may="amend"),
        _t("annotate", frozenset(State), may="note", needs_note=True),
        _t("attach", frozenset(State), may="attach"),
        _t("reveal_reporter", frozenset(State), may="reveal_reporter", needs_note=True),
        _t("register", {_S.REPORTED}, _S.REGISTERED, may="register"),
        _t("reject", {_S.REPORTED}, _S.REJECTED, may="reject", needs_note=True),
        _t("close_on_spot", {_S.REPORTED}, _S.CLOSED, may="close_on_spot", needs_note=True),
        # dispatch
        _t("dispatch", {_S.REGISTERED}, _S.DISPATCHED, _S.HANDLING, may="dispatch"),
        _t("recall", {_S.DISPATCHED}, _S.REGISTERED, may="dispatch", needs_note=True),
        _t("sign_for", _WITH_UNITS, _S.HANDLING, may="sign_for", by=By.HOLDER),
        _t("send_back", _WITH_UNITS, *_BY_ORDERS, may="send_back", by=By.HOLDER, needs_note=True),
        _t("adjudicate", {_S.REGISTERED}, _S.DISPATCHED, _S.HANDLING, may="adjudicate", needs_note=True),
        _t("transfer", _WITH_UNITS, _S.DISPATCHED, _S.HANDLING, may="transfer", needs_note=True),
        _t("add_assistant", _WITH_UNITS, _S.DISPATCHED, _S.HANDLING, may="add_assistant"),
        # handling
        _t("request_extension", _WITH_UNITS, may="request_time", by=By.HOLDER, needs_note=True),
        _t("grant_extension", _WITH_UNITS, may="decide_time"),
        _t("request_suspension", {_S.HANDLING}, may="request_time", by=By.HOLDER, needs_note=True),
        _t("grant_suspension", {_S.HANDLING}, _S.SUSPENDED, may="decide_time"),
        _t("refuse_time", _WITH_UNITS, may="decide_time", needs_note=True),
        _t("resume", {_S.SUSPENDED}, *_BY_ORDERS, may="resume"),
        _t(
            "submit_result",
            {_S.HANDLING},
            _S.HANDLING,
            _S.HANDLED,
            may="submit_result",
            by=By.HOLDER,
            needs_note=True,
        ),
        # the end
        _t("verify_pass", {_S.HANDLED}, may="verify", by=By.ANOTHER),
        _t(
            "verify_fail",
            {_S.HANDLED},
            _S.HANDLING,
            _S.REGISTERED,
            may="verify",
            by=By.ANOTHER,
            needs_note=True,
        ),
        _t("close", {_S.HANDLED}, _S.CLOSED, may="close"),
        _t("call_back", {_S.CLOSED}, may="call_back"),
        _t("rate", {_S.CLOSED}, may="rate", by=By.REPORTER),
        _t("uphold", {_S.CLOSED}, may="review", by=By.ANOTHER, needs_note=True),
        _t("reopen", {_S.CLOSED}, _S.REGISTERED, may="reopen", needs_note=True),
        # up and down
        _t("escalate", {_S.REGISTERED, *_WITH_UNITS}, _S.ESCALATED, may="escalate", needs_note=True),
        _t("hand_down", {_S.ESCALATED}, _S.REGISTERED, may="hand_down", needs_note=True),
        _t("answer_from_above", {_S.ESCALATED}, _S.HANDLED, may="hand_down", needs_note=True),
        # several cases
        _t("merge", _BEFORE_HANDLED, _S.MERGED, may="merge"),
        _t("unmerge", {_S.MERGED}, _S.REPORTED, *_BY_ORDERS, may="merge", needs_note=True),
        _t("take_in", OPEN, may="merge"),
        _t("let_go", OPEN | {_S.CLOSED, _S.REJECTED}, may="merge"),
        _t("split", {_S.REGISTERED}, _S.HANDLING, may="split"),
        _t("child_ended", {_S.HANDLING}, _S.HANDLING, _S.HANDLED, may="resume"),
        _t("link", frozenset(State), may="link"),
        _t("unlink", frozenset(State), may="link"),
    )
}

# Verbs that the engine makes on its own as the consequence of another case's verb; nobody presses them.
CONSEQUENCES = frozenset({"take_in", "let_go", "child_ended"})


def after(name: str, state: State) -> tuple[State, ...]:
    """Return the states that the verb may lead to from `state`; empty where it may not be made there."""
    rule = TRANSITIONS[name]
    if state not in rule.sources:
        return ()
    return rule.targets or (state,)


def started(name: str) -> list[Stage]:
    """Return the stages whose case clock the verb may start."""
    return [CASE_CLOCKS[s] for s in TRANSITIONS[name].targets if s in CASE_CLOCKS]


def stopped(name: str) -> list[Stage]:
    """Return the stages whose case clock the verb may stop."""
    rule = TRANSITIONS[name]
    left = rule.sources - set(rule.targets) if rule.targets else frozenset[State]()
    return [CASE_CLOCKS[s] for s in State if s in left and s in CASE_CLOCKS]


def as_mermaid() -> str:
    """Return the machine as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> reported: report"]
    for rule in TRANSITIONS.values():
        for source in State:
            if source in rule.sources:
                lines += [f"    {source} --> {t}: {rule.name}" for t in rule.targets if t != source]
    return "\n".join(lines)
