"""Sending a stored file."""

from django.core.files.storage import default_storage
from django.http import FileResponse
from django.utils.translation import gettext as _

from gridloop.base.common.errors import NotFound
from gridloop.base.common.files import storage_name


def stored_file(sha256: str, content_type: str, name: str) -> FileResponse:
    """
    Send a stored file so that the browser neither guesses its type nor runs anything in it; pictures are
    shown, the rest is downloaded as `name`.

    :raises NotFound: the storage has lost it.
    """
    try:
        content = default_storage.open(storage_name(sha256))
    except FileNotFoundError as error:
        raise NotFound(_("这个文件已经找不到了，请联系系统管理员从备份中恢复。")) from error
    is_shown = content_type.startswith("image/")
    response = FileResponse(content, as_attachment=not is_shown, filename=name, content_type=content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=3600"
    return response
