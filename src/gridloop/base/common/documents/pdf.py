"""A paper as PDF, set by typst from a template; text reaches it as data and can carry no mark-up."""

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import typst

from gridloop.base.common.documents.fonts import needed_fonts
from gridloop.base.common.documents.paper import Block, Document, Picture

TEMPLATE = Path(__file__).parent / "data" / "paper.typ"
_JPEG = b"\xff\xd8\xff"


def to_pdf(paper: Document) -> bytes:
    """
    Return the paper as PDF.

    :raises NoChineseFont: this machine has no Chinese font.
    """
    fonts = needed_fonts()
    with TemporaryDirectory() as name:
        folder = Path(name)
        content = {
            "title": paper.title,
            "subtitle": paper.subtitle,
            "number": paper.number,
            "fonts": fonts,
            "blocks": [_plain(block, folder, n) for n, block in enumerate(paper.blocks)],
        }
        (folder / "paper.json").write_bytes(orjson.dumps(content))
        (folder / "paper.typ").write_text(TEMPLATE.read_text())
        made = typst.compile(str(folder / "paper.typ"), root=name, format="pdf")
    if not isinstance(made, bytes):
        raise TypeError("typst was asked for one file")
    return made


def _plain(block: Block, folder: Path, number: int) -> dict[str, Any]:
    kind = type(block).__name__
    if isinstance(block, Picture):
        # Laid beside the template: JSON holds no bytes.
        name = f"{number}.{'jpg' if block.content.startswith(_JPEG) else 'png'}"
        (folder / name).write_bytes(block.content)
        return {
            "kind": kind,
            "file": name,
            "caption": block.caption,
            "alt": block.alt,
            "width_mm": block.width_mm,
        }
    return {"kind": kind, **asdict(block)}
