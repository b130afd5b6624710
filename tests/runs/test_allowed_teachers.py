"""A link opens a teacher that somebody brought and a run has read, and no other."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from labcore.config.spec import SpecError
from labcore.evaluate.provenance import teacher_gone_in_words
from labcore.runs.allowed_teachers import check_allowed
from labcore.runs.cache import counted
from labcore.runs.store import Store
from labcore.teacher.built_in import BUILT_IN
from tests.shared.pages import app, metrics, spec_of
from tests.shared.two_teachers import of, ran, said, spec_for


def test_a_link_opens_a_teacher_that_somebody_brought(two: tuple[Path, Path]) -> None:
    spec = spec_for(two[0])
    test = app("design", spec)
    assert test.session_state["spec"].teacher in BUILT_IN
    assert "no run of this lab has read it" in said(test)
    assert "python -m labcore run" in said(test)
    Store().create(spec)  # waits, and has read nothing yet
    assert app("design", spec).session_state["spec"].teacher in BUILT_IN
    ran(spec)
    test = app("design", spec)
    assert spec_of(test) == spec
    assert not test.error
    assert metrics(test)["Teacher"] == f"{counted(spec).teacher.total:,}"
    assert str(two[0]) in said(test)
    second = spec_for(two[1])
    assert "no run of this lab has read it" in said(app("design", second))


def test_what_nobody_brought_is_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr("labcore.runs.allowed_teachers.known_identity", lambda name: looked.append(name))
    for name in ("/etc", "~", "owner/model", "../x"):
        with pytest.raises(SpecError, match="no run of this lab has read it"):
            check_allowed(name, [of("/elsewhere", "1"), replace(of(name, None), counts=None)])
    assert looked == []
    with pytest.raises(SpecError, match="put its folder back"):
        check_allowed("/elsewhere", [of("/elsewhere", "1")])
    assert looked == ["/elsewhere"]


def test_a_page_fetches_nothing_from_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def snapshot(hub_id: str, *, local_files_only: bool = False, **_: object) -> str:
        asked.append(local_files_only)
        raise OSError("not in the cache")

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot)
    run = of("owner/model", "1")
    assert "no longer where it was" in teacher_gone_in_words(run)
    with pytest.raises(SpecError, match="no longer where it was"):
        check_allowed("owner/model", [run])
    assert asked
    assert all(asked)


def test_a_link_to_a_run_alone_opens_its_teacher(two: tuple[Path, Path]) -> None:
    run = ran(spec_for(two[0]))
    for page in ("start", "design", "distil", "evaluate", "frontier", "exercise", "capacity", "mimicry"):
        test = app(page, run=run.id)
        assert spec_of(test) == run.spec, page
        assert not test.error, page
    assert "takes built-in teachers, and those" in said(app("exercise", run=run.id))


def test_the_teacher_is_chosen_beside_the_built_in_ones(two: tuple[Path, Path]) -> None:
    spec = ran(spec_for(two[0])).spec
    test = app("design", spec)
    choice = test.selectbox(key="teacher")
    assert choice.value == spec.teacher
    assert choice.options[-1] == "my_bert · your own, for reviews"
    choice.set_value("bert-tiny").run()
    assert spec_of(test).teacher == "bert-tiny"
    test.selectbox(key="teacher").set_value(spec.teacher).run()
    assert (spec_of(test).teacher, spec_of(test).task) == (spec.teacher, spec.task)
    for view in ("flow", "inside", "cost"):
        test.session_state["look"] = view
        test.run()
        assert not test.exception, view
        assert not test.error, view
    shutil.rmtree(two[0])
    test.run()
    assert "This teacher can't be read" in said(test)
    assert "Put its folder back" in said(test)
    test.selectbox(key="teacher").set_value("reviews").run()
    test.selectbox(key="teacher").set_value(spec.teacher).run()
    assert spec_of(test).teacher == "reviews"
    assert "Not changed" in said(test)
