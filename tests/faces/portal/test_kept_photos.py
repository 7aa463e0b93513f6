"""How long the photos of a form stay that is never sent."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.utils import timezone

from gridloop.base.common.files import inspect, storage_name, store
from gridloop.core.cases import actions as cases
from gridloop.core.cases.models import Attachment
from gridloop.faces.portal import actions, photos, tasks
from gridloop.faces.portal.models import KeptPhoto
from tests.core.cases import factories
from tests.core.cases.factories import AT, World
from tests.faces.portal.conftest import photo

Send = Callable[..., Any]
pytestmark = pytest.mark.django_db


def kept_unsent(send: Send, colour: str) -> Any:
    """Send a form that is not complete, with one photo, and return the photo that was kept."""
    return send(description="", photos=[photo(colour)]).context["form"].kept[0]


def lies_there(sha256: str) -> bool:
    return default_storage.exists(storage_name(sha256))


def age(sha256: str, days: float) -> None:
    KeptPhoto.objects.filter(pk=sha256).update(kept_at=timezone.now() - timedelta(days=days))


def night() -> None:
    tasks.drop_old_photos(timestamp=0)


def test_a_photo_that_was_never_sent_goes_after_two_days(world: World, send: Send, resident: Client):
    kept = kept_unsent(send, "orange")
    age(kept.checked.sha256, 1.9)
    night()
    assert lies_there(kept.checked.sha256)
    age(kept.checked.sha256, 2.1)
    night()
    assert not lies_there(kept.checked.sha256)
    assert not KeptPhoto.objects.exists()
    assert resident.get(f"/report/photos/{kept.token}/").status_code == 404


def test_a_photo_that_was_sent_stays_and_is_no_longer_watched(world: World, send: Send):
    send(photos=[photo("purple")])
    sha256 = Attachment.objects.get().sha256
    age(sha256, 3)
    night()
    assert lies_there(sha256)
    assert not KeptPhoto.objects.exists()


def test_a_photo_that_came_again_meanwhile_stays(world: World, send: Send):
    first = kept_unsent(send, "olive").checked.sha256
    age(first, 3)
    assert kept_unsent(send, "olive").checked.sha256 == first
    night()
    assert lies_there(first)
    assert KeptPhoto.objects.count() == 1


def test_so_does_one_whose_form_was_given_another_day(world: World, send: Send):
    form = send(description="", photos=[photo("navy")]).context["form"]
    sha256 = form.kept[0].checked.sha256
    age(sha256, 3)
    form.renew()
    night()
    assert lies_there(sha256)


def test_the_same_photo_in_another_case_stays(world: World, send: Send):
    case = factories.reported(world)
    checked = inspect(photo("teal"))
    store(checked)
    cases.attach(case.pk, actor=world.worker, at=AT, files=[("现场.png", checked)])
    assert kept_unsent(send, "teal").checked.sha256 == checked.sha256
    age(checked.sha256, 3)
    night()
    assert lies_there(checked.sha256)


def test_a_second_night_finds_nothing_to_do(world: World, send: Send):
    age(kept_unsent(send, "maroon").checked.sha256, 3)
    before = timezone.now() - timedelta(days=2)
    assert [actions.drop_unsent_photos(before=before) for _night in range(2)] == [1, 0]


def test_a_crash_after_the_file_is_gone_leaves_the_row_for_the_next_night(
    world: World, send: Send, monkeypatch: pytest.MonkeyPatch
):
    sha256 = kept_unsent(send, "salmon").checked.sha256
    age(sha256, 3)
    delete = default_storage.delete

    def crash(name: str) -> None:
        delete(name)
        raise OSError("the power is out")

    with monkeypatch.context() as broken:
        broken.setattr(default_storage, "delete", crash)
        with pytest.raises(OSError, match="power"):
            night()
    assert (lies_there(sha256), KeptPhoto.objects.count()) == (False, 1)
    night()
    assert not KeptPhoto.objects.exists()


def test_more_than_a_turn_takes_go_the_same_night(
    world: World, send: Send, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
):
    for module in (actions, tasks):
        monkeypatch.setattr(module, "PHOTOS_AT_ONCE", 2)
    shas = [kept_unsent(send, colour).checked.sha256 for colour in ("gold", "plum", "tan")]
    for sha256 in shas:
        age(sha256, 3)
    with django_assert_max_num_queries(2 * 5):
        night()
    assert [lies_there(sha256) for sha256 in shas] == [False] * 3


@pytest.mark.django_db(transaction=True)
def test_a_photo_that_comes_while_it_is_being_dropped_waits_and_is_stored_anew(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
):
    checked = inspect(photo("indigo"))
    actions.note_photo(checked.sha256, at=timezone.now() - timedelta(days=3))
    store(checked)
    delete, started = default_storage.delete, Event()

    def slowly(name: str) -> None:
        delete(name)
        started.set()
        # The other one must not get through before this one is at its end.
        assert not kept.wait(0.5)

    kept = Event()

    def keep_again() -> None:
        started.wait(10)
        photos.keep(photo("indigo"), "x.png", uuid4())
        kept.set()
        connection.close()

    monkeypatch.setattr(default_storage, "delete", slowly)
    other = Thread(target=keep_again)
    other.start()
    night()
    other.join(20)
    assert kept.is_set()
    assert lies_there(checked.sha256)
    assert KeptPhoto.objects.filter(pk=checked.sha256).exists()
