"""Background jobs of the call-out."""

from django.utils import timezone
from procrastinate.contrib.django import app

from gridloop.capabilities.incidents.actions import sweep


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="sweep_calls", pass_context=False)
def sweep_calls(timestamp: int) -> None:
    """Look after calls that nobody answered, once a minute; a missed minute is made up by the next."""
    del timestamp
    sweep(at=timezone.now())
