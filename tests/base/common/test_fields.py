"""A field of encrypted text, in a table of its own."""

import pytest
from django.core.exceptions import FieldError
from django.db import connection, models
from django.test.utils import isolate_apps

from gridloop.base.common.fields import EncryptedTextField

pytestmark = pytest.mark.django_db


@pytest.fixture
def secret():
    with isolate_apps("gridloop.base.shell"):

        class Secret(models.Model):  # noqa: DJ008
            phone = EncryptedTextField("电话", blank=True)
            note = EncryptedTextField(null=True)

            class Meta:
                app_label = "shell"

    with connection.schema_editor() as editor:
        editor.create_model(Secret)
    return Secret


def stored():
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone, note FROM shell_secret")
        return cursor.fetchone()


def test_the_database_sees_only_what_is_encrypted(secret):
    row = secret.objects.create(phone="13800001234", note="王小明")
    assert all(b"138" not in bytes(value) and "王".encode() not in bytes(value) for value in stored())
    row.refresh_from_db()
    assert (row.phone, row.note) == ("13800001234", "王小明")


def test_empty_stays_empty_and_null_stays_null(secret):
    secret.objects.create()
    phone, note = stored()
    assert (bytes(phone), note) == (b"", None)
    row = secret.objects.get()
    assert (row.phone, row.note) == ("", None)


def test_whether_there_is_one_can_be_asked_and_nothing_else(secret):
    secret.objects.create(phone="13800001234")
    assert secret.objects.filter(note__isnull=True).count() == 1
    for lookup in ("exact", "contains", "in"):
        with pytest.raises(FieldError, match="encrypted"):
            secret.objects.filter(**{f"phone__{lookup}": "13800001234"}).count()


def test_in_a_form_it_is_text(secret):
    field = secret._meta.get_field("phone")
    assert field.formfield().clean(" 13800001234 ") == "13800001234"
    assert (field.editable, field.formfield().label) == (True, "电话")
