"""The only writers of the catalogue: one verb a function, one transaction each."""

from gridloop.core.catalogue.actions.editing import (
    CodeTaken,
    add_category,
    amend_category,
    set_duty,
    set_standard,
    touch,
    withdraw_duty,
)

__all__ = [
    "CodeTaken",
    "add_category",
    "amend_category",
    "set_duty",
    "set_standard",
    "touch",
    "withdraw_duty",
]
