"""A paper as Word."""

import io
from functools import singledispatch

import docx as python_docx
from docx.document import Document as Docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table as DocxTable
from docx.table import _Cell as DocxCell
from docx.text.paragraph import Paragraph as DocxParagraph

from gridloop.base.common.documents import fonts
from gridloop.base.common.documents.paper import (
    Block,
    Document,
    Facts,
    Heading,
    PageBreak,
    Paragraph,
    Picture,
    Table,
)

# GB/T 9704-2012 §5.2: A4, top 37 mm, binding edge 28 mm, type area 156 × 225 mm.
PAGE_MM = (210, 297)
MARGINS_MM = {"top_margin": 37, "bottom_margin": 35, "left_margin": 28, "right_margin": 26}
LINE_MM = 156
# 二号 22 pt, 三号 16 pt, 四号 14 pt, 五号 10.5 pt; 28 pt between the lines.
TITLE_PT, BODY_PT, FOOT_PT, TABLE_PT, SPACING_PT = 22, 16, 14, 10.5, 28
_ALIGN = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
_HEADINGS = {1: (fonts.HEADING, False), 2: (fonts.SUBHEADING, False), 3: (fonts.BODY, True)}


def to_docx(paper: Document) -> bytes:
    """Return the paper as Word."""
    docx = _blank(paper)
    if paper.number:
        _line(docx, paper.number, size=BODY_PT, align="center")
    docx.add_paragraph(paper.title, style="Title")
    if paper.subtitle:
        _line(docx, paper.subtitle, font=fonts.SUBHEADING, size=BODY_PT, align="center")
    for block in paper.blocks:
        _put(block, docx)
    file = io.BytesIO()
    docx.save(file)
    return file.getvalue()


@singledispatch
def _put(block: Block, docx: Docx) -> None:  # noqa: ARG001
    raise TypeError(f"no way to write a {type(block).__name__}")


@_put.register
def _(block: Heading, docx: Docx) -> None:
    docx.add_heading(block.text, level=block.level)


@_put.register
def _(block: Paragraph, docx: Docx) -> None:
    line = docx.add_paragraph(block.text)
    line.alignment = _ALIGN[block.align]
    if block.is_indented:
        line.paragraph_format.first_line_indent = Pt(2 * BODY_PT)
    for run in line.runs:
        run.bold = block.is_bold


@_put.register
def _(block: Facts, docx: Docx) -> None:
    table = _ruled(docx, 2, (1, 3))
    for label, value in block.pairs:
        name, words = table.add_row().cells
        _fill(name, label, font=fonts.HEADING)
        _fill(words, value)
    _gap(docx)


@_put.register
def _(block: Table, docx: Docx) -> None:
    if block.caption:
        _line(docx, block.caption, font=fonts.HEADING, size=TABLE_PT, align="center")
    table = _ruled(docx, len(block.columns), block.widths)
    head = table.add_row()
    _repeat(head._tr)  # noqa: SLF001  # the library has no other way to it
    for cell, name in zip(head.cells, block.columns, strict=True):
        _fill(cell, name, font=fonts.HEADING, align="center")
    for row in block.rows:
        # A row's cells are looked up once: each look-up walks the table.
        for cell, text, align in zip(table.add_row().cells, row, block.aligns, strict=True):
            _fill(cell, text, align=align)
    _gap(docx)


@_put.register
def _(block: Picture, docx: Docx) -> None:
    line = docx.add_paragraph()
    line.alignment = _ALIGN["center"]
    line.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE  # a fixed height would cut it off
    shape = line.add_run().add_picture(io.BytesIO(block.content), width=Mm(min(block.width_mm, LINE_MM)))
    shape._inline.docPr.set("descr", block.alt)  # noqa: SLF001  # the library has no other way to it
    if block.caption:
        _line(docx, block.caption, font=fonts.HEADING, size=TABLE_PT, align="center")


@_put.register
def _(block: PageBreak, docx: Docx) -> None:  # noqa: ARG001
    docx.add_paragraph().add_run().add_break(WD_BREAK.PAGE)


def _blank(paper: Document) -> Docx:
    docx = python_docx.Document()
    section = docx.sections[0]
    section.page_width, section.page_height = map(Mm, PAGE_MM)
    for name, millimetres in MARGINS_MM.items():
        setattr(section, name, Mm(millimetres))
    docx.core_properties.title = paper.title[:255]
    docx.core_properties.author = docx.core_properties.comments = ""
    docx.core_properties.language = "zh-CN"
    _style(docx, "Normal", fonts.BODY, BODY_PT, spacing=SPACING_PT)
    _style(docx, "Title", fonts.TITLE, TITLE_PT, spacing=36, align="center")
    for level, (font, is_bold) in _HEADINGS.items():
        style = _style(docx, f"Heading {level}", font, BODY_PT, spacing=SPACING_PT, is_bold=is_bold)
        style.paragraph_format.first_line_indent = Pt(2 * BODY_PT)
    _number_pages(section.footer.paragraphs[0])
    return docx


def _style(
    docx: Docx, name: str, font: str, size: float, *, spacing: float, align: str = "", is_bold: bool = False
) -> ParagraphStyle:
    style: ParagraphStyle = docx.styles[name]
    style.font.size, style.font.bold, style.font.italic = Pt(size), is_bold, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    _set_fonts(style.element.get_or_add_rPr(), font)
    form = style.paragraph_format
    form.space_before = form.space_after = Pt(0)
    form.line_spacing = Pt(spacing)
    if align:
        form.alignment = _ALIGN[align]
    borders = style.element.get_or_add_pPr().find(qn("w:pBdr"))
    if borders is not None:  # the library's title is underlined in blue
        borders.getparent().remove(borders)
    return style


def _set_fonts(properties: object, chinese: str) -> None:
    # Word chooses by script: without eastAsia Chinese falls back to whatever the machine prefers.
    fonts_of = properties.get_or_add_rFonts()  # type: ignore[attr-defined]
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts_of.attrib.pop(qn(f"w:{theme}"), None)
    for script, name in {"ascii": fonts.LATIN, "hAnsi": fonts.LATIN, "eastAsia": chinese}.items():
        fonts_of.set(qn(f"w:{script}"), name)


def _line(docx: Docx, text: str, *, font: str = fonts.BODY, size: float, align: str = "left") -> None:
    line = docx.add_paragraph()
    line.alignment = _ALIGN[align]
    _write(line, text, font, size)


def _write(line: DocxParagraph, text: str, font: str, size: float) -> None:
    run = line.add_run(text)
    run.font.size = Pt(size)
    _set_fonts(run._r.get_or_add_rPr(), font)  # noqa: SLF001


def _ruled(docx: Docx, columns: int, widths: tuple[float, ...]) -> DocxTable:
    table = docx.add_table(rows=0, cols=columns, style="Table Grid")
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    whole = sum(widths)
    for column, share in zip(table.columns, widths, strict=True):
        column.width = Mm(LINE_MM * share / whole)
    return table


def _fill(cell: DocxCell, text: str, *, font: str = fonts.BODY, align: str = "left") -> None:
    line = cell.paragraphs[0]
    line.alignment = _ALIGN[align]
    line.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    _write(line, text, font, TABLE_PT)


def _repeat(row: object) -> None:
    mark = OxmlElement("w:tblHeader")
    row.get_or_add_trPr().append(mark)  # type: ignore[attr-defined]


def _gap(docx: Docx) -> None:
    docx.add_paragraph().paragraph_format.line_spacing = Pt(TABLE_PT)


def _number_pages(line: DocxParagraph) -> None:
    """GB/T 9704-2012 §7.5: the number between two dashes, 四号."""
    line.alignment = _ALIGN["center"]
    _write(line, "— ", "宋体", FOOT_PT)
    run = line.add_run()
    run.font.size = Pt(FOOT_PT)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = text
        run._r.append(part)  # noqa: SLF001
    _write(line, " —", "宋体", FOOT_PT)
