"""Sending a stored file."""

from django.core.files.storage import default_storage
from django.http import FileResponse

from gridloop.base.common.files import storage_name
from gridloop.core.cases.models import Attachment


def file_response(row: Attachment) -> FileResponse:
    """Send a stored file so that the browser neither guesses its type nor runs anything in it."""
    is_shown = row.content_type.startswith("image/")
    response = FileResponse(
        default_storage.open(storage_name(row.sha256)),
        as_attachment=not is_shown,
        filename=row.name,
        content_type=row.content_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=3600"
    return response
