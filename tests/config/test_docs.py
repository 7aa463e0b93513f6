"""What docs/ says about the code is what the code says."""

import re
from pathlib import Path

from gridloop.config import docs
from gridloop.demo.people import LOGINS, PASSWORD


def test_the_pages_made_from_the_code_are_those_in_the_repository():
    assert docs.outdated(docs.DOCS) == [], "Run `make fix`."


def test_a_page_that_was_changed_or_is_missing_is_named(tmp_path: Path):
    docs.write(tmp_path)
    assert docs.outdated(tmp_path) == []
    page = tmp_path / "workflow.md"
    page.write_text(page.read_text().replace("待受理", "未受理"))
    (tmp_path / "permissions.md").unlink()
    assert docs.outdated(tmp_path) == ["workflow.md", "permissions.md"]


def test_the_readme_names_everybody_who_can_log_in_to_the_demo_and_nobody_else():
    readme = (docs.DOCS.parent / "README.md").read_text()
    assert re.findall(r"^\| `(\w+)` \|", readme, re.MULTILINE) == list(LOGINS)
    assert readme.count(f"`{PASSWORD}`") == 2


def test_a_decision_record_is_short_and_says_what_was_rejected():
    for record in sorted((docs.DOCS / "adr").glob("*.md")):
        text = record.read_text()
        assert len(text.splitlines()) <= 40, record.name
        assert "**Rejected.**" in text, record.name
        assert "**Decided.**" in text, record.name


def test_every_link_between_the_pages_leads_somewhere():
    pages = [docs.DOCS.parent / "README.md", *docs.DOCS.rglob("*.md")]
    links = [
        (page, link) for page in pages for link in re.findall(r"\]\((?!http)([^)#]+)\)", page.read_text())
    ]
    assert [(page.name, link) for page, link in links if not (page.parent / link).exists()] == []
