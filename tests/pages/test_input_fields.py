"""Text fields: a text that is too long is refused with an error, typed or pasted, and no old result stays beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from labcore.config.spec import Spec, SpecError
from labcore.results.evaluation import MAX_CHARACTERS, MAX_WORD
from labcore.results.run import Run
from labcore.runs.predict import predict_text
from labcore.runs.shortcut_test import checked
from labcore.runs.store import Store
from tests.shared.pages import PATIENCE
from tests.shared.source_files import ROOT


def test_no_field_has_a_limit_of_streamlits_own() -> None:
    files = [ROOT / "app.py", *(ROOT / "ui").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]
    assert not [file for file in files if "max_" + "chars" in file.read_text(encoding="utf-8")]


def fields(kind: str) -> AppTest:
    """A page with one field of at most ten characters, and what it holds."""

    def typed_page() -> None:
        import streamlit as st

        from ui.shell.bound import typed

        st.text(f"holds {typed(st.text_input, 'Some text', 10, key='field')!r}")

    def bound_page() -> None:
        import streamlit as st

        from ui.shell.bound import bound

        st.session_state.setdefault("kept", "old")
        bound(
            st.text_area,
            "field",
            st.session_state.kept,
            lambda text: text,
            put=lambda text: st.session_state.update(kept=text),
            most=10,
            label="Some text",
        )
        st.text(f"holds {st.session_state.kept!r}")

    return AppTest.from_function({"typed": typed_page, "bound": bound_page}[kind], default_timeout=PATIENCE).run()


@pytest.mark.parametrize(("kind", "left"), [("typed", "None"), ("bound", "'a good one'")])
def test_a_text_that_is_too_long_is_refused_with_both_numbers(kind: str, left: str) -> None:
    test = fields(kind)

    def field() -> Any:
        return (test.text_area if kind == "bound" else test.text_input)(key="field")

    field().set_value("a good one").run()
    assert not test.error
    assert test.text[0].value == "holds 'a good one'"
    field().set_value("x" * 1234).run()
    assert "This text has 1,234 characters; give at most 10." in test.error[0].value
    assert test.text[0].value == f"holds {left}"
    assert field().value == "x" * 1234  # it stays, so that it can be shortened
    test.run()
    assert test.error
    field().set_value("shorter").run()
    assert not test.error
    assert test.text[0].value == "holds 'shorter'"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("\ud800", "half a character"),
        ("a \udfff b", "half a character"),
        ("x" * (MAX_CHARACTERS + 1), "give at most 5,000"),
        (3, "give text"),
    ],
)
def test_what_can_not_be_read_is_refused_before_anything_is_loaded(text: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=words):
        predict_text(Run(id="x", spec=Spec(), status="finished", created="2026"), text, Store(tmp_path))


@pytest.mark.parametrize(
    ("word", "words"),
    [("\ud800", "half a character"), ("w" * (MAX_WORD + 1), f"41 characters; give at most {MAX_WORD}")],
)
def test_a_word_that_can_not_be_tested_is_refused(word: str, words: str) -> None:
    with pytest.raises(SpecError, match=words):
        checked(word)
    assert checked("w" * MAX_WORD) == "w" * MAX_WORD
