"""Specs, addresses and what they name, as the lab opens them."""

from __future__ import annotations

import json
from typing import Any

import streamlit
from hypothesis import strategies as st

from benchmarks.inputs.clear import check_clear
from labcore.config.assignment import Assignment
from labcore.config.assignment_link import assignment_link, assignment_of
from labcore.config.presets import PRESETS
from labcore.config.spec import Spec
from labcore.data.own import data_store, draft_store
from labcore.data.tasks import load_task
from labcore.exercise.attempt_store import load_attempt
from labcore.runs.journals import load_journal
from labcore.runs.spec_key import spec_key
from labcore.runs.store import Store
from labcore.teacher.own_teachers import entry_of
from labcore.views.student_names import student_name
from tests.shared.source_files import ROOT
from tests.shared.strange_inputs import STRINGS, VALUES, as_json, changed_json

SECRET, OWNER = b"s" * 32, "0123456789abcdef"
SUBMISSION = json.loads((ROOT / "tests" / "before" / "hand_in.json").read_text(encoding="utf-8"))
SPECS = [preset.spec.to_dict() for preset in PRESETS] + [
    json.loads((ROOT / "tests" / "before" / f"spec_{name}.json").read_text(encoding="utf-8"))
    for name in ("chain", "stack")
]
ASSIGNMENT = Assignment(spec=Spec(), title="A", text="b", page="distil", locked=("steps",), hidden=(), large=False)

SPEC_JSON = st.sampled_from(SPECS).flatmap(changed_json) | VALUES.map(as_json) | STRINGS


def take_spec(text: str) -> bool:
    spec = Spec.from_json(text)
    assert Spec.from_json(spec.to_json()) == spec
    assert student_name(spec)
    assert len(spec_key(spec)) > 8
    return True


def _steps(specs: list[dict[str, Any]]) -> list[Any]:
    return [spec["steps"] for spec in specs]


PARAMETERS = {
    "spec": SPEC_JSON,
    "with": st.lists(st.sampled_from(SPECS).map(lambda spec: spec["steps"]), max_size=4).flatmap(changed_json)
    | STRINGS,
    "lesson": st.just(ASSIGNMENT.to_json()) | SPEC_JSON | STRINGS,
    **dict.fromkeys(("run", "attempt", "journal", "draft", "sweep", "data", "compare", "large", "examined"), STRINGS),
    "tour": STRINGS | st.integers(-3, 200).map(str),
    "changing": STRINGS | st.sampled_from("ABCD"),
}


class _Params(dict[str, str]):
    """Stands for the query of an address."""

    def to_dict(self) -> dict[str, str]:
        return dict(self)

    def from_dict(self, new: dict[str, str]) -> None:
        self.clear()
        self.update(new)


class _State(dict[str, Any]):
    """Stands for the state of a session."""

    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__  # type: ignore[assignment]


def take_link(query: dict[str, str]) -> bool:
    """Open an address as a page does, look for what it names, and write the address again."""
    from ui.shell import address, state

    before = streamlit.query_params, streamlit.session_state
    streamlit.query_params, streamlit.session_state = _Params(query), _State()  # type: ignore[assignment]
    try:
        address.open_link()
        address.write_link()
        take_ids(state.run_id() or "")
        error = streamlit.session_state.get("link_error", "")
        assert "Traceback" not in error
        assert "\n" not in error.strip() or "\n" in "".join(query.values())
        written = dict(streamlit.query_params)
        streamlit.session_state = _State()  # type: ignore[assignment]
        address.open_link()  # what was written opens
        assert Spec.from_json(written["spec"]) == state.spec()
        return not error
    finally:
        streamlit.query_params, streamlit.session_state = before


def take_assignment(text: str) -> bool:
    assignment = assignment_of(text)
    assert Assignment.from_json(assignment.to_json()) == assignment
    assert assignment_link("http://x/", assignment)
    return True


def take_ids(text: str) -> bool:
    """Look for a run, an attempt, a tour, a draft, a data set, a teacher and a task of this name."""
    store, there = Store(), False
    for read in (
        lambda: store.read(text),
        lambda: store.owner_of(text),
        lambda: store.restore(text),
        lambda: store.delete(text),
        lambda: list(store.events(text)),
        lambda: store.student(text),
        lambda: load_attempt(text, store),
        lambda: load_journal(text, store),
        lambda: draft_store.load_draft(text),
        lambda: draft_store.remove_draft(text),
        lambda: data_store.load(text),
        lambda: data_store.remove(text),
        lambda: entry_of(text),
        lambda: load_task(text),
    ):
        try:
            there |= bool(read())
        except Exception as error:
            check_clear(error)
    return there
