"""Background jobs of the figures."""

from django.utils import timezone
from procrastinate.contrib.django import app

from gridloop.capabilities.figures.actions.folding import fold
from gridloop.capabilities.figures.actions.rebuilding import count_history

PORTIONS_A_MINUTE = 100


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="figures_fold", pass_context=False)
def fold_figures(timestamp: int) -> None:
    """Count what history is not counted yet, and fold what has changed, once a minute."""
    del timestamp
    count_history(at=timezone.now(), most=PORTIONS_A_MINUTE)
    fold()
