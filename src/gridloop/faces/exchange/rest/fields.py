"""The types of what programs send: as strict as the OpenAPI document says, so that no slip is a value."""

import re
from datetime import datetime
from typing import Annotated, Any

from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field, Strict

# PostgreSQL keeps no NUL; the pattern says so in the document as well.
NO_NUL = r"^[^\x00]*$"
_DATE_AND_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")


def text(most: int, *, least: int = 0) -> Any:
    """Return what `Annotated[str, text(60)]` says of a text: at most `most` characters, none of them NUL."""
    return Field(min_length=least or None, max_length=most, pattern=NO_NUL)


def _only_text(value: object) -> object:
    # A number, even as text, would be read as seconds since 1970.
    if not isinstance(value, datetime) and not (isinstance(value, str) and _DATE_AND_TIME.match(value)):
        raise ValueError(_("应为 RFC 3339 的日期时间文本"))
    return value


def _whole(value: object) -> object:
    # JSON knows one kind of number: 5.0 is the integer 5.
    return int(value) if isinstance(value, float) and value.is_integer() else value


Name = Annotated[str, text(60)]
Title = Annotated[str, text(120)]
Line = Annotated[str, text(200)]
Note = Annotated[str, text(4000)]
Story = Annotated[str, text(5000, least=1)]
Reference = Annotated[str, text(80)]
Code = Annotated[str, text(40, least=1)]
Whole = BeforeValidator(_whole)
Integer = Annotated[int, Strict(), Field(ge=-(2**31), lt=2**31), Whole]
Score = Annotated[int, Strict(), Field(ge=1, le=5), Whole]
Flag = Annotated[bool, Strict()]
Longitude = Annotated[float, Strict(), Field(ge=-180, le=180)]
Latitude = Annotated[float, Strict(), Field(ge=-90, le=90)]
Moment = Annotated[AwareDatetime, BeforeValidator(_only_text)]


class Given(Schema):
    """What a program sends; a field that nobody knows is an error, not silence."""

    model_config = ConfigDict(extra="forbid")
