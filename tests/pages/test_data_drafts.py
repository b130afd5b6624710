"""What a reload of the page Data keeps: the file and how it is read; and what it states of an examination."""

from __future__ import annotations

import os
from pathlib import Path

from streamlit.testing.v1 import AppTest

from labcore.data.own.data_store import all_data_sets
from labcore.data.own.draft_store import keep_draft, load_draft
from tests.shared.pages import APP, PATIENCE, all_words
from tests.shared.parcels import own_csv


def reloaded(**query: str) -> AppTest:
    """A new session at an address: what F5 does."""
    test = AppTest.from_file(APP, default_timeout=PATIENCE)
    for name, value in query.items():
        test.query_params[name] = value
    return test.run().switch_page("pages/data.py").run()


def box(test: AppTest, label: str) -> object:
    return next(each for each in test.selectbox if each.label == label).value


def test_a_reload_goes_on_with_the_file_and_its_columns(lab_home: Path) -> None:
    rows = own_csv(120).splitlines()
    content = "\n".join([f"kind;{rows[0]}", *(f"{i % 3};{row}" for i, row in enumerate(rows[1:]))]).encode()
    draft = keep_draft("parcels.csv", content)
    test = reloaded(draft=draft)
    assert not test.exception
    assert "parcels.csv" in all_words(test)
    assert "keeps this file for 24 hours" in all_words(test)
    other = "kind" if box(test, "Label") == "label" else "label"
    next(each for each in test.selectbox if each.label == "Label").set_value(other).run()
    assert test.query_params["draft"] == draft
    columns = load_draft(draft).columns
    assert columns is not None
    assert columns.label == other
    test = reloaded(draft=draft)
    assert box(test, "Label") == other
    next(each for each in test.button if each.label == "Keep this data set").click().run()
    assert not test.exception
    assert "draft" not in test.query_params
    assert os.listdir(lab_home / "data" / "drafts") == []
    assert [kept.name for kept in all_data_sets()] == ["parcels"]


def test_a_file_that_is_kept_no_longer_is_told() -> None:
    test = reloaded(draft="0" * 32)
    assert not test.exception
    assert any("not kept here, or no longer" in each.value for each in test.error)
    assert "draft" not in test.query_params


def test_a_lost_examination_is_told() -> None:
    test = reloaded(data="reviews", examined="1")
    assert not test.exception
    assert any("the examination of a teacher is lost" in each.value for each in test.info)
