"""Background jobs of rooms and meetings."""

from django.utils import timezone
from procrastinate.contrib.django import app

from gridloop.capabilities.rooms.actions.reminding import remind


@app.periodic(cron="10 * * * *")
@app.task(queueing_lock="rooms_remind", pass_context=False)
def remind_of_rooms(timestamp: int) -> None:
    """Tell, every hour, what is due, late or near; what was told is not told again."""
    del timestamp
    remind(now=timezone.now())
