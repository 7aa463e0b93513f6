"""Files of a case: checked by content, kept once, limited in number, and read by permission."""

import io

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from gridloop.base.common import files
from gridloop.base.common.errors import InvalidInput, NotAllowed, NotFound
from gridloop.core.cases import actions
from gridloop.core.cases.models import Attachment, Case
from gridloop.core.org.permissions import Role
from tests.core.cases import factories
from tests.core.cases.factories import AT, HOUR, World, holder_of, last_line

pytestmark = pytest.mark.django_db


def photo(shade: int = 0) -> files.Checked:
    picture = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Camera of Wang"
    Image.new("RGB", (64, 48), (shade, 90, 90)).save(picture, "JPEG", exif=exif)
    checked = files.inspect(picture)
    files.store(checked)
    return checked


def attach(case: Case, actor, *given: files.Checked, **details: object) -> Case:
    named = [(f"照片{n}.jpg", checked) for n, checked in enumerate(given)]
    return actions.attach(case.pk, actor=actor, at=AT + HOUR, files=named, **details)


def test_the_row_names_what_is_kept_under_its_hash(world: World) -> None:
    checked = photo()
    case = attach(factories.handling(world), world.handler, checked)
    row = case.attachments.get()
    assert (row.sha256, row.content_type, row.name) == (checked.sha256, "image/jpeg", "照片0.jpg")
    content = default_storage.open(files.storage_name(row.sha256)).read()
    assert (len(content), files.inspect(io.BytesIO(content)).width) == (row.size, 64)
    assert b"Camera of Wang" not in content
    assert last_line(case).data == {"files": [checked.sha256]}


def test_the_same_file_is_there_once(world: World) -> None:
    case = attach(factories.handling(world), world.handler, photo(), photo())
    attach(case, world.operator, photo(), photo(200))
    assert case.attachments.count() == 2


def test_none_and_too_many_are_refused(world: World, settings) -> None:
    settings.ATTACHMENTS_PER_CASE = 2
    case = factories.handling(world)
    with pytest.raises(InvalidInput) as refusal:
        attach(case, world.handler)
    assert "files" in refusal.value.fields
    attach(case, world.handler, photo(1), photo(40))
    with pytest.raises(InvalidInput, match="最多 2 个"):
        attach(case, world.handler, photo(80))
    attach(case, world.handler, photo(40))
    assert case.attachments.count() == 2


def test_a_name_that_cannot_be_kept_is_refused_and_a_long_one_keeps_its_end(world: World) -> None:
    case = factories.handling(world)
    with pytest.raises(InvalidInput):
        actions.attach(case.pk, actor=world.handler, at=AT, files=[("\x00.jpg", photo())])
    actions.attach(case.pk, actor=world.handler, at=AT, files=[("长" * 300 + ".jpg", photo())])
    assert case.attachments.get().name.endswith("长.jpg")


def test_what_the_reporter_sends_the_reporter_may_see_what_staff_send_only_if_they_say_so(
    world: World,
) -> None:
    case = factories.handling(world)
    attach(case, holder_of(case), photo(1))
    attach(case, world.handler, photo(40))
    attach(case, world.handler, photo(80), is_public=True)
    shown = Attachment.objects.readable_by(holder_of(case))
    assert {row.sha256 for row in shown} == {photo(1).sha256, photo(80).sha256}
    assert Attachment.objects.readable_by(world.handler).count() == 3


def test_files_are_read_by_those_who_see_the_case(world: World) -> None:
    case = attach(factories.reported(world), world.worker, photo())
    assert Attachment.objects.readable_by(world.operator).get().case_id == case.pk
    for actor in (world.handler, world.actors[Role.ADMIN], holder_of(factories.reported(world))):
        assert not Attachment.objects.readable_by(actor).exists()


def test_who_may_not_attach_does_not(world: World) -> None:
    case = factories.reported(world)
    with pytest.raises(NotAllowed):
        attach(case, world.actors[Role.AUDITOR], photo())
    with pytest.raises(NotFound):
        attach(case, world.handler, photo())
