"""What docs/ says about the code is what the code says."""

from pathlib import Path

from gridloop.config import docs


def test_the_pages_made_from_the_code_are_those_in_the_repository():
    assert docs.outdated(docs.DOCS) == [], "Run `make fix`."


def test_a_page_that_was_changed_or_is_missing_is_named(tmp_path: Path):
    docs.write(tmp_path)
    assert docs.outdated(tmp_path) == []
    page = tmp_path / "workflow.md"
    page.write_text(page.read_text().replace("待受理", "未受理"))
    (tmp_path / "permissions.md").unlink()
    assert docs.outdated(tmp_path) == ["workflow.md", "permissions.md"]
