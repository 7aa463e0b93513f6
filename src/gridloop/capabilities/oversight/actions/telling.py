"""Keeping alerts and telling of them: one message a person and deadline, many at once as one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gridloop.capabilities.notify.actions import Message, tell_all
from gridloop.capabilities.oversight.models import Alert, AlertLevel
from gridloop.capabilities.oversight.recipients import Holder, Recipients
from gridloop.capabilities.oversight.words import (
    alert_words,
    digest_words,
    list_page,
    matter_of,
    page_of,
    slip_page,
)
from gridloop.core.catalogue.models import Urgency

TOPIC = "oversight.alert"
DIGEST_FROM = 6  # so many at once are told a person as one message
URGENT = frozenset({Urgency.URGENT.value, Urgency.CRITICAL.value})


@dataclass(frozen=True, slots=True)
class Told:
    """An alert that is not kept yet, with what is said of it and in whose hands the matter lies."""

    alert: Alert
    stage: str
    due_at: datetime
    holder: Holder

    @property
    def thing(self) -> object:
        """What the alert is of: several moments of it that come at once are told as one."""
        return self.alert.clock_id or self.alert.supervision_id

    @property
    def is_urgent(self) -> bool:
        return self.alert.case.urgency in URGENT


def tell_alerts(alerts: Sequence[Told], people: Recipients, *, at: datetime) -> int:
    """
    Keep the alerts and tell whom their steps name; return how many messages went out.

    Call it inside a transaction. Of several moments of one deadline a person hears the gravest. What is
    urgent is told by itself and at any hour; the rest of many as one.
    """
    heard: dict[int, dict[object, Told]] = defaultdict(dict)
    for told in alerts:
        step = told.alert.step
        meant = people.of(step.whom, told.holder) if step else set()
        told.alert.told = len(meant)
        for user in meant:
            heard[user][told.thing] = _graver(heard[user].get(told.thing), told)
    Alert.objects.bulk_create([told.alert for told in alerts])
    messages = _messages(heard)
    tell_all(messages, topic=TOPIC, at=at)
    return len(messages)


def _graver(one: Told | None, other: Told) -> Told:
    """Return the red one of two, the later moment of two that are alike."""
    if one is None:
        return other
    return max(one, other, key=lambda t: (t.alert.level == AlertLevel.OVERDUE, t.alert.moment))


def _messages(heard: dict[int, dict[object, Told]]) -> list[Message]:
    single: dict[tuple[object, str, object], tuple[Told, list[int]]] = {}
    messages = []
    for user, things in heard.items():
        alone, together = _divided(list(things.values()))
        for told in alone:
            key = told.thing, told.alert.level, told.alert.step_id
            single.setdefault(key, (told, []))[1].append(user)
        messages += [_digest(user, level, many) for level, many in together.items()]
    return [*(_single(told, users) for told, users in single.values()), *messages]


def _divided(things: list[Told]) -> tuple[list[Told], dict[str, list[Told]]]:
    """Return what a person is told by itself, and what together, by level."""
    alone = [told for told in things if told.is_urgent]
    together: dict[str, list[Told]] = defaultdict(list)
    for told in things:
        if not told.is_urgent:
            together[told.alert.level].append(told)
    for level in list(together):
        if len(together[level]) < DIGEST_FROM:
            alone += together.pop(level)
    return alone, dict(together)


def _single(told: Told, users: list[int]) -> Message:
    alert = told.alert
    title, body = alert_words(alert.case, told.stage, told.due_at, alert.step, alert.level)
    return Message(
        to=tuple(users),
        title=title,
        body=body,
        url=slip_page(alert.supervision) if alert.supervision else page_of(alert.case_id),
        case_id=alert.case_id,
        is_urgent=told.is_urgent,
        once=f"alert/{told.thing}/{alert.step_id}/{alert.round}",
    )


def _digest(user: int, level: str, many: list[Told]) -> Message:
    title, body = digest_words([matter_of(told.alert.case) for told in many], level)
    return Message(to=(user,), title=title, body=body, url=list_page())
