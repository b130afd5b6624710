"""Files on their way to a data set: kept for a while, a few of them, and none by a path."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from labcore.config.spec import SpecError
from labcore.data.own.columns import Columns
from labcore.data.own.data_store import all_data_sets
from labcore.data.own.draft_store import KeptDraft, keep_draft, load_draft, note_choice, remove_draft
from labcore.data.own.file_format import FileFormat
from labcore.data.own.limits import KEPT_DRAFT_HOURS, KEPT_DRAFTS

READ = FileFormat("csv", encoding="cp1252", delimiter=";")
COLUMNS = Columns("text", "label")


def test_a_draft_comes_back_as_it_was_read() -> None:
    kept = keep_draft("a.csv", b"text;label\n")
    assert keep_draft("a.csv", b"text;label\n") == kept
    assert load_draft(kept) == KeptDraft("a.csv", b"text;label\n")
    note_choice(kept, "a.csv", READ, COLUMNS)
    assert load_draft(kept) == KeptDraft("a.csv", b"text;label\n", READ, COLUMNS)
    assert all_data_sets() == []
    remove_draft(kept)
    note_choice(kept, "a.csv", READ, COLUMNS)  # another page removed it
    with pytest.raises(SpecError, match="not kept here, or no longer"):
        load_draft(kept)


def test_the_oldest_make_room(lab_home: Path) -> None:
    now, drafts = time.time(), lab_home / "data" / "drafts"
    kept = []
    for number in range(KEPT_DRAFTS + 3):
        kept.append(keep_draft("a.csv", b"%d" % number))
        os.utime(drafts / kept[-1], (now - 1000 + number, now - 1000 + number))
    assert sorted(os.listdir(drafts)) == sorted(kept[3:])
    old = now - KEPT_DRAFT_HOURS * 3600 - 1
    os.utime(drafts / kept[-1], (old, old))
    with pytest.raises(SpecError, match="no longer"):
        load_draft(kept[-1])
    assert load_draft(kept[-2]).content


@pytest.mark.parametrize("name", ["", "..", "../../etc", "0" * 31, "A" * 32, "0" * 32])
def test_an_address_names_no_path(name: str) -> None:
    with pytest.raises(SpecError, match="not kept here"):
        load_draft(name)
    remove_draft(name)
    note_choice(name, "a", READ, COLUMNS)


@pytest.mark.parametrize(
    "content", ["[]", "{}", "{", '{"name": "x", "file_format": {"kind": "exe"}}', '{"name": "x", "columns": 3}']
)
def test_a_damaged_draft_is_one_line(content: str, lab_home: Path) -> None:
    kept = keep_draft("a.csv", b"text")
    (lab_home / "data" / "drafts" / kept / "draft.json").write_text(content)
    with pytest.raises(SpecError) as caught:
        load_draft(kept)
    assert "\n" not in f"{caught.value}"
