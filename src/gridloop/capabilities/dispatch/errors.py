"""The refusals of dispatch, apart from those that every part of the house shares."""

from gridloop.base.common.errors import DomainError


class BatchClosed(DomainError):
    """The batch is past the point where this can be done: confirmed, undone, or too old to be undone."""

    code = "batch-closed"
