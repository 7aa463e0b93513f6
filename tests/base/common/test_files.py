"""Files are known by what they hold, and images keep nothing that the camera wrote."""

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.core.files.storage import default_storage
from PIL import Image, ImageOps, PngImagePlugin

from gridloop.base.common.files import FileBroken, FileTooLarge, FileTypeRefused, inspect, storage_name, store

GPS, ORIENTATION, MAKER = 0x8825, 0x0112, 0x010F
SECRET = b"31.700123N"


def checked(data):
    return inspect(io.BytesIO(data))


def opened(kept):
    return Image.open(io.BytesIO(kept.content))


def picture(kind="JPEG", size=(40, 30), mode="RGB", **options):
    buffer = io.BytesIO()
    Image.new(mode, size, "red" if mode != "1" else 1).save(buffer, kind, **options)
    return buffer.getvalue()


def photo_with_position():
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # turned by a quarter
    exif[MAKER] = "ACME"
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[29] = SECRET.decode()
    return picture(exif=exif, comment=SECRET, xmp=b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>")


def archive(*names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name in names:
            packed.writestr(name, "<xml/>" * 20)
    return buffer.getvalue()


def docx(*more):
    return archive("[Content_Types].xml", "_rels/.rels", "word/document.xml", *more)


class TestImages:
    def test_nothing_that_the_camera_wrote_is_left(self):
        data = photo_with_position()
        assert data.count(SECRET) == 3
        kept = checked(data)
        assert SECRET not in kept.content
        assert b"ACME" not in kept.content
        assert dict(opened(kept).getexif()) == {}

    def test_it_is_turned_upright_before_the_sign_for_it_goes(self):
        kept = checked(photo_with_position())
        assert (kept.width, kept.height) == opened(kept).size == (30, 40)

    def test_the_notes_in_a_png_go_too(self):
        notes = PngImagePlugin.PngInfo()
        notes.add_text("Comment", SECRET.decode())
        kept = checked(picture("PNG", pnginfo=notes))
        assert SECRET not in kept.content
        assert (kept.content_type, kept.extension) == ("image/png", "png")

    def test_what_hangs_on_its_end_is_left_behind(self):
        hidden = archive("evil.exe")
        for data in (picture() + hidden, picture("PNG") + hidden, picture() + b"<script>alert(1)</script>"):
            kept = checked(data)
            assert not zipfile.is_zipfile(io.BytesIO(kept.content))
            assert b"script" not in kept.content

    @pytest.mark.parametrize(
        ("kind", "mode", "becomes"),
        [
            *(("JPEG", mode, "image/jpeg") for mode in ("RGB", "L", "CMYK")),
            *(("PNG", mode, "image/png") for mode in ("RGBA", "P", "LA", "1", "I;16")),
            *(("WEBP", mode, "image/jpeg") for mode in ("RGB", "RGBA")),
            ("BMP", "RGB", "image/jpeg"),
        ],
    )
    def test_every_kind_that_phones_and_screens_make_is_taken(self, kind, mode, becomes):
        image = Image.new(mode, (40, 30))
        buffer = io.BytesIO()
        image.save(buffer, kind)
        kept = checked(buffer.getvalue())
        assert (kept.content_type, opened(kept).size) == (becomes, (40, 30))

    def test_a_transparent_ground_becomes_white_and_not_black(self):
        kept = checked(picture("WEBP", mode="RGBA", size=(20, 20), lossless=True))
        clear = io.BytesIO()
        Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(clear, "WEBP", lossless=True)
        assert min(opened(checked(clear.getvalue())).getpixel((5, 5))) > 250
        assert opened(kept).getpixel((5, 5))[0] > 240

    def test_a_large_one_is_brought_to_2560_pixels_a_side(self):
        kept = checked(picture(size=(5120, 2000)))
        assert (kept.width, kept.height) == (2560, 1000)

    def test_the_same_picture_is_the_same_file(self):
        assert checked(picture()).sha256 == checked(picture()).sha256

    @pytest.mark.parametrize(
        ("kind", "mode", "size"),
        [
            ("JPEG", "L", (10_000, 8_001)),
            ("JPEG", "L", (20_000, 10_000)),
            ("PNG", "1", (8_000, 5_001)),
            ("PNG", "1", (20_000, 10_000)),
        ],
    )
    @pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
    def test_one_of_more_pixels_than_we_can_decode_is_too_large(self, kind, mode, size):
        with pytest.raises(FileTooLarge, match="尺寸太大"):
            checked(picture(kind, size=size, mode=mode))

    def test_pictures_are_decoded_one_after_another_so_that_many_do_not_fill_the_memory(self, monkeypatch):
        at_once = {"now": 0, "most": 0}
        turned = ImageOps.exif_transpose

        def counted(image):
            at_once["now"] += 1
            at_once["most"] = max(at_once["most"], at_once["now"])
            Event().wait(0.02)
            at_once["now"] -= 1
            return turned(image)

        monkeypatch.setattr(ImageOps, "exif_transpose", counted)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(checked, [picture()] * 8))
        assert at_once["most"] == 1

    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
    def test_one_that_ends_too_early_is_broken(self, kind):
        data = picture(kind, size=(400, 300))
        with pytest.raises(FileBroken, match="没有传完整"):
            checked(data[: len(data) // 2])

    @pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1"])
    def test_a_heic_photo_is_refused_with_what_to_do(self, brand):
        data = b"\x00\x00\x00\x1cftyp" + brand + b"\x00\x00\x00\x00" + b"mif1heic" + b"\x00" * 300
        with pytest.raises(FileTypeRefused, match="兼容性最佳"):
            checked(data)


class TestDocuments:
    @pytest.mark.parametrize(
        ("data", "extension"),
        [
            (b"%PDF-1.7\n" + b"x" * 300, "pdf"),
            (docx(), "docx"),
            (archive("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"), "xlsx"),
            (b"ID3\x03" + b"\x00" * 300, "mp3"),
            (b"#!AMR\n" + b"\x00" * 300, "amr"),
            (b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + b"\x00" * 300, "mp4"),
        ],
    )
    def test_it_is_kept_as_it_is(self, data, extension):
        kept = checked(data)
        assert (kept.content, kept.extension, kept.size) == (data, extension, len(data))
        assert (kept.width, kept.height) == (None, None)

    @pytest.mark.parametrize("macro", ["word/vbaProject.bin", "word/VBAPROJECT.BIN"])
    def test_one_with_macros_is_refused(self, macro):
        with pytest.raises(FileTypeRefused, match="宏程序"):
            checked(docx(macro))

    def test_one_that_ends_too_early_is_broken(self):
        with pytest.raises(FileBroken, match="没有传完整"):
            checked(docx()[:-30])


@pytest.mark.parametrize(
    "data",
    [
        b"MZ" + b"\x00" * 300,
        b"\x7fELF" + b"\x00" * 300,
        archive("evil.exe"),
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        b"<!doctype html><script>alert(1)</script>",
        b"GIF89a" + b"\x00" * 300,
        b"just words",
        b"#!/bin/sh\nrm -rf /\n",
        b"Rar!\x1a\x07\x00" + b"\x00" * 300,
    ],
    ids=["exe", "elf", "zip", "svg", "html", "gif", "text", "script", "rar"],
)
def test_what_is_no_photo_document_sound_or_film_is_refused(data):
    with pytest.raises(FileTypeRefused, match="请上传照片"):
        checked(data)


def test_a_file_is_known_by_its_content_whatever_comes_after_it():
    with pytest.raises(FileTypeRefused):
        checked(b"MZ" + picture())
    assert checked(picture() + b"%PDF-1.7").content_type == "image/jpeg"


def test_an_empty_file_and_one_of_too_many_bytes_are_refused(settings):
    with pytest.raises(FileBroken, match="空的"):
        checked(b"")
    settings.ATTACHMENT_MAX_BYTES = 2 << 20
    assert checked(b"%PDF" + b"x" * ((2 << 20) - 4)).size == 2 << 20
    with pytest.raises(FileTooLarge, match="超过 2 MB"):
        checked(b"%PDF" + b"x" * ((2 << 20) - 3))


def test_an_upload_that_was_read_already_is_read_from_its_beginning():
    upload = io.BytesIO(picture())
    upload.read()
    assert inspect(upload).content_type == "image/jpeg"


def test_a_file_is_kept_once_under_its_hash():
    kept = checked(picture())
    names = {store(kept), store(kept)}
    assert names == {storage_name(kept.sha256)} == {f"{kept.sha256[:2]}/{kept.sha256}"}
    with default_storage.open(names.pop()) as file:
        assert file.read() == kept.content
