"""The lab's sources are read whole, and each paragraph at its line."""

from __future__ import annotations

from pathlib import Path

from benchmarks.sources import files, paragraphs, prose_of


def test_every_folder_is_read() -> None:
    paths = files()
    assert {path.parts[0] for path in paths} == {
        "app.py", "pages", "ui", "labcore", "tests", "benchmarks", "docs", "README.md", "CHANGELOG.md",
    }  # fmt: skip
    assert {path.suffix for path in paths} == {".py", ".md", ".css", ".js"}
    assert len(files((Path("docs"),))) < len(paths)


def test_a_paragraph_knows_its_line() -> None:
    text = "# Title\n\nOne\ntwo\n\n- three\n  four\n- five\n\n| six | 7 |\n|---|---|\n"
    assert [(part.line, part.text) for part in paragraphs(text)] == [
        (1, "# Title"),
        (3, "One\ntwo"),
        (6, "- three\nfour"),
        (8, "- five"),
        (10, " six "),
    ]


def test_comments_side_by_side_are_one_paragraph() -> None:
    source = "# One\n# two\nx = 1  # three\n# four\n\n# five  # noqa: E501\n"
    assert [part.text for part in prose_of(".py", source)] == ["One\ntwo", "three", "four", "five"]
