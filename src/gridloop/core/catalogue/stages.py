"""The stages of a case that a standard puts a time limit on. Pure Python."""

from enum import StrEnum


class Stage(StrEnum):
    """One leg of the loop, in the order in which a case passes them."""

    ACCEPT = "accept"
    DISPATCH = "dispatch"
    SIGN = "sign"
    HANDLE = "handle"
    VERIFY = "verify"
