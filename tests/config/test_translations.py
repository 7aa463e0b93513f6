"""The English interface is whole: what is written in Chinese for people to read has its English, and it fits."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType
from django.utils.translation.template import templatize

import gridloop

SOURCE = Path(gridloop.__file__).parent
CATALOGUE = SOURCE / "locale/en/LC_MESSAGES/django.po"
TEMPLATES = sorted(path for kind in ("html", "txt") for path in SOURCE.glob(f"**/templates/**/*.{kind}"))
MODULES = sorted(SOURCE.rglob("*.py"))
IN_CONTEXT = "\x04"  # as gettext joins a context to the text

CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]")
QUOTED = re.compile(r"“[^”]*”")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
BLOCK = re.compile(r"\{% blocktranslate\b.*?\{% endblocktranslate %\}", re.DOTALL)
TEXT = r"""u?('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
CALL = re.compile(rf"pgettext\({TEXT},\s*{TEXT}|(?:gettext|_)\({TEXT}", re.DOTALL)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)


def entries() -> Iterator[dict[str, str]]:
    """Each entry of the .po by keyword: msgid, msgstr, and where it has them msgctxt, msgstr[0], msgstr[1]."""
    for block in CATALOGUE.read_text().split("\n\n")[1:]:
        parts = re.findall(r'^([a-z_]+(?:\[\d\])?) ((?:".*"\s*)+)', block, re.MULTILINE)
        yield {keyword: ast.literal_eval(f"({text})") for keyword, text in parts}


def written() -> dict[str, list[str]]:
    """The English of each text, one for each number."""
    return {
        IN_CONTEXT.join([*filter(None, [entry.get("msgctxt")]), entry["msgid"]]): [
            text for keyword, text in entry.items() if keyword.startswith("msgstr")
        ]
        for entry in entries()
    }


def pairs() -> list[tuple[str, str]]:
    return [(chinese, english) for chinese, texts in written().items() for english in texts]


def said() -> set[str]:
    return {
        *(text for path in MODULES for text in said_in_python(path)),
        *(text for path in TEMPLATES for text in said_in_a_template(path)),
    }


def said_in_python(path: Path) -> Iterator[str]:
    for call in ast.walk(ast.parse(path.read_text())):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
            name = call.func.id.removesuffix("_lazy")
            if name in {"_", "gettext", "gettext_noop", "ngettext", "pgettext"}:
                words = [word.value for word in call.args if isinstance(word, ast.Constant)]
                if words:  # what a variable holds is said where it is written
                    yield IN_CONTEXT.join(words[: 2 if name == "pgettext" else 1])


def said_in_a_template(path: Path) -> Iterator[str]:
    for words in CALL.findall(templatize(path.read_text())):
        yield IN_CONTEXT.join(ast.literal_eval(word) for word in words if word)


def test_what_is_said_has_its_english_and_nothing_else_has():
    assert said() ^ written().keys() == set(), "please run `make translations` and write the English"


def test_nothing_is_left_open_or_in_doubt():
    assert [chinese for chinese, english in pairs() if not english] == []
    assert not re.search("^#.*fuzzy", CATALOGUE.read_text(), re.MULTILINE)


def test_the_english_has_the_placeholders_of_the_chinese():
    assert [
        pair for pair in pairs() if len({tuple(sorted(PLACEHOLDER.findall(text))) for text in pair}) > 1
    ] == []


def test_no_chinese_is_left_but_words_that_a_file_holds():
    assert [english for _chinese, english in pairs() if CHINESE.search(QUOTED.sub("", english))] == []


def test_a_label_that_something_follows_ends_in_a_colon_and_a_space():
    assert [pair for pair in pairs() if pair[0].endswith("：") and not pair[1].endswith(": ")] == []


def test_the_compiled_catalogue_holds_what_is_written():
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    expected = {
        (chinese if len(texts) == 1 else (chinese, number)): english
        for chinese, texts in written().items()
        for number, english in enumerate(texts)
    }
    assert {chinese: english for chinese, english in compiled.items() if chinese} == expected, (
        "make translations"
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_chinese_of_its_own(path):
    tokens = Lexer(BLOCK.sub("", path.read_text())).tokenize()
    assert [t.contents for t in tokens if t.token_type == TokenType.TEXT and CHINESE.search(t.contents)] == []


def test_scripts_have_no_chinese_of_their_own():
    scripts = [path for path in SOURCE.glob("**/static/**/*.js") if CHINESE.search(path.read_text())]
    assert [path.name for path in scripts if CHINESE.search(COMMENT.sub("", path.read_text()))] == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_what_is_read_when_a_module_is_loaded_waits_for_the_reader(path):
    tree = ast.parse(path.read_text())
    at_once = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if alias.name in {"gettext", "ngettext", "pgettext"}
    }
    assert [
        call.lineno
        for call in when_loaded(tree)
        if isinstance(call.func, ast.Name) and call.func.id in at_once
    ] == []


def when_loaded(node: ast.AST) -> Iterator[ast.Call]:
    """The calls outside of functions."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from [child] if isinstance(child, ast.Call) else []
            yield from when_loaded(child)
