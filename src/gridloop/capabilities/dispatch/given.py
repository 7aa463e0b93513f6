"""Reading what an address or a form says before any table is asked."""


def number(text: str | None) -> int | None:
    """Return a key or a place that was given as text; None where it is none that a table can hold."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
