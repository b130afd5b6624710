"""The tour's stops as pure functions of facts: when each is done, and what it states of your numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcore.config.spec import Spec
from labcore.config.steps import Factorise, KeepLayers, Step
from labcore.config.tour_students import ARMS, STUDENT
from labcore.count.parameters import compare
from labcore.guide.pages import NAMES
from labcore.guide.tour import STOPS, stop_named
from labcore.guide.tour.deciding import SIZED, smallest_within
from labcore.guide.tour.questions import QUESTIONS
from labcore.guide.tour.statements import difference_in_words, mean_in_words, points
from labcore.guide.tour.stop import Compare, Facts, Own, Stop
from labcore.results.evaluation import SeedMean
from labcore.teacher.built_in import BUILT_IN
from tests.shared.tour import made_up

ACCURACIES = {arm: 0.60 + i / 100 for i, arm in enumerate(ARMS)}
RATIOS = {"yours": 0.66, "half, from the teacher": 0.32, "tiny": 0.02}
DONE: dict[str, Facts] = {
    "teacher": Facts(spec=Spec(), chosen={"teacher": 0.84}),
    "pruning": Facts(spec=Spec(steps=(KeepLayers(count=3),)), ratio=0.766),
    "low rank": Facts(spec=STUDENT, ratio=0.6),
    "distil": Facts(spec=STUDENT, accuracies=ACCURACIES, validations=(0.5, 0.66)),
    "mimicry": Facts(spec=STUDENT, chosen={"mimicry": 0.5}),
    "monitoring": Facts(spec=STUDENT, chosen={"monitoring": 60}),
    "trade-off": Facts(
        spec=STUDENT, accuracies=ACCURACIES, ratios=RATIOS, chosen={"trade-off": 0.2, "teacher accuracy": 0.84}
    ),
}


def own_of(stop: Stop) -> Own:
    """What a person who has done this stop has measured."""
    own = stop.measured(DONE.get(stop.name, Facts(spec=STUDENT, accuracies=ACCURACIES)))
    assert own is not None
    return own


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.name)
def test_a_stop_is_done_by_its_act_only(stop: Stop) -> None:
    assert stop.measured(Facts(spec=Spec())) is None
    assert all(isinstance(number, int | float) for number in own_of(stop))


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.name)
def test_a_stop_is_whole(stop: Stop) -> None:
    assert stop.page in NAMES
    assert 2 <= len(stop.choices) <= 4
    assert 0 <= stop.right(made_up()) < len(stop.choices)
    assert stop.limits.startswith("It does not ")
    assert stop_named(stop.name) is stop


def test_names_differ_and_an_unknown_one_is_refused() -> None:
    assert len({stop.name for stop in STOPS}) == len(STOPS)
    with pytest.raises(LookupError, match="moon"):
        stop_named("moon")


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.name)
def test_a_statement_holds_your_number_beside_the_recorded_one(stop: Stop) -> None:
    own, shown = own_of(stop), made_up()
    words = stop.statement(own, shown)
    if isinstance(stop.act, Compare):
        assert f"{100 * own[0]:.1f} %" in words
        assert f"{100 * shown.accuracies[stop.act.first].mean:.1f} ± 1.0 %" in words
        assert "3 seeds, 95 % interval" in words
    assert "nan" not in words


def test_a_run_that_points_the_other_way_is_named_as_such() -> None:
    stop = stop_named("soft targets")
    assert "the other way" in stop.statement((0.6, 0.7), made_up())
    assert "the other way" not in stop.statement((0.7, 0.6), made_up())


DESIGNED: dict[str, tuple[list[tuple[Step, ...]], list[tuple[Step, ...]]]] = {
    "pruning": (
        [(KeepLayers(count=3),), (KeepLayers(layers=(0, 1, 5)), Factorise(8))],
        [(KeepLayers(count=4),), (Factorise(8),)],
    ),
    "low rank": (
        [(Factorise(16),), (KeepLayers(count=3), Factorise(32))],
        [(Factorise(33),), (Factorise(15),), (Factorise(energy=0.5),)],
    ),
}


@pytest.mark.parametrize("name", DESIGNED)
def test_a_stop_of_the_design_is_done_by_such_a_student_only(name: str) -> None:
    stop, (good, bad) = stop_named(name), DESIGNED[name]
    assert all(stop.measured(Facts(spec=Spec(steps=steps), ratio=0.5)) for steps in good)
    assert not any(stop.measured(Facts(spec=Spec(steps=steps), ratio=0.5)) for steps in bad)
    assert stop.measured(Facts(spec=Spec(steps=good[0]))) is None  # it can't be counted


def test_what_the_stops_state_of_sizes_is_true() -> None:
    teacher = BUILT_IN["reviews"]
    three = compare(teacher, (KeepLayers(count=3),))
    assert f"{100 * three.ratio:.1f} %" in stop_named("pruning").statement((three.ratio,), made_up())
    assert "3 layers and no other step leave 76.6 %" in stop_named("pruning").statement((0.5,), made_up())
    assert round(three.ratio, 3) == 0.766
    assert 0.45 < three.teacher.parts["embeddings"] / three.teacher.total < 0.55
    assert 384 * 384 == 147_456 == 2 * 384 * 192  # the break-even rank of the question


def test_both_arms_of_a_comparison_differ_in_one_thing_and_train_as_long() -> None:
    assert ARMS["yours"](STUDENT) == STUDENT
    for pair in (stop.act.arms for stop in STOPS if isinstance(stop.act, Compare)):
        first, second = (ARMS[arm](STUDENT) for arm in pair)
        assert first.distil.steps == second.distil.steps
        assert (first.steps != second.steps) + (first.distil != second.distil) == 1
    assert {ARMS[arm](STUDENT).distil for arm in SIZED} == {STUDENT.distil}  # the last stop chooses among equals
    own = replace(STUDENT, steps=(KeepLayers(count=3), Factorise(rank=16)))
    assert ARMS["hidden states"](own).steps == own.steps  # the student stays yours


@given(st.lists(st.tuples(st.floats(0.01, 1), st.floats(0, 1)), min_size=3, max_size=3), st.floats(0, 1))
def test_the_best_trade_off_is_the_smallest_that_is_good_enough(
    students: list[tuple[float, float]], loss: float
) -> None:
    best = smallest_within((loss, 0.84, *(value for pair in students for value in pair)))
    enough = [size for size, accuracy in students if accuracy >= 0.84 - loss]
    assert best is None if not enough else students[best][0] == min(enough)  # type: ignore[index]
    assert len(SIZED) == len(students)


def test_numbers_in_words() -> None:
    assert points(0.7984, 0.6561) == "−14.2 points"  # 79.8 and 65.6
    assert points(0.5, 0.5234) == "+2.3 points"
    assert mean_in_words(SeedMean(3, 0.672, 0.0111)) == "67.2 ± 1.1 %"
    assert difference_in_words(SeedMean(1, 0.02, None)) == "+2.0 points"


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_a_question_names_the_stops_that_settle_it(question: object) -> None:
    because, right = question.because, question.right  # type: ignore[attr-defined]
    assert any(f"*{stop.title}*" in because for stop in STOPS)
    assert 0 <= right < len(question.choices)  # type: ignore[attr-defined]
