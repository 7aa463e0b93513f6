"""How much one request may bring."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class BoundedUploadHandler(FileUploadHandler):
    """Refuses what is longer than `settings.UPLOAD_MAX_BYTES` before a byte of it is written to the disk."""

    def handle_raw_input(self, _input: Any, _meta: Any, content_length: int, *_rest: Any) -> None:
        """:raises RequestDataTooBig: all files and fields together have more bytes."""
        if content_length > settings.UPLOAD_MAX_BYTES:
            raise RequestDataTooBig("more bytes than settings.UPLOAD_MAX_BYTES")

    def receive_data_chunk(self, raw_data: bytes, _start: int) -> bytes:
        """Hand every chunk on to the handlers that keep it."""
        return raw_data

    def file_complete(self, _size: int) -> None:
        """Leave the file to the handler that kept it."""
