"""The exercise's data and rules: what a person may do in which order, and which student trades best."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from statistics import fmean
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from labcore.config.spec import DistilConfig, SpecError
from labcore.config.steps import KeepLayers, Manual, Prune, TrimVocabulary
from labcore.count.parameters import compare
from labcore.data.batches import encode
from labcore.data.tasks import load_task
from labcore.data.tasks import some as some_of
from labcore.exercise.attempt import DISTANCES, LESSON, SLOTS, Attempt, Slot, new_id
from labcore.exercise.attempt_results import compared, figures
from labcore.exercise.attempt_store import keep, kept, wanted_by_others
from labcore.exercise.ready_students import READY
from labcore.exercise.rules import (
    APART,
    MAX_TOKENS_READ,
    MAX_TRAINING_STEPS,
    MEAN_TOKENS,
    MIN_WORDS,
    best_trade,
    config_problem,
    count_hint,
    count_right,
    design_problems,
    dominator,
    words_missing,
)
from labcore.exercise.stages import stages
from labcore.results.counts import Comparison
from labcore.runs.store import Store
from labcore.system.json_data import parsed
from labcore.teacher.built_in import BUILT_IN
from labcore.teacher.load import load_tokenizer
from tests.shared.attempts import EARLY, LATE, THREE
from tests.shared.runs import finished


def designed(**changes: Any) -> Attempt:
    return replace(Attempt(new_id(), slots=tuple(Slot(steps) for steps in THREE)), **changes)


def standings(attempt: Attempt, found: Any = None) -> list[str]:
    return [stage.standing for stage in stages(attempt, compared(attempt), found)]


CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # another process may want the cores


# -- the attempt ---------------------------------------------------------------------------------------

ATTEMPTS = some.builds(
    Attempt,
    id=some.builds(new_id),
    name=some.text(some.characters(codec="utf-8", categories=("L", "N", "P")), max_size=30),
    teacher=some.sampled_from(sorted(BUILT_IN)),
    slots=some.tuples(*[
        some.builds(Slot, some.none() | some.sampled_from(list(READY.values())), some.none() | some.integers(1, 10**9))
        for _ in SLOTS
    ]),
    lesson=some.builds(DistilConfig, steps=some.integers(1, 900), hidden=some.floats(0, 3), transfer=some.integers(0, 500)),
    seeds=some.integers(1, 3),
    teacher_count=some.none() | some.integers(1, 10**9),
    shown=some.booleans(),
    within=some.sampled_from(DISTANCES),
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
        assert replace(spec.distil, seed=0) == attempt.lesson
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
    "a seed of one's own": ({"lesson": {"seed": 3}}, "lesson.seed is 3"),
    "a lesson of nothing": ({"lesson": {"hard": 0, "soft": 0}}, "nothing to learn from"),
    "a hundred seeds": ({"seeds": 100}, "give at most 3"),
}


@pytest.mark.parametrize(("changes", "words"), BAD.values(), ids=BAD.keys())
def test_what_is_no_attempt_is_told(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(SpecError, match=words.replace("/", ".")):
        Attempt.from_dict(designed().to_dict() | changes)


def test_a_prediction_stands_once_runs_have_begun() -> None:
    attempt = designed()
    with pytest.raises(SpecError, match="no prediction yet"):
        attempt.begin()
    attempt = attempt.with_prediction(1, EARLY).with_prediction(2, EARLY).with_distance(0.05)
    assert (attempt.prediction, attempt.predicted, attempt.within) == (2, EARLY, 0.05)
    begun = attempt.begin(LATE)
    assert begun.begin() == begun  # the first time counts
    for change in (lambda: begun.with_prediction(0), lambda: begun.with_distance(0.01)):
        with pytest.raises(SpecError, match="the prediction stands"):
            change()


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.with_student(1, (KeepLayers(count=1),)),
        lambda a: a.with_distil(replace(LESSON, steps=50)),
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
    assert seen.with_distil(replace(LESSON, seed=5)) is seen
    assert seen.with_teacher("reviews") is seen


def test_a_count_goes_with_its_student() -> None:
    attempt = designed().with_count(None, 5).with_count(0, 6).with_count(1, 7)
    assert [slot.count for slot in attempt.with_student(0, THREE[2]).slots] == [None, 7, None]
    other = attempt.with_teacher("bert-base-uncased")
    assert (other.teacher_count, [slot.count for slot in other.slots]) == (None, [None] * 3)
    assert [slot.steps for slot in other.slots] == list(THREE)


def test_an_attempt_is_kept_and_found_by_its_id_alone(store: Store) -> None:
    attempt = designed(name="Ada")
    keep(attempt, store)
    keep(replace(attempt, name="Ada Lovelace"), store)
    found = kept(attempt.id, Store())
    assert found == replace(attempt, name="Ada Lovelace")
    (store.home / "secret.json").write_text(json.dumps(attempt.to_dict()))
    for other in (new_id(), "../secret", "", "x" * 16, f"{attempt.id}/"):
        assert kept(other, store) is None
    (store.home / "exercises" / f"{attempt.id}.json").write_text("{")
    assert kept(attempt.id, store) is None


# -- the rules -----------------------------------------------------------------------------------------


def test_levels_are_distinct_and_below_the_teacher() -> None:
    assert design_problems([0.8, 0.5, 0.2]) == []
    assert design_problems([0.5, 0.5 + APART, 0.2]) == []
    assert [p[:7] for p in design_problems([0.5, 0.51, 0.53])] == ["A and B", "A and C", "B and C"]
    empty, broken, large = design_problems([None, "no such layer", 1.0])
    assert ("A is empty" in empty, "B can't be made: no such layer" in broken, "C has as many" in large) == (True,) * 3


def test_sizes_are_counted_and_what_grows_is_not_built() -> None:
    attempt = designed(
        slots=(Slot(), Slot((KeepLayers(layers=(7,)),)), Slot((Manual(65_536, 250, 64, 65_536), Prune(0.5))))
    )
    empty, broken, vast = compared(attempt)
    assert empty is None
    assert "layer" in str(broken)
    assert "times as large as its teacher" in str(vast)
    for comparison, steps in zip(compared(designed()), THREE, strict=True):
        assert isinstance(comparison, Comparison)
        if not any(isinstance(step, TrimVocabulary) for step in steps):  # its oracle needs no texts
            assert comparison.student.total == compare(BUILT_IN["reviews"], steps).student.total


@pytest.mark.parametrize("steps", READY.values(), ids=READY.keys())
def test_ready_students_are_smaller_than_their_teacher(steps: Any) -> None:
    [comparison, *_] = compared(designed(slots=(Slot(steps), Slot(), Slot())))
    assert isinstance(comparison, Comparison)
    assert comparison.ratio < 0.8


def test_three_ready_students_make_an_exercise() -> None:
    attempt = designed(slots=tuple(Slot(READY[name]) for name in ("Light", "Heavy", "Tiny, cut out of the teacher")))
    assert standings(attempt)[0] == "done"


@pytest.mark.parametrize(
    ("lesson", "words"),
    [
        (LESSON, ""),
        (DistilConfig(), ""),
        (DistilConfig(seconds=60.0), "counted in seconds"),
        (DistilConfig(steps=1_000_000), "1,000,000 steps"),
        (DistilConfig(epochs=1000), "200,000 steps over all seeds"),
        (DistilConfig(steps=MAX_TRAINING_STEPS + 1, batch_size=1), "10,001 steps over all seeds"),
        (DistilConfig(steps=MAX_TRAINING_STEPS, batch_size=32), "320,000 texts"),
        (DistilConfig(steps=4000, transfer=50_000), "178,000 texts"),
        (DistilConfig(steps=1, batch_size=60_000), "at once"),
    ],
)
def test_a_lesson_must_be_one_that_a_grader_can_wait_for(lesson: DistilConfig, words: str) -> None:
    problem = config_problem(designed(lesson=lesson))
    assert (words in problem) if words else problem == ""


def test_seeds_make_a_lesson_longer_and_a_teacher_without_weights_teaches_none() -> None:
    long = designed(lesson=DistilConfig(steps=MAX_TOKENS_READ // MEAN_TOKENS["reviews"] // 32 // 2))
    assert config_problem(long) == ""
    assert "all seeds together read" in config_problem(replace(long, seeds=3))
    assert "no weights" in config_problem(designed(teacher="bert-base-uncased"))


def test_articles_are_long_and_have_no_transfer_set() -> None:
    three_epochs = designed(teacher="news", lesson=DistilConfig(epochs=3))
    assert config_problem(three_epochs) == config_problem(replace(three_epochs, seeds=3)) == ""
    assert "give at most 18,000" in config_problem(designed(teacher="news", lesson=DistilConfig(steps=600)))
    assert "no transfer set" in config_problem(designed(teacher="news", lesson=DistilConfig(steps=10, transfer=5)))
    tokenizer = load_tokenizer()
    for name, mean in MEAN_TOKENS.items():
        task = load_task(name)
        read = encode(tokenizer, some_of(task.splits["train"], 300), task.max_tokens).tokens
        assert fmean(map(len, read)) == pytest.approx(mean, rel=0.05)


def test_runs_that_another_attempt_waits_for_are_known(store: Store) -> None:
    mine = designed()
    theirs = replace(mine, id=new_id(), prediction=0)
    keep(mine, store)
    keep(theirs, store)
    assert wanted_by_others(mine, store) == set()  # they have not begun
    keep(theirs.begin(), store)
    assert wanted_by_others(mine, store) == set(theirs.specs) == set(mine.specs)
    assert wanted_by_others(theirs, store) == set()


def test_a_count_is_right_within_half_a_percent_and_a_hint_names_what_is_as_large() -> None:
    counts = compare(BUILT_IN["reviews"], (KeepLayers(count=3),)).student
    assert count_right(17_400_000, counts.total)
    assert count_right(counts.total, counts.total)
    assert not count_right(17_500_000, counts.total)
    assert "the embeddings twice" in count_hint(counts.total + counts.parts["embeddings"], counts)
    assert "leave out the pooler" in count_hint(counts.total - counts.parts["pooler"], counts)
    assert count_hint(counts.total + 3, counts) == "3 too many"
    sparse = compare(BUILT_IN["reviews"], (Prune(0.5),)).student
    assert "non-zero" in count_hint(sparse.nonzero, sparse)
    for given_count in (10**7, 3 * 10**7):
        assert f"{counts.total:,}" not in count_hint(given_count, counts)  # a hint is no answer


SIZES = some.lists(some.integers(1, 6), min_size=3, max_size=3)
ACCURACIES = some.lists(some.sampled_from([0.5, 0.7, 0.79, 0.8, 0.82]), min_size=3, max_size=3)


@CALM
@given(SIZES, ACCURACIES)
def test_the_best_trade_is_the_smallest_good_one_or_the_most_accurate(
    sizes: list[int], accuracies: list[float]
) -> None:
    best = best_trade(sizes, accuracies, 0.82, 0.03)
    good = {i for i in range(3) if round(accuracies[i], 6) >= 0.79}
    if good:
        assert best in good
        assert sizes[best] == min(sizes[i] for i in good)
    else:
        assert accuracies[best] == max(accuracies)
    assert dominator(best, sizes, accuracies) is None  # the rule never takes a dominated one


@CALM
@given(SIZES, ACCURACIES, some.integers(0, 2))
def test_who_dominates_is_no_larger_no_less_accurate_and_not_the_same(
    sizes: list[int], accuracies: list[float], choice: int
) -> None:
    better = dominator(choice, sizes, accuracies)
    candidates = {
        i
        for i in range(3)
        if (sizes[i] < sizes[choice] and accuracies[i] >= accuracies[choice])
        or (sizes[i] <= sizes[choice] and accuracies[i] > accuracies[choice])
    }
    assert (better in candidates) if candidates else better is None


def test_a_reason_has_words() -> None:
    assert words_missing("") == MIN_WORDS
    assert words_missing(" word " * MIN_WORDS) == 0


# -- the stages ----------------------------------------------------------------------------------------


def test_stages_follow_from_the_attempt_alone(store: Store) -> None:
    attempt = Attempt(new_id())
    for place, step in enumerate(_all_steps(store)):
        assert standings(attempt, figures(attempt, store.runs())).index("at hand") == place
        attempt = step(attempt)
    assert standings(attempt, figures(attempt, store.runs())) == ["done"] * 5 + ["at hand"]


def _all_steps(store: Store) -> list[Any]:
    def design(attempt: Attempt) -> Attempt:
        return replace(attempt, slots=designed().slots)

    def count(attempt: Attempt) -> Attempt:
        known = [one for one in compared(attempt) if isinstance(one, Comparison)]
        for slot, one in enumerate(known):
            attempt = attempt.with_count(slot, one.student.total)
        return attempt.with_count(None, known[0].teacher.total)

    def run(attempt: Attempt) -> Attempt:
        for spec in attempt.specs:
            finished(spec, 0.8)
        return attempt.begin()

    def choose(attempt: Attempt) -> Attempt:
        return replace(attempt, choice=1, reason="word " * MIN_WORDS)

    return [design, count, lambda attempt: attempt.with_prediction(1), run, choose]


def test_right_counts_that_were_looked_at_let_one_go_on() -> None:
    assert standings(designed())[1] == "at hand"
    assert standings(designed(shown=True))[1] == "done"


def test_results_wait_for_all_three_and_mean_over_the_seeds_that_all_have(store: Store) -> None:
    attempt = designed(seeds=2)
    for spec, accuracy in zip(attempt.specs[:5], (0.8, 0.7, 0.6, 0.9, 0.8), strict=True):
        assert (figures(attempt, store.runs()) is None) == (len(store.runs()) < 3)
        finished(spec, accuracy)
    found = figures(attempt, store.runs())
    assert found is not None
    assert (found.seeds, found.accuracies) == (1, [0.8, 0.7, 0.6])
    finished(attempt.specs[5], 0.7)
    found = figures(attempt, store.runs())
    assert found is not None
    assert found.accuracies == pytest.approx([0.85, 0.75, 0.65])
    assert found.students[0].retention == pytest.approx(0.85 / 0.84)
    assert found.sizes == [one.student.total for one in compared(attempt) if isinstance(one, Comparison)]
    assert asdict(found)["teacher_parameters"] == 22_713_986
    alone = figures(replace(attempt, seeds=1), store.runs())
    assert alone is not None
    assert alone.seeds == 1
