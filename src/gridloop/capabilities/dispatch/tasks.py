"""Background jobs of dispatch."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from gridloop.capabilities.dispatch.actions import automatic, batches, learning, previews, trials
from gridloop.capabilities.dispatch.models import Batch


@app.task(pass_context=False)
def carry_out(batch_id: int) -> None:
    """Dispatch, or take back, what is left of a batch that was confirmed or undone."""
    batches.carry_out(batch_id, at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="resume_batches", pass_context=False)
def resume_batches(timestamp: int) -> None:
    """Go on, once a minute, with the batches whose process fell in the middle."""
    del timestamp
    for batch_id in Batch.objects.under_way().order_by("pk").values_list("pk", flat=True):
        batches.carry_out(batch_id, at=timezone.now())


@app.periodic(cron="40 4 * * *")
@app.task(queueing_lock="drop_old_previews", pass_context=False)
def drop_old_previews(timestamp: int) -> None:
    """Forget, once a night, the previews that nobody confirmed."""
    del timestamp
    previews.drop_old_previews(before=timezone.now() - timedelta(days=previews.DAYS_KEPT))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="learn_precedents", pass_context=False)
def learn_precedents(timestamp: int) -> None:
    """Keep, once a minute, why cases went where they went, and take in whose they really were."""
    del timestamp
    learning.learn_pending(at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="dispatch_automatically", pass_context=False)
def dispatch_automatically(timestamp: int) -> None:
    """Dispatch, once a minute, what the town lets the system dispatch by itself."""
    del timestamp
    automatic.dispatch_waiting(at=timezone.now())


@app.task(pass_context=False)
def try_out(dry_run_id: int) -> None:
    """Hold a long period against changed rules and leads."""
    trials.try_out(dry_run_id, at=timezone.now())
