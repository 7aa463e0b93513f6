"""Telling people something."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from procrastinate.contrib.django import app

from gridloop.base.common.ids import id_at
from gridloop.capabilities.notify.models import TITLE_LENGTH, URL_LENGTH, Channel, Delivery, Notice
from gridloop.capabilities.notify.quiet import goes_out_at

JOB = "gridloop.capabilities.notify.tasks.deliver"


@transaction.atomic
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
) -> list[Notice]:
    """
    Tell people something: in the application at once, and by every channel that they have proved.

    Runs in the caller's transaction: notices, deliveries and jobs stand or fall with what is told. What is
    not urgent leaves the house only when the quiet hours are over. Two to six statements, however many are
    told.

    :param to: user ids; told once each. Tell nobody of a case whom the case is not visible to.
    :param topic: code of what it is about, such as `rooms.post`.
    :param title: one line that says it all; longer ones are cut. No word of a person in it or in `body`.
    :param url: a path of this site that shows more.
    :param once: a key of the matter; whoever was told under it before is left out.
    :returns: the notices that are new, none where all had been told.
    """
    people = sorted(set(to))
    words = {"topic": topic, "title": title[:TITLE_LENGTH], "body": body, "url": url[:URL_LENGTH]}
    notices = _store(
        [
            Notice(
                id=id_at(at, seed=f"{user_id}/{once or uuid4()}"),
                user_id=user_id,
                case_id=case_id,
                is_urgent=is_urgent,
                at=at,
                once=once,
                **words,
            )
            for user_id in people
        ]
    )
    _send_out(notices, at=at, due_at=goes_out_at(at, is_urgent=is_urgent))
    return notices


def _store(notices: Sequence[Notice]) -> list[Notice]:
    if not notices:
        return []
    once = notices[0].once
    if not once:
        return Notice.objects.bulk_create(notices)
    told = set(
        Notice.objects.filter(once=once, user__in=[n.user_id for n in notices]).values_list("user", flat=True)
    )
    fresh = [notice for notice in notices if notice.user_id not in told]
    if not fresh:
        return []
    # Somebody may tell the same thing at this moment: the constraint lets one of us through.
    Notice.objects.bulk_create(fresh, ignore_conflicts=True)
    return list(Notice.objects.filter(pk__in=[notice.pk for notice in fresh]).order_by("user"))


def _send_out(notices: Sequence[Notice], *, at: datetime, due_at: datetime) -> None:
    if not notices:
        return
    by_user = {notice.user_id: notice for notice in notices}
    usable = Channel.objects.filter(
        user__in=by_user, user__is_active=True, is_active=True, verified_at__isnull=False
    )
    deliveries = [
        Delivery(notice=by_user[channel.user_id], channel=channel, made_at=at, due_at=due_at)
        for channel in usable.order_by("pk")
    ]
    if deliveries:
        enqueue(Delivery.objects.bulk_create(deliveries))


def enqueue(deliveries: Sequence[Delivery]) -> None:
    """Defer the first attempt of each; later ones, and what a crash left, are taken up by the sweep."""
    job = app.configure_task(JOB, allow_unknown=True, schedule_at=deliveries[0].due_at)
    job.batch_defer(*({"delivery_id": str(delivery.pk)} for delivery in deliveries))
