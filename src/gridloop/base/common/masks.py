"""What may be shown of a person's data without a reason: enough to recognise it, too little to use it."""

_PHONE_LENGTH = 11
_SHORT_PHONE_LENGTH = 7
_ID_LENGTH = 15


def mask_name(name: str) -> str:
    """Return the family name only: 王小明 → 王**."""
    text = name.strip()
    return text[:1] + "*" * min(len(text) - 1, 3) if len(text) > 1 else "*" * len(text)


def mask_phone(phone: str) -> str:
    """Return the ends of a number: 13812345678 → 138****5678, 86312345 → 86****45."""
    text = phone.strip()
    if len(text) >= _PHONE_LENGTH:
        return _ends(text, 3, 4)
    return _ends(text, 2, 2) if len(text) >= _SHORT_PHONE_LENGTH else "*" * len(text)


def mask_id(number: str) -> str:
    """Return the ends of an identity number, never the date of birth: 320***********1234."""
    text = number.strip()
    return _ends(text, 3, 4) if len(text) >= _ID_LENGTH else _ends(text, 1, 1)


def _ends(text: str, head: int, tail: int) -> str:
    hidden = len(text) - head - tail
    return text[:head] + "*" * hidden + text[-tail:] if hidden > 0 else "*" * len(text)
