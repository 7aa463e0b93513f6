"""Background jobs of the exchange."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from gridloop.faces.exchange.actions import forget_answers

KEPT_DAYS = 7


@app.periodic(cron="40 3 * * *")
@app.task(queueing_lock="forget_answers", pass_context=False)
def forget_old_answers(timestamp: int) -> None:
    """Drop, once a night, the answers that were kept for retries a week ago."""
    del timestamp
    forget_answers(before=timezone.now() - timedelta(days=KEPT_DAYS))
