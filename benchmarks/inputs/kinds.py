"""The kinds of inputs: how they are drawn, and which function takes them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from benchmarks.inputs.forms import (
    SETTINGS,
    Host,
    take_attempt,
    take_cookie,
    take_journal,
    take_line,
    take_run_form,
    take_setting,
)
from benchmarks.inputs.given_files import NOTEBOOK, take_data_file, take_notebook, take_submission, take_teacher_files
from benchmarks.inputs.links import (
    ASSIGNMENT,
    OWNER,
    PARAMETERS,
    SECRET,
    SPEC_JSON,
    SPECS,
    SUBMISSION,
    take_assignment,
    take_ids,
    take_link,
    take_spec,
)
from labcore.config.assignment_link import DICTIONARY, MARK
from labcore.config.packing import packed
from labcore.exercise.attempt import Attempt
from labcore.owners.cookie import signed
from tests.shared.strange_inputs import PLAIN, STRINGS, VALUES, changed, changed_json


@dataclass(frozen=True)
class Kind:
    """One kind. inputs: how they are drawn. take: what the lab does; whether the input is a valid thing.

    share: its part of all inputs. `take` raises an error that is to be clear.
    """

    name: str
    inputs: st.SearchStrategy[Any]
    take: Callable[[Any], bool]
    share: int = 1


NUMBERS_AS_TEXT = st.floats().map(str) | st.integers().map(str)
GOOD_COOKIE = signed(OWNER, SECRET)
COOKIES = STRINGS | PLAIN | st.integers(0, 60).map(lambda end: GOOD_COOKIE[:end]) | st.just(GOOD_COOKIE)
ASSIGNMENT_JSON = st.just(json.loads(ASSIGNMENT.to_json())).flatmap(changed_json)
PACKED = ASSIGNMENT_JSON.map(lambda text: MARK + packed(text.encode("utf-8", "replace").decode(), DICTIONARY))
CODES = st.binary(max_size=200) | STRINGS.map(lambda text: text.encode("utf-8", "surrogatepass"))
FILES = st.dictionaries(
    STRINGS | st.sampled_from(["config.json", "model.safetensors", "../x.safetensors"]), CODES, max_size=5
)
JOURNAL = {
    "id": OWNER, "student": SPECS[0], "guesses": {"a": 1}, "begun": [], "numbers": {"b": [0.5]}, "questions": {},
}  # fmt: skip
FORM = st.tuples(st.none() | STRINGS | PLAIN, STRINGS | PLAIN, st.lists(STRINGS, max_size=4), STRINGS)


def _bytes_of(good: object) -> st.SearchStrategy[bytes]:
    return changed_json(good).map(lambda text: text.encode("utf-8", "surrogatepass")) | CODES


def kinds() -> tuple[Kind, ...]:
    """Every kind, with a host's page of its own."""
    return (
        Kind("specs", SPEC_JSON, take_spec, 4),
        Kind("links", st.fixed_dictionaries({}, optional=PARAMETERS), take_link, 4),
        Kind("assignments", PACKED | ASSIGNMENT_JSON | SPEC_JSON, take_assignment, 2),
        Kind("ids in links", STRINGS, take_ids),
        Kind("cookies", COOKIES, take_cookie, 2),
        Kind("data files", st.tuples(st.integers(0, 10**9), CODES), take_data_file, 2),
        Kind("teacher files", FILES, take_teacher_files),
        Kind("submissions", _bytes_of(SUBMISSION), take_submission),
        Kind("notebooks", _bytes_of(NOTEBOOK), take_notebook),
        Kind("attempts", changed(Attempt(OWNER).to_dict()) | VALUES, take_attempt, 2),
        Kind("tours", changed(JOURNAL) | VALUES, take_journal),
        Kind("typed lines", STRINGS, take_line),
        Kind("forms of people", FORM, take_run_form),
        Kind("forms of the host", st.tuples(STRINGS, STRINGS, STRINGS, st.booleans()), Host()),
        Kind("settings", st.tuples(st.sampled_from(SETTINGS), STRINGS | NUMBERS_AS_TEXT), take_setting),
    )
