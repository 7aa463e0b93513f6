"""What goes into the cells of a sheet that leaves the house."""

import re
from datetime import date, datetime
from typing import Any

from django.utils import timezone

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"\d[\d\s-]{5,}[\dXx]")  # a telephone, an identity card, a bank account
LONGEST_CELL = 32_767  # of a spreadsheet program
# A sheet is written row by row, and nothing that a person typed becomes a formula or a link.
XLSX_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


def cell(value: Any) -> Any:
    """Return a value as a sheet shows it: moments in the town's time, everything else but numbers as text."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, int | float) else str(value)[:LONGEST_CELL]


def safe(value: Any) -> str:
    """Return a value so that no spreadsheet program takes it for a formula (OWASP: CSV injection)."""
    text = cell(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else str(text)


def without_numbers(text: str) -> str:
    """Return a text in which no telephone or identity number can be read."""
    return _NUMBER.sub("***", text)
