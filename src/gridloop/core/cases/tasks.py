"""Background jobs of the loop."""

from django.utils import timezone
from procrastinate.contrib.django import app

from gridloop.core.cases.actions import resume_due


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="resume_due", pass_context=False)
def resume_suspended(timestamp: int) -> None:
    """
    Resume the cases whose suspension has run out, once a minute; a missed minute is made up by the next.
    """
    del timestamp
    resume_due(at=timezone.now())
