"""The kinds of inputs: how they are drawn, and what the lab does with one."""

from __future__ import annotations

import io
import json
import os
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit
from hypothesis import strategies as st

from benchmarks.mutations.data_files import changed_file
from benchmarks.mutations.data_outcome import outcome_of_file
from labcore.config.assignment import Assignment
from labcore.config.assignment_link import DICTIONARY, MARK, assignment_link, assignment_of, class_root
from labcore.config.packing import packed
from labcore.config.presets import PRESETS
from labcore.config.spec import Spec, SpecError
from labcore.data.own import data_store, draft_store
from labcore.data.tasks import load_task
from labcore.exercise.attempt import Attempt
from labcore.exercise.attempt_store import load_attempt
from labcore.exercise.class_grades import checked_uploads
from labcore.exercise.counter_file import load_counter
from labcore.exercise.counting_line import read_code, read_line
from labcore.exercise.submission_checks import Grade
from labcore.guide.tour.journal import Journal
from labcore.owners.cookie import recognised, signed
from labcore.owners.host_gate import HostGate
from labcore.owners.host_password import VARIABLE, hashed
from labcore.owners.owner import HOST, Person
from labcore.owners.profile import Profile
from labcore.runs.bring_teacher import stage_upload
from labcore.runs.checkpoint_saver import most_seconds
from labcore.runs.host_acts import HostActs
from labcore.runs.jobs import Jobs
from labcore.runs.journal_folder import load_journal
from labcore.runs.resuming import resumes_by_itself
from labcore.runs.server_limits import LIMITS, limits
from labcore.runs.spec_key import spec_key
from labcore.runs.store import Store
from labcore.system.home import default_home
from labcore.teacher.own_teachers import entry_of
from labcore.views.student_names import student_name
from tests.shared.source_files import ROOT
from tests.shared.strange_inputs import PLAIN, TEXTS, VALUES, as_json, changed, changed_json

SECRET, OWNER = b"s" * 32, "0123456789abcdef"
HAND_IN = json.loads((ROOT / "tests" / "before" / "hand_in.json").read_text(encoding="utf-8"))
SPECS = [preset.spec.to_dict() for preset in PRESETS] + [
    json.loads((ROOT / "tests" / "before" / f"spec_{name}.json").read_text(encoding="utf-8"))
    for name in ("chain", "stack")
]
ASSIGNMENT = Assignment(spec=Spec(), title="A", text="b", page="distil", locked=("steps",), hidden=(), large=False)


@dataclass(frozen=True)
class Kind:
    """One kind. inputs: how they are drawn. take: what the lab does; whether the input is a valid thing.

    share: its part of all inputs. `take` raises an error that is to be clear.
    """

    name: str
    inputs: st.SearchStrategy[Any]
    take: Callable[[Any], bool]
    share: int = 1


# -- specs and links ---------------------------------------------------------------------------------

SPEC_TEXTS = st.sampled_from(SPECS).flatmap(changed_json) | VALUES.map(as_json) | TEXTS


def _spec(text: str) -> bool:
    spec = Spec.from_json(text)
    assert Spec.from_json(spec.to_json()) == spec
    assert student_name(spec)
    assert len(spec_key(spec)) > 8
    return True


PARAMETERS = {
    "spec": SPEC_TEXTS,
    "with": st.lists(st.sampled_from(SPECS).map(lambda spec: spec["steps"]), max_size=4).flatmap(changed_json) | TEXTS,
    "lesson": st.just(ASSIGNMENT.to_json()) | SPEC_TEXTS | TEXTS,
    **dict.fromkeys(("run", "attempt", "journal", "draft", "sweep", "data", "compare", "large", "examined"), TEXTS),
    "tour": TEXTS | st.integers(-3, 200).map(str),
    "changing": TEXTS | st.sampled_from("ABCD"),
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


def _link(query: dict[str, str]) -> bool:
    """Open an address as a page does, look for what it names, and write the address again."""
    from ui.shell import address, state

    before = streamlit.query_params, streamlit.session_state
    streamlit.query_params, streamlit.session_state = _Params(query), _State()  # type: ignore[assignment]
    try:
        address.open_link()
        address.write_link()
        _ids(state.run_id() or "")
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


def _assignment(text: str) -> bool:
    assignment = assignment_of(text)
    assert Assignment.from_json(assignment.to_json()) == assignment
    assert assignment_link("http://x/", assignment)
    return True


def _ids(text: str) -> bool:
    """Look for a run, an attempt, a tour, a draft, a data set, a teacher and a task of this name."""
    store, there = Store(), False
    for look in (
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
            there |= bool(look())
        except Exception as error:
            check_clear(error)
    return there


# -- files -------------------------------------------------------------------------------------------


def _data_file(given: tuple[int, bytes]) -> bool:
    seed, raw = given
    draw = random.Random(seed)
    of, name, content = changed_file(draw)
    if seed % 4 == 0:
        name, content = f"x.{draw.choice(['csv', 'tsv', 'jsonl', 'parquet', 'zip'])}", raw
    elif seed % 31 == 0:
        name, content = "bomb.zip", _bomb()
    outcome = outcome_of_file(content, name, draw if seed % 3 == 0 else None)
    assert not outcome.wrong, f"{of}: {outcome.wrong}"
    return outcome.reached == "data set"


def _bomb() -> bytes:
    """A zip whose member has a path of its own, and thousands of times its size."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../rows.csv", bytes(20_000_000))
    return content.getvalue()


def _submission(content: bytes) -> bool:
    [grade] = checked_uploads({"it": content}, default_home())
    assert isinstance(grade, Grade)
    assert all("\n" not in check.why for check in grade.checks)
    return grade.outcome != "failed"


def _notebook(content: bytes) -> bool:
    file = default_home() / "it.ipynb"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return callable(load_counter(file))


NOTEBOOK = {
    "cells": [{"cell_type": "code", "source": ["def count_parameters(model):\n", "    return 1"], "metadata": {}}],
    "metadata": {"kernelspec": {"language": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def _teacher_files(files: dict[str, bytes]) -> bool:
    folder = stage_upload(files)
    assert folder.parent == default_home() / "teachers"
    assert all(file.is_relative_to(folder) for file in folder.rglob("*"))
    return True


# -- forms -------------------------------------------------------------------------------------------


def _cookie(value: object) -> bool:
    return recognised(value, SECRET) is not None


def _attempt(data: Any) -> bool:
    attempt = Attempt.from_dict(data)
    assert Attempt.from_dict(attempt.to_dict()) == attempt
    return bool(attempt.specs)


def _journal(data: Any) -> bool:
    return bool(Journal.from_dict(data))


def _line(text: str) -> bool:
    for read in (read_line, read_code, class_root):
        try:
            read(text)
        except SpecError:
            continue
        return True
    raise SpecError("it is none of them")


def _run_form(given: tuple[Any, Any, list[Any], str]) -> bool:
    """A name, a note, tags and an owner of a run that is there."""
    name, note, tags, owner = given
    store = Store()
    run = next((run.id for run in store.runs()), None) or store.create(Spec(), OWNER)
    store.update(run, "stopped")
    store.rename(run, name)
    store.annotate(run, note=note, tags=tags)
    Profile(owner)
    store.owners.set(OWNER, Profile(owner, "named"))
    assert Store().read(run).name == (None if name is None else name.strip(" "))
    return True


class Host:
    """The host's page of one server, whose clock the test moves."""

    def __init__(self) -> None:
        os.environ[VARIABLE] = hashed("the right password")
        self.now = 0.0
        self.gate = HostGate(lambda: self.now)
        self.jobs = Jobs(Store(), lambda *_: iter(()), load=lambda: None)

    def __call__(self, given: tuple[str, str, str, bool]) -> bool:
        """Enter with a password, and act on a job; whoever is not the host is refused."""
        password, owner, job, right = given
        self.now += 100.0
        try:
            self.gate.enter(owner, "the right password" if right else password)
        except SpecError:
            assert not right
        assert self.gate.is_host(owner) == right
        acts = HostActs(self.jobs, HOST if right else Person(owner))
        for act in (acts.move_up, acts.cancel):
            act(job)
        self.gate.leave(owner)
        return True


SETTINGS = [limit.variable for limit in LIMITS.values()] + ["LAB_RESUME", "LAB_CHECKPOINT_SECONDS", VARIABLE]


def _setting(given: tuple[str, str]) -> bool:
    """A variable of the server's environment."""
    name, value = given
    before = os.environ.get(name)
    try:
        os.environ[name] = value
    except ValueError:  # no environment can hold it
        raise SpecError("it can't be set") from None
    try:
        for read in (lambda: limits(shared=True), resumes_by_itself, most_seconds, HostGate):
            read()
        return True
    finally:
        os.environ.pop(name)
        if before is not None:
            os.environ[name] = before


def check_clear(error: Exception) -> None:
    """Raise the error again unless it has a sentence of its own."""
    from labcore.system.faults import fault_of, sentence

    fault = fault_of(error)
    if (fault is not None and not fault.foreseen) or "\n" in sentence(error):
        raise error


NUMBERS_AS_TEXT = st.floats().map(str) | st.integers().map(str)
GOOD_COOKIE = signed(OWNER, SECRET)
COOKIES = TEXTS | PLAIN | st.integers(0, 60).map(lambda cut: GOOD_COOKIE[:cut]) | st.just(GOOD_COOKIE)
ASSIGNMENT_TEXTS = st.just(json.loads(ASSIGNMENT.to_json())).flatmap(changed_json)
PACKED = ASSIGNMENT_TEXTS.map(lambda text: MARK + packed(text.encode("utf-8", "replace").decode(), DICTIONARY))
CODES = st.binary(max_size=200) | TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass"))
FILES = st.dictionaries(
    TEXTS | st.sampled_from(["config.json", "model.safetensors", "../x.safetensors"]), CODES, max_size=5
)
JOURNAL = {
    "id": OWNER, "student": SPECS[0], "guesses": {"a": 1}, "begun": [], "numbers": {"b": [0.5]}, "questions": {},
}  # fmt: skip
FORM = st.tuples(st.none() | TEXTS | PLAIN, TEXTS | PLAIN, st.lists(TEXTS, max_size=4), TEXTS)


def _bytes_of(good: object) -> st.SearchStrategy[bytes]:
    return changed_json(good).map(lambda text: text.encode("utf-8", "surrogatepass")) | CODES


def kinds() -> tuple[Kind, ...]:
    """Every kind, with a host's page of its own."""
    return (
        Kind("specs", SPEC_TEXTS, _spec, 4),
        Kind("links", st.fixed_dictionaries({}, optional=PARAMETERS), _link, 4),
        Kind("assignments", PACKED | ASSIGNMENT_TEXTS | SPEC_TEXTS, _assignment, 2),
        Kind("ids in links", TEXTS, _ids),
        Kind("cookies", COOKIES, _cookie, 2),
        Kind("data files", st.tuples(st.integers(0, 10**9), CODES), _data_file, 2),
        Kind("teacher files", FILES, _teacher_files),
        Kind("submissions", _bytes_of(HAND_IN), _submission),
        Kind("notebooks", _bytes_of(NOTEBOOK), _notebook),
        Kind("attempts", changed(Attempt(OWNER).to_dict()) | VALUES, _attempt, 2),
        Kind("tours", changed(JOURNAL) | VALUES, _journal),
        Kind("typed lines", TEXTS, _line),
        Kind("forms of people", FORM, _run_form),
        Kind("forms of the host", st.tuples(TEXTS, TEXTS, TEXTS, st.booleans()), Host()),
        Kind("settings", st.tuples(st.sampled_from(SETTINGS), TEXTS | NUMBERS_AS_TEXT), _setting),
    )
