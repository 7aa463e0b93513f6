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


@app.periodic(cron="20 6 * * *")
@app.task(queueing_lock="oversight_draw", pass_context=False)
def draw_samples(timestamp: int) -> None:
    """Draw, each morning, from the days and weeks that are over; what was missed is made up for."""
    del timestamp
    now = timezone.now()
    actions.drop_moot(at=now)
    actions.draw_due(at=now)


@app.periodic(cron="40 2 * * *")
@app.task(queueing_lock="oversight_burden", pass_context=False)
def count_burden(timestamp: int) -> None:
    """Count, each night, what the cases closed on the days that are over asked of grid workers."""
    del timestamp
    actions.count_missed(today=timezone.localdate())
