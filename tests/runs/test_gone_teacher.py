"""No other teacher takes the place of one whose folder is gone or whose files were replaced."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from labcore.evaluate.provenance import teacher_gone_in_words
from labcore.runs.store import Store
from labcore.teacher.built_in import BUILT_IN
from tests.shared.pages import app
from tests.shared.runs import PAIR
from tests.shared.two_teachers import ran, said, spec_for, weaken


@pytest.mark.parametrize("config", ["replaced", "removed"])
def test_no_other_teacher_takes_the_place_of_one_that_is_gone(two: tuple[Path, Path], config: str) -> None:
    run = ran(spec_for(two[0]))
    for page in ("distil", "evaluate"):
        assert not any(word in said(app(page, run=run.id)) for word in ("were replaced", "no longer where it was"))
    weaken(two[0]) if config == "replaced" else shutil.rmtree(two[0])
    run = Store().read(run.id)
    words = teacher_gone_in_words(run)
    assert ("were replaced" if config == "replaced" else "no longer where it was") in words

    test = app("evaluate", run=run.id)
    assert not test.exception
    assert words in said(test)
    assert not test.text_area
    assert not [box for box in test.text_input if box.key == "suspected"]
    assert said(test).count("the lab cannot compute its predictions") == 2

    test = app("distil", run=run.id)
    assert not test.exception
    assert words in said(test)
    keys = {button.key for button in test.button}
    assert not keys & {"teach", "more-seeds", "baselines"}
    [table] = [frame.value for frame in test.dataframe if "on their way" in frame.value]
    assert table["seeds"].tolist()[0] == 1  # its own, of the teacher that it had
    assert words in said(app("frontier", run=run.id))
    assert (test.session_state["spec"].teacher in BUILT_IN) == (config == "removed")


def test_a_teacher_that_goes_while_a_session_has_it(two: tuple[Path, Path]) -> None:
    test = app("distil", ran(spec_for(two[0])).spec)
    assert not test.button(key="distil").disabled
    two[0].rename(two[0].with_name("elsewhere"))
    test.run()
    assert "no longer where it was; put its folder back" in said(test)
    assert test.button(key="distil").disabled
    two[0].with_name("elsewhere").rename(two[0])
    test.run()
    assert not test.error
    assert not test.button(key="distil").disabled


def test_a_run_that_never_read_its_teacher_has_no_digest_of_its_files(two: tuple[Path, Path]) -> None:
    store = Store()
    run = store.create(spec_for(two[0]))
    store.update(run, "failed", error="it can't be read")
    assert teacher_gone_in_words(store.read(run)) == ""
    store.update(run, "finished", counts=PAIR)
    assert "did not store which files" in teacher_gone_in_words(store.read(run))
