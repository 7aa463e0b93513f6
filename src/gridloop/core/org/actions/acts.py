"""Lines of the audit log about what administrators do to people, posts, units and regions."""

from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import models, transaction

from gridloop.core.audit.actions import append
from gridloop.core.audit.models import Entry
from gridloop.core.org.actors import Actor


def stream_of(row: models.Model) -> UUID:
    """Return the stream of the audit log in which the acts on a row stand; the same one for ever."""
    return uuid5(NAMESPACE_URL, f"gridloop:{row._meta.label_lower}:{row.pk}")


@transaction.atomic
def log_act(
    row: models.Model, verb: str, *, actor: Actor, at: datetime, data: dict[str, Any] | None = None
) -> Entry:
    """
    Append a line to the stream of `row`, in the transaction of the change and under the lock that it holds.

    :param verb: what was done, such as `add` or `amend`; the log has it as `post.add`.
    :param data: names of fields and keys of rows, never what a person's fields hold.
    """
    stream = stream_of(row)
    return append(
        stream,
        head=Entry.objects.head(stream),
        verb=f"{row._meta.model_name}.{verb}",
        at=at,
        actor_kind=actor.kind,
        actor_label=actor.label,
        user_id=actor.user_id,
        post_id=actor.post_id,
        unit_id=actor.unit_id,
        data=data,
    )
