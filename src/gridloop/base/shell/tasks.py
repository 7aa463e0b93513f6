"""Background jobs that look after the background jobs."""

from procrastinate import exceptions
from procrastinate.contrib.django import app
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job, Status

KEPT_H = 7 * 24


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="take_up_stalled", pass_context=True)
async def take_up_stalled(context: JobContext, timestamp: int) -> None:
    """
    Put back the jobs of workers that were killed in the middle of them, once a minute.

    A worker that gave no sign of life for half a minute is dead. Jobs are written so that one that is begun
    again does nothing twice.
    """
    del timestamp
    for job in await context.app.job_manager.get_stalled_jobs():
        await _put_back(context, job)


async def _put_back(context: JobContext, job: Job) -> None:
    manager = context.app.job_manager
    try:
        await manager.retry_job(job)
    except exceptions.UniqueViolation:
        # Its like waits in the queue already, and will do what this one did not come to.
        await manager.finish_job(job, status=Status.FAILED, delete_job=True)


@app.periodic(cron="23 4 * * *")
@app.task(queueing_lock="forget_done_jobs", pass_context=True)
async def forget_done_jobs(context: JobContext, timestamp: int) -> None:
    """Remove the jobs that were done a week ago; those that failed stay until somebody has looked at them."""
    del timestamp
    await context.app.job_manager.delete_old_jobs(nb_hours=KEPT_H, include_cancelled=True)
