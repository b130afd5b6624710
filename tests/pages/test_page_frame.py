"""The frame of a page: its title and first line, its address however it ends, and the addresses of older labs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from labcore.config.assignment import Assignment
from labcore.config.spec import Spec
from labcore.config.steps import Factorise, KeepLayers
from labcore.evaluate import reference
from labcore.guide.pages import PAGES, PageInfo
from tests.shared.pages import APP, PATIENCE, app

SHORT = '{"steps": [{"kind": "prune", "sparsity": 0.5}]}'  # a link with few fields
SPEC = Spec(steps=(KeepLayers(count=2), Factorise(8)))
[EVALUATE] = [page for page in PAGES if page.name == "evaluate"]
[OLD_NAME] = EVALUATE.old_names


@pytest.fixture(autouse=True)
def fresh_queue() -> Iterator[None]:
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_begins_with_its_title_and_first_line(page: PageInfo) -> None:
    test = app(page.name)
    assert not test.exception
    assert [title.value for title in test.title] == [page.title]
    assert page.purpose in [element.value for element in test.markdown]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_writes_its_address_also_if_it_ends_early(
    page: PageInfo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(reference, "FOLDER", tmp_path)  # without runs and reference results most pages end early
    test = app(page.name, SHORT)
    assert not test.exception
    assert test.query_params["spec"] == Spec.from_json(SHORT).to_json()  # with every field


def test_an_old_assignment_opens_the_page_by_its_new_name() -> None:
    assignment = Assignment(
        spec=SPEC, title="How small?", text="Who is wrong?", page=OLD_NAME, locked=(), hidden=(), large=False
    )
    test = AppTest.from_file(APP, default_timeout=PATIENCE)
    test.query_params["lesson"] = assignment.to_json()
    test.run()
    assert not test.exception
    assert not test.error
    assert test.title[0].value == EVALUATE.title
    assert test.text[0].value == "How small?"
    test.switch_page("pages/design.py").run()
    assert Assignment.from_json(str(test.query_params["lesson"])) == assignment


def test_an_old_address_forwards_with_its_query() -> None:
    test = AppTest.from_file(APP, default_timeout=PATIENCE)
    test.query_params["spec"] = SPEC.to_json()
    test.run().switch_page(f"pages/{OLD_NAME}.py").run()
    assert not test.exception
    assert test.title[0].value == EVALUATE.title
    assert Spec.from_json(str(test.query_params["spec"])) == SPEC
