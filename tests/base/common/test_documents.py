"""Papers: written once, read back from what a person would open."""

import io
import re

import docx
import pytest
from docx.oxml.ns import qn
from PIL import Image

from gridloop.base.common.documents import Document, NoChineseFont, chinese_fonts, fonts


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (60, 30), "white").save(file, "PNG")
    return file.getvalue()


def paper() -> Document:
    made = Document("城市运行日报", subtitle="2026年11月24日", number="城运〔2026〕3号")
    made.heading("一、总体情况")
    made.paragraph("受理 35 件。\n\n其中 <b>紧急</b> #2 件 *$x$*。")
    made.facts([("承办单位", "城管办"), ("期限", None)])
    made.table(["单位", "件数"], [["城管办", 12], ["派出所", "—"]], widths=[3, 1], caption="表1")
    made.picture(picture(), caption="图1 趋势", alt="三十天里上报在增加")
    made.sign("云汀镇城市运行指挥中心", "2026年11月24日")
    return made


def read(made: Document):
    return docx.Document(io.BytesIO(made.to_docx()))


def test_word_reads_back_what_was_written_in_its_order():
    lines = [p.text for p in read(paper()).paragraphs if p.text]
    assert lines == [
        "城运〔2026〕3号",
        "城市运行日报",
        "2026年11月24日",
        "一、总体情况",
        "受理 35 件。",
        "其中 <b>紧急</b> #2 件 *$x$*。",
        "表1",
        "图1 趋势",
        "云汀镇城市运行指挥中心",
        "2026年11月24日",
    ]


def test_tables_read_back_cell_by_cell_and_their_heading_is_repeated():
    facts, table = read(paper()).tables
    assert [[c.text for c in row.cells] for row in facts.rows] == [["承办单位", "城管办"], ["期限", "—"]]
    assert [[c.text for c in row.cells] for row in table.rows] == [
        ["单位", "件数"],
        ["城管办", "12"],
        ["派出所", "—"],
    ]
    assert [row._tr.find(f".//{qn('w:tblHeader')}") is not None for row in table.rows] == [True, False, False]


def test_numbers_stand_to_the_right_and_words_to_the_left():
    _facts, table = read(paper()).tables
    assert [cell.paragraphs[0].alignment.name for cell in table.rows[1].cells] == ["LEFT", "RIGHT"]


def test_the_page_is_that_of_an_official_paper():
    section = read(paper()).sections[0]
    page = section.page_width, section.page_height
    margins = section.top_margin, section.bottom_margin, section.left_margin, section.right_margin
    assert [round(length.mm) for length in page] == [210, 297]
    assert [round(length.mm) for length in margins] == [37, 35, 28, 26]
    assert "PAGE" in section.footer._element.xml


def test_every_style_names_its_chinese_font():
    styles = read(paper()).styles
    named = {
        name: styles[name].element.rPr.rFonts.get(qn("w:eastAsia"))
        for name in ("Title", "Normal", "Heading 1", "Heading 2")
    }
    assert named == {
        "Title": "方正小标宋简体",
        "Normal": "仿宋_GB2312",
        "Heading 1": "黑体",
        "Heading 2": "楷体_GB2312",
    }


def test_a_picture_is_kept_whole_and_says_what_it_shows():
    word = read(paper())
    (shape,) = word.inline_shapes
    assert shape._inline.docPr.get("descr") == "三十天里上报在增加"
    kept = next(part.blob for part in word.part.package.iter_parts() if "image" in str(part.partname))
    assert kept == picture()


def test_what_no_file_can_hold_is_left_out():
    made = Document("标题\x00")
    made.paragraph("有\x0b控制\ud800字符")
    assert [p.text for p in read(made).paragraphs] == ["标题", "有控制字符"]
    assert made.to_pdf().startswith(b"%PDF")


def test_a_row_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="2 cells"):
        Document("x").table(["单位", "件数"], [["城管办"]])


def test_the_pdf_has_as_many_pages_as_it_needs():
    made = paper()
    made.page_break()
    made.table(["单位", "件数"], [["城管办", n] for n in range(60)])
    assert pages(paper().to_pdf()) == 1
    assert pages(made.to_pdf()) == 3


def test_without_a_chinese_font_the_pdf_is_refused_and_word_is_not(monkeypatch):
    chinese_fonts.cache_clear()
    monkeypatch.setattr(fonts.typst, "Fonts", lambda: NoFonts)
    try:
        with pytest.raises(NoChineseFont, match="fonts-noto-cjk") as refused:
            paper().to_pdf()
        assert refused.value.status == 503
        assert read(paper()).tables
    finally:
        chinese_fonts.cache_clear()


class NoFonts:
    @staticmethod
    def families() -> list[str]:
        return ["Libertinus Serif"]


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf))
