"""Background jobs of the portal."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from gridloop.faces.portal.actions import PHOTOS_AT_ONCE, drop_unsent_photos

KEPT_DAYS = 2  # a form brings its photos back for one
MOST_TURNS = 20


@app.periodic(cron="20 4 * * *")
@app.task(queueing_lock="drop_unsent_photos", pass_context=False)
def drop_old_photos(timestamp: int) -> None:
    """Drop, once a night, the photos of forms that were never sent; what is too many waits for the next."""
    del timestamp
    before = timezone.now() - timedelta(days=KEPT_DAYS)
    for _turn in range(MOST_TURNS):
        if drop_unsent_photos(before=before) < PHOTOS_AT_ONCE:
            return
