"""The first page: presets lead to the design, its numbers are true, and it offers the way back."""

from __future__ import annotations

from typing import Any

import pytest

from labcore.config.presets import PRESETS
from labcore.count.parameters import compare
from labcore.data.tasks import load_task
from labcore.runs.store import Store
from labcore.teacher.built_in import BUILT_IN
from labcore.views.student_names import student_name
from tests.shared.pages import app, metrics


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_is_taken_to_the_design(preset: Any) -> None:
    test = app()
    test.button(key=f"preset-{preset.name.lower()}").click().run()
    assert test.session_state["spec"] == preset.spec
    test.switch_page("pages/design.py").run()
    assert metrics(test)["Size"] == f"{100 * compare(BUILT_IN['reviews'], preset.spec.steps).ratio:.1f} %"


def test_the_first_pages_numbers_are_true() -> None:
    words = " ".join(element.value for element in (*app().markdown, *app().caption))
    teacher = BUILT_IN["reviews"]
    total = compare(teacher, ()).teacher.total
    assert f"{teacher.layers} layers and {total / 1e6:.1f} million parameters" in words
    assert compare(BUILT_IN["news"], ()).teacher.total / 1e6 == pytest.approx(total / 1e6, abs=0.05)
    assert f"{len(load_task('reviews').splits['train']):,} examples" in words
    assert f"{len(load_task('news').splits['train']):,} examples" in words


def test_the_first_page_offers_the_way_back_once_there_is_one() -> None:
    assert "resume" not in [button.key for button in app().button]
    test = app("start", PRESETS[2].spec)
    test.button(key="resume")
    words = " ".join(element.value for element in test.markdown).replace("\\", "")
    assert f"**Your last student:** :orange[**{student_name(PRESETS[2].spec)}**]" in words


def test_presets_are_named_by_their_size() -> None:
    words = " ".join(element.value for element in app().markdown)
    assert "### Light: :orange[77 %] of the size" in words
    assert "### Heavy: :orange[32 %] of the size" in words


def test_an_active_run_is_offered_on_the_first_page() -> None:
    store = Store()
    run = store.create(PRESETS[2].spec)  # held by this process, so it is active
    test = app()
    test.button(key="watch").click().run()
    assert test.session_state["run"] == run
    test.switch_page("pages/distil.py").run()
    assert "Another process" in " ".join(element.value for element in test.caption)
    assert store.read(run).status == "queued"
