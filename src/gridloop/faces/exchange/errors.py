"""The refusals of the exchange, apart from those that every part of the house shares."""

from http import HTTPStatus

from gridloop.base.common.errors import DomainError, InvalidInput


class Malformed(InvalidInput):
    """The request is not what the OpenAPI document asks for; `fields` names each parameter at fault."""

    code = "malformed"


class BadKey(DomainError):
    """No key came with the request, or one that is unknown, expired or revoked."""

    code = "bad-key"
    status = HTTPStatus.UNAUTHORIZED


class KeyReused(DomainError):
    """The Idempotency-Key was used for another request."""

    code = "idempotency-key-reused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY


class PreconditionFailed(DomainError):
    """The case is no longer as the program saw it (If-Match); `detail["version"]` is the one it has now."""

    code = "precondition-failed"
    status = HTTPStatus.PRECONDITION_FAILED
