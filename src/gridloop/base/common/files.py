"""
Files that people send: known by their content, images made anew without what the camera wrote into them.

A file is kept once, under the SHA-256 of what is kept. Storing comes before the row that names it, so that a
crash between the two leaves a file that nobody names and never a row that names nothing.
"""

import hashlib
import io
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import IO
from zipfile import BadZipFile, ZipFile

import filetype
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from gridloop.base.common.errors import InvalidInput

LONGEST_SIDE = 2560
MOST_PIXELS = 80_000_000
MOST_PIXELS_WHOLE = 40_000_000  # of a kind that can only be decoded at its full size
JPEG_QUALITY = 85
# A picture of few bytes may take hundreds of megabytes to decode: so many at once, the others wait.
_DECODERS = BoundedSemaphore(1)

IMAGES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "JPEG", "image/bmp": "JPEG"}
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})
OFFICE = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "pptx",
}
AS_THEY_ARE = {
    "application/pdf": "pdf",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/amr": "amr",
    "audio/x-wav": "wav",
    **OFFICE,
}
EXTENSIONS = {"JPEG": ("jpg", "image/jpeg"), "PNG": ("png", "image/png")}
KINDS = frozenset({*AS_THEY_ARE, *(kind for _extension, kind in EXTENSIONS.values())})  # of what is kept


class FileTooLarge(InvalidInput):
    """The file has more bytes than the town allows."""

    code = "file-too-large"


class FileTypeRefused(InvalidInput):
    """What the file holds is not one of the kinds that are taken, whatever its name says."""

    code = "file-type-refused"


class FileBroken(InvalidInput):
    """The file says what it is, but cannot be read to its end."""

    code = "file-broken"


@dataclass(frozen=True, slots=True)
class Checked:
    """A file as it will be kept. `width` and `height` are pixels, None where it is no image."""

    content: bytes
    content_type: str
    extension: str
    sha256: str
    width: int | None = None
    height: int | None = None

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)


def inspect(upload: IO[bytes]) -> Checked:
    """
    Tell what `upload` is by its content, and make it ready to be kept.

    An image is turned upright, brought to at most 2560 pixels a side and encoded anew, which leaves behind
    EXIF with its position and camera and whatever was hung on its end.

    :raises FileTooLarge: more bytes than `settings.ATTACHMENT_MAX_BYTES`, or more pixels than 80 million
        (40 million of a picture that is no JPEG).
    :raises FileTypeRefused: no image, document, sound or film of a kind that is taken, or one with macros.
    :raises FileBroken: it ends too early or cannot be decoded.
    """
    upload.seek(0)
    content = upload.read(settings.ATTACHMENT_MAX_BYTES + 1)
    if len(content) > settings.ATTACHMENT_MAX_BYTES:
        raise FileTooLarge(
            _("文件超过 %(most)s MB，请压缩后再上传。") % {"most": settings.ATTACHMENT_MAX_BYTES >> 20}
        )
    if not content:
        raise FileBroken(_("文件是空的，请重新选择。"))
    kind = filetype.guess_mime(content) or ""  # type: ignore[no-untyped-call]
    if kind in IMAGES:
        return _image(content, IMAGES[kind])
    if content[4:8] == b"ftyp" and content[8:12] in HEIC_BRANDS:
        raise FileTypeRefused(_("暂不支持 HEIC 照片，请在手机相机设置里选“兼容性最佳”，或截图后上传。"))
    if kind not in AS_THEY_ARE:
        raise FileTypeRefused(_("不支持这种文件。请上传照片、PDF、Word、Excel、录音或短视频。"))
    if kind in OFFICE:
        _refuse_macros(content)
    return _checked(content, kind, AS_THEY_ARE[kind])


def store(checked: Checked) -> str:
    """Keep the content under its hash unless it is there already, and return its name in the storage."""
    name = storage_name(checked.sha256)
    if not default_storage.exists(name):
        default_storage.save(name, ContentFile(checked.content))
    return name


def storage_name(sha256: str) -> str:
    """Return where the file with this hash lies in the storage."""
    return f"{sha256[:2]}/{sha256}"


def _checked(
    content: bytes, content_type: str, extension: str, size: tuple[int, int] | None = None
) -> Checked:
    sha256 = hashlib.sha256(content).hexdigest()
    width, height = size or (None, None)
    return Checked(content, content_type, extension, sha256, width, height)


def _image(content: bytes, encoding: str) -> Checked:
    try:
        with _DECODERS, Image.open(io.BytesIO(content)) as image:
            most = MOST_PIXELS if image.format == "JPEG" else MOST_PIXELS_WHOLE
            if image.width * image.height > most:
                raise FileTooLarge(_("照片尺寸太大，请缩小后再上传。"))
            # Made small before it is turned: a JPEG is then never decoded at its full size.
            image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
            upright = ImageOps.exif_transpose(image)
    except Image.DecompressionBombError as error:
        raise FileTooLarge(_("照片尺寸太大，请缩小后再上传。")) from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise FileBroken(_("照片打不开，可能没有传完整，请重新拍照或选择。")) from error
    upright.info = {
        k: v for k, v in upright.info.items() if k == "transparency"
    }  # Pillow writes comments again
    encoded = io.BytesIO()
    if encoding == "JPEG":
        _on_white(upright).save(encoded, "JPEG", quality=JPEG_QUALITY, optimize=True, progressive=True)
    else:
        clean = upright if upright.mode in ("L", "RGB", "RGBA") else upright.convert("RGBA")
        clean.save(encoded, "PNG", optimize=True)
    extension, content_type = EXTENSIONS[encoding]
    return _checked(encoded.getvalue(), content_type, extension, upright.size)


def _on_white(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        seen = image.convert("RGBA")
        ground = Image.new("RGBA", seen.size, "white")
        return Image.alpha_composite(ground, seen).convert("RGB")
    return image.convert("RGB")


def _refuse_macros(content: bytes) -> None:
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except BadZipFile as error:
        raise FileBroken(_("文档打不开，可能没有传完整，请重新选择。")) from error
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise FileTypeRefused(_("文档里有宏程序，请另存为不带宏的格式后上传。"))
