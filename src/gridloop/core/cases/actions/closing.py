"""
The end of the loop: verify, close, ask the reporter, review, reopen; and up to the level above and down
again.
"""

from django.utils.translation import gettext as _

from gridloop.base.common.errors import InvalidInput
from gridloop.core.cases.actions.move import Move, verb
from gridloop.core.cases.actions.triage import recall_orders
from gridloop.core.cases.models import Feedback
from gridloop.core.cases.workflow import OrderState

SATISFIED_FROM = 3  # of five


@verb
def verify_pass(move: Move) -> None:
    """核查通过: somebody other than who handled it has seen that the closing conditions hold."""
    move.change(verified_at=move.at)


@verb
def verify_fail(move: Move) -> None:
    """
    核查不通过: it is not done; the units that handed in a result take it up again, counted as rework.

    Where no unit did (the level above answered, or all parts ended), it is dispatched anew.
    """
    done = [order for order in move.file.active_orders() if order.state == OrderState.DONE]
    for order in done:
        move.file.enter_order(order, OrderState.HANDLING, move.at)
    if not done:
        move.file.leave_ended_parts()
    move.change(reworks=move.case.reworks + 1)
    move.follow_orders()


@verb
def close(move: Move) -> None:
    """结案: end a verified case; it then waits for a call to its reporter, if there is a number."""
    move.change(
        closed_at=move.at, outcome=move.note or move.case.outcome, needs_call_back=move.file.has_contact()
    )


@verb
def call_back(
    move: Move,
    *,
    is_reached: bool,
    attitude: int | None = None,
    result: int | None = None,
    is_lawful: bool | None = None,
    comment: str = "",
) -> None:
    """
    回访: record what the reporter said on the telephone. Scores are 1 (worst) to 5.

    A reporter who was not reached is called again; one who is dissatisfied is reviewed by a second person.
    """
    if is_reached and result is None:
        raise InvalidInput(_("请记录上报人对结果的评价。"), fields={"result": _("必填")})
    _give_feedback(
        move, is_reached=is_reached, attitude=attitude, result=result, is_lawful=is_lawful, comment=comment
    )
    if is_reached:
        move.change(needs_call_back=False)


@verb
def rate(move: Move, *, attitude: int, result: int, comment: str = "") -> None:
    """评价: the reporter's own word on attitude and result, 1 (worst) to 5; the last one given counts."""
    _give_feedback(move, is_reached=True, attitude=attitude, result=result, is_lawful=None, comment=comment)
    move.change(needs_call_back=False)


@verb
def uphold(move: Move) -> None:
    """
    复核维持: a second person has looked at the dissatisfaction and the case stays closed; the note says why.
    """
    move.change(needs_review=False)


@verb
def reopen(move: Move) -> None:
    """
    重办: take a closed case up again, within the days that the town has set; its earlier orders stay as
    history, and so do the parts that it was split into and that have ended.
    """
    recall_orders(move)
    move.file.leave_ended_parts()
    move.change(
        closed_at=None,
        verified_at=None,
        needs_review=False,
        needs_call_back=False,
        is_self_closed=False,
        registered_at=move.case.registered_at or move.at,
        reopenings=move.case.reopenings + 1,
    )


@verb
def escalate(move: Move, *, to: str) -> None:
    """
    提级: hand the case to the level above, named by `to`; orders that are out are recalled and clocks
    stand still.
    """
    if not to.strip():
        raise InvalidInput(_("请填写报送的上级单位。"), fields={"to": _("必填")})
    recall_orders(move)
    move.record(to=to.strip())


@verb
def hand_down(move: Move) -> None:
    """交回办理: the level above has given the case back to be dispatched here."""
    move.file.leave_ended_parts()


@verb
def answer_from_above(move: Move) -> None:
    """
    上级答复: the level above has handled it; the note is its answer, which is then verified and closed here.
    """
    move.change(outcome=move.note)
    move.file.answered_by = move.actor.user_id


def _give_feedback(
    move: Move,
    *,
    is_reached: bool,
    attitude: int | None,
    result: int | None,
    is_lawful: bool | None,
    comment: str,
) -> None:
    for name, score in {"attitude": attitude, "result": result}.items():
        if score is not None and score not in range(1, 6):
            raise InvalidInput(_("评分应为 1 到 5 分。"), fields={name: _("请选择 1 到 5 分")})
    move.file.add(
        Feedback(
            case=move.case,
            at=move.at,
            by_id=move.actor.user_id if move.rule.name == "call_back" else None,
            is_reached=is_reached,
            attitude=attitude,
            result=result,
            is_lawful=is_lawful,
            comment=comment.strip(),
        )
    )
    move.record(is_reached=is_reached, attitude=attitude, result=result, is_lawful=is_lawful)
    if result is not None:
        move.change(needs_review=result < SATISFIED_FROM and is_lawful is not False)
