"""The journal of a tour: plain data that survives a reload, and bad files that open no tour."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcore.config.spec import SpecError
from labcore.config.tour_students import STUDENT
from labcore.guide.tour import STOPS
from labcore.guide.tour.journal import Journal
from labcore.runs.entry_table import Entry
from labcore.runs.journals import load_journal, save_journal
from labcore.runs.store import Store

ID = "0123456789abcdef"
NAMES = st.sampled_from([stop.name for stop in STOPS])


@given(
    st.dictionaries(NAMES, st.integers(0, 3)),
    st.dictionaries(NAMES, st.lists(st.floats(0, 1), max_size=4).map(tuple)),
    st.booleans(),
)
def test_a_journal_comes_back_as_it_was(
    guesses: dict[str, int], numbers: dict[str, tuple[float, ...]], own: bool
) -> None:
    journal = Journal(
        id=ID,
        student=STUDENT if own else None,
        guesses=guesses,
        begun=tuple(guesses),
        numbers=numbers,
        questions={"a": 1},
    )
    assert Journal.from_dict(json.loads(json.dumps(journal.to_dict()))) == journal


def test_a_guess_stays_once_its_result_is_known() -> None:
    journal = Journal(id=ID).guessed("teacher", 0).guessed("teacher", 1)
    assert journal.guesses == {"teacher": 1}
    done = journal.measured("teacher", (0.84,))
    assert done.guessed("teacher", 2) == done
    assert done.began("distil").began("distil").begun == ("distil",)


def test_a_journal_is_kept_whole_or_not_there(store: Store) -> None:
    journal = Journal(id=ID, student=STUDENT).guessed("teacher", 2)
    assert load_journal(ID, store) is None
    save_journal(journal, store)
    assert load_journal(ID, store) == journal
    store.journals.write(ID, Entry("{"))
    assert load_journal(ID, store) is None


@pytest.mark.parametrize("text", ["../runs", "", "x", ID.upper(), f"{ID}0", "../../etc/passwd"])
def test_an_id_of_another_form_opens_nothing(text: str, store: Store) -> None:
    assert load_journal(text, store) is None
    with pytest.raises(SpecError, match="16 hexadecimal digits"):
        Journal(id=text)


@pytest.mark.parametrize(
    "change",
    [
        {"guesses": []},
        {"guesses": {"teacher": "two"}},
        {"numbers": {"teacher": ["high"]}},
        {"numbers": 3},
        {"begun": "teacher"},
        {"id": 7},
        {"student": {"steps": 3}},
        {"more": 1},
    ],
)
def test_bad_data_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(SpecError):
        Journal.from_dict(Journal(id=ID).to_dict() | change)
