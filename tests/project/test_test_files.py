"""The tests' own order: no test imports a test, and no test waits for a fixed time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shared.source_files import ROOT, imports_of

TESTS = sorted((ROOT / "tests").rglob("test_*.py"))


@pytest.mark.parametrize("file", sorted((ROOT / "tests").rglob("*.py")), ids=lambda file: str(file.relative_to(ROOT)))
def test_no_test_file_is_imported(file: Path) -> None:
    assert [name for name in imports_of(file) if name.startswith("tests.") and ".test_" in name] == []


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.stem)
def test_no_fixed_wait(file: Path) -> None:
    """Only a loop that ends with its condition may sleep; such loops lie in `tests/shared`."""
    text = file.read_text(encoding="utf-8")
    waits = ["wait_for_" + "timeout(", "time." + "sleep("]
    assert [wait for wait in waits if wait in text] == []


def test_each_test_file_is_in_the_folder_of_its_subject() -> None:
    assert [file.name for file in TESTS if file.parent == ROOT / "tests"] == []
    assert len({file.name for file in TESTS}) == len(TESTS)
