"""Whether those who read are still signed in, in the same post."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY as USER_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone

from gridloop.core.org.middleware import SESSION_KEY as POST_KEY
from gridloop.core.org.models import User
from gridloop.core.org.posts import acting
from gridloop.core.org.sessions import is_over
from gridloop.faces.centre.live.reader import Reader


def still_signed_in(readers: Iterable[Reader], now: datetime) -> set[Reader]:
    """Return those whose session goes on and stands for the same actor. Two statements for all of them."""
    readers = list(readers)
    keys = {reader.session_key for reader in readers}
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=now)
    sessions = {row.session_key: row.get_decoded() for row in rows}
    ids = {user for reader in readers if (user := reader.actor.user_id) is not None}
    people = {person.pk: person for person in User.objects.filter(pk__in=ids, is_active=True)}
    return {reader for reader in readers if _stays(reader, sessions.get(reader.session_key), people, now)}


def _stays(reader: Reader, session: dict[str, Any] | None, people: dict[int, User], now: datetime) -> bool:
    if not session or is_over(session, now.timestamp()):
        return False
    person = people.get(reader.actor.user_id or 0)
    if person is None or session.get(USER_KEY) != str(person.pk):
        return False
    return acting(person, on=timezone.localdate(now), chosen=session.get(POST_KEY)) == reader.actor
