"""
The tables of the closed loop. Rows change only through `actions`; the database guards what a row must be.
"""

from gridloop.core.cases.models.around import Attachment, Feedback
from gridloop.core.cases.models.case import Case, CaseLink, PlaceMatch, Reporter
from gridloop.core.cases.models.orders import Clock, OrderRole, TimeRequest, WorkOrder
from gridloop.core.cases.models.words import CaseWords, WordsField

__all__ = [
    "Attachment",
    "Case",
    "CaseLink",
    "CaseWords",
    "Clock",
    "Feedback",
    "OrderRole",
    "PlaceMatch",
    "Reporter",
    "TimeRequest",
    "WordsField",
    "WorkOrder",
]
