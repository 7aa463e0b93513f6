"""What a paper holds, part by part, apart from how it is set."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Align: TypeAlias = Literal["left", "center", "right"]
Cell: TypeAlias = str | int | float | None
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    align: Align = "left"
    is_indented: bool = True
    is_bold: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """`widths` are shares of the line; columns whose cells are all numbers stand to the right."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]
    aligns: tuple[Align, ...]
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    content: bytes
    caption: str
    alt: str
    width_mm: float


@dataclass(frozen=True, slots=True)
class PageBreak:
    pass


Block: TypeAlias = Heading | Paragraph | Facts | Table | Picture | PageBreak


@dataclass
class Document:
    """
    A paper on A4, in the order in which it is read. What is given is text, never mark-up.

    `number` is the paper's own number (文号).
    """

    title: str
    subtitle: str = ""
    number: str = ""
    blocks: list[Block] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.title, self.subtitle, self.number = map(_text, (self.title, self.subtitle, self.number))

    def heading(self, text: str, level: int = 1) -> None:
        """Add a heading of level 1 to 3."""
        if level not in (1, 2, 3):
            raise ValueError(f"a heading has level 1 to 3, not {level}")
        self.blocks.append(Heading(_text(text), level))

    def paragraph(
        self, text: str, *, align: Align = "left", is_indented: bool = True, is_bold: bool = False
    ) -> None:
        """Add a paragraph; each line of `text` becomes one of its own."""
        lines = [line for line in _text(text).splitlines() if line.strip()]
        self.blocks += [Paragraph(line, align, is_indented and align == "left", is_bold) for line in lines]

    def facts(self, pairs: Iterable[tuple[str, Cell]]) -> None:
        """Add a ruled table of labels and values; an empty value is shown as a dash."""
        self.blocks.append(Facts(tuple((_text(label), _text(value) or "—") for label, value in pairs)))

    def table(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[Cell]],
        *,
        widths: Sequence[float] | None = None,
        caption: str = "",
    ) -> None:
        """
        Add a table whose heading is repeated on every page.

        :raises ValueError: a row, or `widths`, has not as many cells as there are columns.
        """
        given = [tuple(row) for row in rows]
        if any(len(row) != len(columns) for row in (*given, widths or columns)):
            raise ValueError(f"each row needs {len(columns)} cells")
        numbers = [_is_number(column) for column in zip(*given, strict=True)] or [False] * len(columns)
        self.blocks.append(
            Table(
                tuple(_text(name) for name in columns),
                tuple(tuple(_text(cell) for cell in row) for row in given),
                tuple(widths or [1.0] * len(columns)),
                tuple("right" if is_number else "left" for is_number in numbers),
                _text(caption),
            )
        )

    def picture(self, content: bytes, *, caption: str = "", alt: str = "", width_mm: float = 150) -> None:
        """Add a PNG or JPEG; `alt` is what it shows, for who cannot see it."""
        self.blocks.append(Picture(content, _text(caption), _text(alt or caption), width_mm))

    def page_break(self) -> None:
        self.blocks.append(PageBreak())

    def sign(self, who: str, when: str) -> None:
        """End with who issues the paper and its date, to the right."""
        self.paragraph(f"{who}\n{when}", align="right")

    def to_docx(self) -> bytes:
        """Return the paper as Word."""
        from gridloop.base.common.documents.word import to_docx

        return to_docx(self)

    def to_pdf(self) -> bytes:
        """
        Return the paper as PDF.

        :raises NoChineseFont: this machine has no Chinese font.
        """
        from gridloop.base.common.documents.pdf import to_pdf

        return to_pdf(self)


def _text(value: Cell) -> str:
    """Return the value as text that XML can hold: Word files break on control characters."""
    text = "" if value is None else str(value)
    return "".join(
        ch
        for ch in text
        if ch in "\n\t" or (ch >= " " and ch not in "\ufffe\uffff" and not "\ud800" <= ch <= "\udfff")
    )


def _is_number(column: Iterable[Cell]) -> bool:
    """Say whether a column holds numbers, dashes and shares alone."""
    cells = [cell for cell in column if cell not in (None, "", "—")]
    return bool(cells) and all(isinstance(cell, int | float) or _reads_as_number(str(cell)) for cell in cells)


def _reads_as_number(text: str) -> bool:
    bare = text.replace(",", "").removesuffix("%").lstrip("+-")
    return bare.replace(".", "", 1).isdecimal() and len(bare) < 12
