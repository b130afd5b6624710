"""An attempt as data: what a person may do in which order, in and out of JSON and of the store."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from labcore.config.json_data import parsed
from labcore.config.spec import DistilConfig, SpecError
from labcore.config.steps import KeepLayers
from labcore.exercise.attempt import ACCEPTABLE_LOSSES, DEFAULT_CONFIG, SLOTS, Attempt, Slot, new_id
from labcore.exercise.attempt_store import load_attempt, save_attempt, specs_of_others
from labcore.exercise.ready_students import READY
from labcore.runs.entry_table import Entry
from labcore.runs.store import Store
from labcore.teacher.built_in import BUILT_IN
from tests.shared.attempts import EARLY, LATE, THREE, designed

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # another process may want the cores

ATTEMPTS = some.builds(
    Attempt,
    id=some.builds(new_id),
    name=some.text(some.characters(codec="utf-8", categories=("L", "N", "P")), max_size=30),
    teacher=some.sampled_from(sorted(BUILT_IN)),
    slots=some.tuples(*[
        some.builds(Slot, some.none() | some.sampled_from(list(READY.values())), some.none() | some.integers(1, 10**9))
        for _ in SLOTS
    ]),
    config=some.builds(
        DistilConfig, steps=some.integers(1, 900), hidden=some.floats(0, 3), transfer=some.integers(0, 500)
    ),
    seeds=some.integers(1, 3),
    teacher_count=some.none() | some.integers(1, 10**9),
    shown=some.booleans(),
    acceptable_loss=some.sampled_from(ACCEPTABLE_LOSSES),
    prediction=some.none() | some.integers(0, 2),
    predicted=some.none() | some.just(EARLY),
    begun=some.none() | some.just(LATE),
    again=some.integers(0, 5),
    choice=some.none() | some.integers(0, 2),
    reason=some.text(some.characters(codec="utf-8"), max_size=200),
)  # fmt: skip


@CALM
@given(ATTEMPTS)
def test_an_attempt_comes_back_from_json_as_it_was(attempt: Attempt) -> None:
    assert Attempt.from_dict(parsed(json.dumps(attempt.to_dict()), "it")) == attempt


@CALM
@given(ATTEMPTS)
def test_each_seed_of_each_student_is_one_spec(attempt: Attempt) -> None:
    assert len(attempt.specs) == 3 * attempt.seeds
    for place, spec in enumerate(attempt.specs):
        assert spec.steps == (attempt.slots[place % 3].steps or ())
        assert replace(spec.distil, seed=0) == attempt.config
        assert spec.distil.seed == place // 3


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "another version": ({"version": 2, "more": 1}, "version is 2"),
    "a version that is none": ({"version": True}, "version is True"),
    "an id that is a path": ({"id": "../../etc/passwd"}, "id is"),
    "an unknown field": ({"grade": 1.0}, "unknown field 'grade'"),
    "two slots": ({"slots": [{"steps": None, "count": None}] * 2}, "slots has 2"),
    "four slots": ({"slots": [{"steps": None, "count": None}] * 4}, "slots has 4"),
    "slots that are none": ({"slots": 3}, "slots is 3"),
    "a step of no kind": ({"slots": [{"steps": [{"kind": "shrink"}], "count": None}] * 3}, "'shrink' is unknown"),
    "a slot without a count": ({"slots": [{"steps": None}] * 3}, "lacks its field 'count'"),
    "a count in words": ({"teacher_count": "many"}, "teacher_count is 'many'"),
    "a folder as a teacher": ({"teacher": "/home/me/bert"}, "teacher is '/home/me/bert'"),
    "a slot that is not there": ({"choice": 3}, "give at most 2"),
    "a distance of one's own": ({"within": 0.5}, "within is 0.5"),
    "a time without a zone": ({"begun": "2026-01-02T10:00:00"}, "begun is"),
    "a time that is none": ({"predicted": 7}, "predicted is 7"),
    "a name with an escape": ({"name": "\x1b[2J"}, "can't be printed"),
    "a name that is long": ({"name": "a" * 101}, "101 characters"),
    "a reason that is no text": ({"reason": None}, "reason is None"),
    "a seed of one's own": ({"lesson": {"seed": 3}}, "configuration's seed is 3"),
    "a training without a loss": ({"lesson": {"hard": 0, "soft": 0}}, "nothing to learn from"),
    "a hundred seeds": ({"seeds": 100}, "give at most 3"),
}


@pytest.mark.parametrize(("changes", "words"), BAD.values(), ids=BAD.keys())
def test_data_that_are_no_attempt_are_rejected_with_the_reason(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(SpecError, match=words.replace("/", ".")):
        Attempt.from_dict(designed().to_dict() | changes)


def test_a_prediction_stands_once_runs_have_begun() -> None:
    attempt = designed()
    with pytest.raises(SpecError, match="no prediction yet"):
        attempt.begin()
    attempt = attempt.with_prediction(1, EARLY).with_prediction(2, EARLY).with_acceptable_loss(0.05)
    assert (attempt.prediction, attempt.predicted, attempt.acceptable_loss) == (2, EARLY, 0.05)
    begun = attempt.begin(LATE)
    assert begun.begin() == begun  # the first time counts
    for change in (lambda: begun.with_prediction(0), lambda: begun.with_acceptable_loss(0.01)):
        with pytest.raises(SpecError, match="the prediction is final"):
            change()


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.with_student(1, (KeepLayers(count=1),)),
        lambda a: a.with_config(replace(DEFAULT_CONFIG, steps=50)),
        lambda a: a.with_teacher("news"),
    ],
)
def test_what_changes_the_runs_clears_prediction_and_choice_and_is_noted(change: Any) -> None:
    blind = designed().with_prediction(0)
    assert (change(blind).prediction, change(blind).again) == (None, 0)  # nothing was seen yet
    seen = replace(blind.begin(), choice=1, reason="because")
    changed = change(seen)
    assert (changed.prediction, changed.predicted, changed.begun, changed.choice) == (None, None, None, None)
    assert (changed.again, changed.reason) == (1, "because")


def test_what_changes_nothing_clears_nothing() -> None:
    seen = designed().with_prediction(0).begin()
    assert seen.with_student(0, THREE[0]) is seen
    assert seen.with_config(replace(DEFAULT_CONFIG, seed=5)) is seen
    assert seen.with_teacher("reviews") is seen


def test_a_count_goes_with_its_student() -> None:
    attempt = designed().with_count(None, 5).with_count(0, 6).with_count(1, 7)
    assert [slot.count for slot in attempt.with_student(0, THREE[2]).slots] == [None, 7, None]
    other = attempt.with_teacher("bert-base-uncased")
    assert (other.teacher_count, [slot.count for slot in other.slots]) == (None, [None] * 3)
    assert [slot.steps for slot in other.slots] == list(THREE)


def test_an_attempt_is_saved_and_loaded_by_its_id_only(store: Store) -> None:
    attempt = designed(name="Ada")
    save_attempt(attempt, store)
    save_attempt(replace(attempt, name="Ada Lovelace"), store)
    assert load_attempt(attempt.id, Store()) == replace(attempt, name="Ada Lovelace")
    (store.home / "secret.json").write_text(json.dumps(attempt.to_dict()))
    for other in (new_id(), "../secret", "", "x" * 16, f"{attempt.id}/"):
        assert load_attempt(other, store) is None
    store.attempts.write(attempt.id, Entry("{"))
    assert load_attempt(attempt.id, store) is None


def test_runs_that_another_attempt_waits_for_are_known(store: Store) -> None:
    mine = designed()
    other = replace(mine, id=new_id(), prediction=0)
    save_attempt(mine, store)
    save_attempt(other, store)
    assert specs_of_others(mine, store) == set()  # they have not begun
    save_attempt(other.begin(), store)
    assert specs_of_others(mine, store) == set(other.specs) == set(mine.specs)
    assert specs_of_others(other, store) == set()


def test_a_clock_that_was_set_back_does_not_make_a_prediction_late() -> None:
    later = "2999-01-01T00:00:00+00:00"
    begun = designed().with_prediction(0, later).begin()
    assert begun.begun == later
