"""Background jobs of messages."""

from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from gridloop.capabilities.notify import actions

MOST_TURNS = 20


@app.task(name="gridloop.capabilities.notify.tasks.deliver", pass_context=False)
def deliver(delivery_id: str) -> None:
    """Send one message; what does not go through is tried again by the sweep."""
    actions.attempt(UUID(delivery_id), now=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="deliver_due", pass_context=False)
def deliver_due(timestamp: int) -> None:
    """Send, once a minute, what should have gone out: retries, and what a dead worker left behind."""
    del timestamp
    for _turn in range(MOST_TURNS):
        if actions.attempt_due(now=timezone.now()) == 0:
            return


@app.periodic(cron="50 3 * * *")
@app.task(queueing_lock="forget_notices", pass_context=False)
def forget_notices(timestamp: int) -> None:
    """Drop, once a night, messages that are older than the town keeps them."""
    del timestamp
    actions.forget_old(now=timezone.now())
