"""Background jobs of the screen."""

from django.utils import timezone
from procrastinate.contrib.django import app

from gridloop.faces.centre.actions import forget


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="forget_live_events", pass_context=False)
def forget_live_events(timestamp: int) -> None:
    """Remove live events of the day before, every ten minutes."""
    del timestamp
    forget(now=timezone.now())
