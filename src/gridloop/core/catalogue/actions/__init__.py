"""The only writers of the catalogue: one verb a function, one transaction each."""

from gridloop.core.catalogue.actions.applying import FileHasProblems, RulebookChanged
from gridloop.core.catalogue.actions.editing import (
    CodeTaken,
    NoMainCategory,
    add_category,
    amend_category,
    evidence_asked,
    set_duty,
    set_standard,
    touch,
    withdraw_duty,
)
from gridloop.core.catalogue.actions.uploads import AlreadyApplied, apply_upload, keep_upload

__all__ = [
    "AlreadyApplied",
    "CodeTaken",
    "FileHasProblems",
    "NoMainCategory",
    "RulebookChanged",
    "add_category",
    "amend_category",
    "apply_upload",
    "evidence_asked",
    "keep_upload",
    "set_duty",
    "set_standard",
    "touch",
    "withdraw_duty",
]
