"""The pages without a browser: every one draws, and a bad link is reported on each."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from labcore.config.presets import PRESETS
from tests.shared.pages import APP, PATIENCE, app

PAGES = ("start", "design", "distil", "evaluate", "frontier", "runs", "exercise")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_draws_without_runs(page: str) -> None:
    test = app(page)
    assert not test.exception
    assert len(test.title) == 1
    assert not test.error


@pytest.mark.parametrize(
    "text", ["{", '{"steps": [{"kind": "shrink"}]}', '{"teacher": "/etc"}', '{"teacher": "someone/else"}']
)
@pytest.mark.parametrize("page", PAGES)
def test_a_bad_link_is_reported_and_the_lab_goes_on(text: str, page: str) -> None:
    test = app(page, text)
    assert not test.exception
    assert any("could not be opened" in error.value for error in test.error)
    assert test.session_state["spec"] == PRESETS[1].spec


@pytest.mark.parametrize("text", ["{", "7", '[[{"kind": "shrink"}]]', "[7]"])
def test_a_bad_comparison_in_a_link_is_reported(text: str) -> None:
    test = AppTest.from_file(APP, default_timeout=PATIENCE)
    test.query_params["with"] = text
    test.run()
    assert not test.exception
    assert "could not be opened" in test.error[0].value
