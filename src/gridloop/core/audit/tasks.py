"""Background jobs of the log."""

from django.utils import timezone
from procrastinate.contrib.django import app

from gridloop.core.audit.actions import seal_missed


@app.periodic(cron="7 * * * *")
@app.task(queueing_lock="seal_missed", pass_context=False)
def seal_days(timestamp: int) -> None:
    """
    Seal the days that are over and not sealed yet; every hour, so that one in which it could not is made up.
    """
    del timestamp
    seal_missed(now=timezone.now())
