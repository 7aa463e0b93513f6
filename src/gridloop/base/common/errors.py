"""The refusals that a person can cause and can put right."""

from http import HTTPStatus


class DomainError(Exception):
    """
    An expected refusal. One middleware turns it into a page, a fragment or problem+json.

    `code` is stable and for programs; `message` is for people and says what to do next; `fields` names the
    input that is at fault, keyed as the caller's form keys it; `detail` is extra machine-readable context.
    """

    code = "refused"
    status = HTTPStatus.CONFLICT

    def __init__(self, message: str, *, fields: dict[str, str] | None = None, **detail: object) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields or {}
        self.detail = detail


class NotAllowed(DomainError):
    """The person may not do this, whatever the state."""

    code = "not-allowed"
    status = HTTPStatus.FORBIDDEN


class NotFound(DomainError):
    """There is no such thing, or this person may not know of it."""

    code = "not-found"
    status = HTTPStatus.NOT_FOUND


class InvalidInput(DomainError):
    """What was given cannot be used as it stands; `fields` says where and why."""

    code = "invalid-input"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class TooManyRequests(DomainError):
    """More was asked than is answered; `detail["retry_after"]` is the seconds until the next."""

    code = "too-many-requests"
    status = HTTPStatus.TOO_MANY_REQUESTS
