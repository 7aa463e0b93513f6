"""Background jobs of the oversight."""

from django.utils import timezone
from procrastinate.contrib.django import app

from gridloop.capabilities.oversight import actions


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="oversight_sweep", pass_context=False)
def sweep_deadlines(timestamp: int) -> None:
    """
    Tell, once a minute, of every deadline whose moment has come; a missed hour is made up by the next run.
    """
    del timestamp
    now = timezone.now()
    actions.sweep(at=now)
    actions.raise_problems(at=now)
