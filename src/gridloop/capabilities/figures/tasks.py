"""Background jobs of the figures."""

from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from gridloop.capabilities.figures.actions.briefs import make_brief, make_due
from gridloop.capabilities.figures.actions.folding import fold
from gridloop.capabilities.figures.actions.rebuilding import count_history
from gridloop.capabilities.figures.actions.registers import forget_old_files, make_file
from gridloop.capabilities.figures.actions.scoring import settle_due

PORTIONS_A_MINUTE = 100


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="figures_fold", pass_context=False)
def fold_figures(timestamp: int) -> None:
    """Count what history is not counted yet, and fold what has changed, once a minute."""
    del timestamp
    count_history(at=timezone.now(), most=PORTIONS_A_MINUTE)
    fold()


@app.periodic(cron="23 * * * *")
@app.task(queueing_lock="figures_hourly", pass_context=False)
def keep_papers(timestamp: int) -> None:
    """Settle months, have briefs made, throw old files away; each hour, so that a missed one is made up."""
    del timestamp
    now = timezone.now()
    forget_old_files(at=now)
    settle_due(at=now)
    make_due(at=now)


@app.task(pass_context=False)
def make_register_file(file_id: str) -> None:
    """Write a long register."""
    make_file(UUID(file_id), at=timezone.now())


@app.task(pass_context=False)
def make_brief_files(brief_id: str) -> None:
    """Gather and write a brief."""
    make_brief(UUID(brief_id), at=timezone.now())
