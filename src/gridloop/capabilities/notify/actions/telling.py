"""Telling people something."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from procrastinate.contrib.django import app

from gridloop.base.common.ids import id_at
from gridloop.capabilities.notify.models import TITLE_LENGTH, URL_LENGTH, Channel, Delivery, Notice
from gridloop.capabilities.notify.quiet import goes_out_at

JOB = "gridloop.capabilities.notify.tasks.deliver"


@dataclass(frozen=True, slots=True)
class Message:
    """What some people are told, as `tell` takes it; many of them are told at once by `tell_all`."""

    to: Sequence[int]
    title: str
    body: str = ""
    url: str = ""
    case_id: UUID | None = None
    is_urgent: bool = False
    once: str = ""
    outward: str = ""


def tell(
    *,
    to: Iterable[int],
    topic: str,
    title: str,
    body: str = "",
    url: str = "",
    case_id: UUID | None = None,
    is_urgent: bool = False,
    at: datetime,
    once: str = "",
    outward: str = "",
) -> list[Notice]:
    """
    Tell people something: in the application at once, and by every channel that they have proved.

    Runs in the caller's transaction: notices, deliveries and jobs stand or fall with what is told. What is
    not urgent leaves the house only when the quiet hours are over. Two to six statements, however many are
    told.

    :param to: user ids; told once each. Tell nobody of a case whom the case is not visible to.
    :param topic: code of what it is about, such as `rooms.post`.
    :param title: one line that says it all; longer ones are cut. No word of a person in it or in `body`.
    :param body: more words; they never leave the house.
    :param outward: what leaves the house instead of a title with words that somebody typed: what waits, and
        its number.
    :param url: a path of this site that shows more.
    :param once: a key of the matter; whoever was told under it before is left out.
    :returns: the notices that are new, none where all had been told.
    """
    message = Message(tuple(to), title, body, url, case_id, is_urgent, once, outward)
    return tell_all([message], topic=topic, at=at)


@transaction.atomic
def tell_all(messages: Iterable[Message], *, topic: str, at: datetime) -> list[Notice]:
    """
    Tell many things at once, each as by `tell`, with the statements of one.

    :returns: the notices that are new.
    """
    notices = _store([notice for message in messages for notice in _notices(message, topic, at)])
    for is_urgent in (True, False):
        some = [notice for notice in notices if notice.is_urgent == is_urgent]
        _send_out(some, at=at, due_at=goes_out_at(at, is_urgent=is_urgent))
    return notices


def _notices(message: Message, topic: str, at: datetime) -> list[Notice]:
    return [
        Notice(
            id=id_at(at, seed=f"{user_id}/{message.once or uuid4()}"),
            user_id=user_id,
            topic=topic,
            title=message.title[:TITLE_LENGTH],
            outward=message.outward[:TITLE_LENGTH],
            body=message.body,
            url=message.url[:URL_LENGTH],
            case_id=message.case_id,
            is_urgent=message.is_urgent,
            at=at,
            once=message.once,
        )
        for user_id in sorted(set(message.to))
    ]


def _store(notices: Sequence[Notice]) -> list[Notice]:
    """Keep what nobody was told before; what has no key is always new."""
    keyed = [notice for notice in notices if notice.once]
    told = _told(keyed)
    fresh = [notice for notice in keyed if (notice.user_id, notice.once) not in told]
    # Somebody may tell the same thing at this moment: the constraint lets one of us through.
    Notice.objects.bulk_create(fresh, ignore_conflicts=True)
    kept = Notice.objects.filter(pk__in=[notice.pk for notice in fresh]) if fresh else ()
    others = Notice.objects.bulk_create([notice for notice in notices if not notice.once])
    return [*sorted(kept, key=lambda notice: notice.user_id), *others]


def _told(keyed: Sequence[Notice]) -> set[tuple[int, str]]:
    if not keyed:
        return set()
    keys, people = {notice.once for notice in keyed}, {notice.user_id for notice in keyed}
    return set(Notice.objects.filter(once__in=keys, user__in=people).values_list("user", "once"))


def _send_out(notices: Sequence[Notice], *, at: datetime, due_at: datetime) -> None:
    if not notices:
        return
    by_user: dict[int, list[Notice]] = defaultdict(list)
    for notice in notices:
        by_user[notice.user_id].append(notice)
    usable = Channel.objects.filter(
        user__in=by_user, user__is_active=True, is_active=True, verified_at__isnull=False
    )
    deliveries = [
        Delivery(notice=notice, channel=channel, made_at=at, due_at=due_at)
        for channel in usable.order_by("pk")
        for notice in by_user[channel.user_id]
    ]
    if deliveries:
        enqueue(Delivery.objects.bulk_create(deliveries))


def enqueue(deliveries: Sequence[Delivery]) -> None:
    """Defer the first attempt of each; later ones, and what a crash left, are taken up by the sweep."""
    job = app.configure_task(JOB, allow_unknown=True, schedule_at=deliveries[0].due_at)
    given: list[dict[str, Any]] = [{"delivery_id": str(delivery.pk)} for delivery in deliveries]
    job.batch_defer(*given)
