"""
Photos of a form that is not sent yet. They were checked and stored as they came; the form carries signed
tokens, so that an error elsewhere in the form never loses a photo that took a minute to upload. Those of a
form that is never sent are dropped by `tasks`, some time after the last token for them has run out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, Any
from uuid import UUID

from django.core import signing
from django.core.files.storage import default_storage
from django.utils import timezone
from django.utils.translation import gettext as _

from gridloop.base.common.errors import NotFound
from gridloop.base.common.files import IMAGES, Checked, FileTypeRefused, inspect, storage_name, store
from gridloop.faces.portal.actions import note_photo

SALT = "portal-photo"
MOST_PHOTOS = 6
MOST_S = 24 * 3600
NAME_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Photo:
    """One stored photo; `token` brings it back for the form of the same key."""

    name: str
    checked: Checked
    token: str


def keep(upload: IO[bytes], name: str, key: UUID) -> Photo:
    """
    Check one photo by its content and store it.

    :raises InvalidInput: it is no photo, too large, or cannot be read.
    """
    checked = inspect(upload)
    if checked.content_type not in IMAGES:
        raise FileTypeRefused(_("这里只收照片。其他文件可以交给工作人员。"))
    photo = _photo(name[-NAME_LENGTH:], checked, key)
    store(checked)
    return photo


def again(photo: Photo, key: UUID) -> Photo:
    """Return the same photo for a form of another key."""
    return _photo(photo.name, photo.checked, key)


def recall(token: str, key: UUID | None = None) -> Photo:
    """
    Return a photo that was kept earlier.

    :param key: the form's key, where the photo is to become part of its report.
    :raises NotFound: the token was altered, is a day old, or belongs to another form.
    """
    try:
        form_key, sha256, content_type, extension, name = signing.loads(token, salt=SALT, max_age=MOST_S)
    except (signing.BadSignature, ValueError) as error:
        raise NotFound(_("照片已失效，请重新选择。")) from error
    if key is not None and form_key != str(key):
        raise NotFound(_("照片已失效，请重新选择。"))
    try:
        with default_storage.open(storage_name(sha256)) as file:
            return Photo(name, Checked(file.read(), content_type, extension, sha256), token)
    except FileNotFoundError as error:
        raise NotFound(_("照片已失效，请重新选择。")) from error


def as_files(photos: Iterable[Photo]) -> list[tuple[str, Checked]]:
    """Return the photos as the case's verb `attach` takes them, each once."""
    return [(photo.name, photo.checked) for photo in {p.checked.sha256: p for p in photos}.values()]


def uploads(value: Any) -> list[Any]:
    """Return what a file input sent as a list, whether it was one file or several."""
    return list(value) if isinstance(value, list | tuple) else [value] if value else []


def _photo(name: str, checked: Checked, key: UUID) -> Photo:
    # Each token gives the photo another day. Before it is stored, so that none lies there unnoted.
    note_photo(checked.sha256, at=timezone.now())
    facts = [str(key), checked.sha256, checked.content_type, checked.extension, name]
    return Photo(name, checked, signing.dumps(facts, salt=SALT))
