"""The refusals of the loop, apart from those that every part of the house shares."""

from http import HTTPStatus

from gridloop.base.common.errors import DomainError


class InvalidTransition(DomainError):
    """The case's state has no such move."""

    code = "invalid-transition"


class StaleCase(DomainError):
    """Somebody changed the case since the person looked at it; `detail` has the version it has now."""

    code = "stale-case"


class NoteRequired(DomainError):
    """The move needs a reason in words."""

    code = "note-required"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class LimitReached(DomainError):
    """A rule about number or time stands against it: too late, too often, too far."""

    code = "limit-reached"
