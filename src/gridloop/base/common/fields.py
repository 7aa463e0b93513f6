"""Model fields that base offers to every app."""

from typing import Any

from django import forms
from django.core.exceptions import FieldError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from gridloop.base.common.crypto import decrypt, encrypt


class EncryptedTextField(models.BinaryField):  # type: ignore[type-arg]  # takes none at run time
    """
    Text that the database sees only encrypted; empty text is stored as empty.

    It cannot be searched: keep a `blind_index` beside it where equality is asked for.
    """

    empty_values = [None, ""]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # A BinaryField is not editable by default; this one holds text that people type.
        kwargs.setdefault("editable", True)
        super().__init__(*args, **kwargs)

    def get_default(self) -> Any:
        return self.default if self.has_default() else (None if self.null else "")

    def get_prep_value(self, value: Any) -> bytes | None:
        if value is None:
            return None
        return encrypt(str(value)) if value != "" else b""

    def from_db_value(self, value: Any, _expression: Any, _connection: BaseDatabaseWrapper) -> str | None:
        if value is None:
            return None
        return decrypt(value) if len(value) else ""

    def to_python(self, value: Any) -> str | None:
        return value if value is None else str(value)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted and cannot be searched by {lookup_name}")
        return super().get_lookup(lookup_name)

    def formfield(self, **kwargs: Any) -> Any:
        return models.Field.formfield(self, **({"form_class": forms.CharField} | kwargs))
