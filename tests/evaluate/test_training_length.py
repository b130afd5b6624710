"""How long a student was trained, and which trainings are much shorter than those they compare with."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Factorise, KeepLayers
from labcore.data.tasks import load_task
from labcore.evaluate.training_length import MUCH_SHORTER, much_shorter, training_length
from labcore.results.run import FinishedRun
from labcore.views.words import training_length_in_words
from tests.shared.runs import finished_run

SPEC = Spec(steps=(KeepLayers(count=3),))
TRAIN = len(load_task("reviews").splits["train"])


def trained(run_id: str, steps: int, spec: Spec = SPEC, parameters: int | None = None, **distil: object) -> FinishedRun:
    config = replace(spec.distil, steps=steps, **distil)  # type: ignore[arg-type]
    run = finished_run(run_id, replace(spec, distil=config), 0.8)
    if parameters is None:
        return run
    return replace(run, counts=replace(run.counts, student=replace(run.counts.student, total=parameters)))


@pytest.mark.parametrize(
    ("config", "steps", "words"),
    [
        (DistilConfig(), 3 * -(-TRAIN // 32), f"{3 * -(-TRAIN // 32)} steps (3 epochs)"),
        (DistilConfig(steps=1, batch_size=8), 1, "1 step (0.0013 epochs)"),
        (DistilConfig(steps=4000, transfer=40_000), 4000, "4,000 steps (2.8 epochs)"),
        (DistilConfig(seconds=32), 100, "about 100 steps (0.5 epochs)"),  # at 100 examples a second
        (DistilConfig(steps=400, patience=2), 400, "at most 400 steps (2 epochs)"),
    ],
)
def test_the_length_of_a_training(config: DistilConfig, steps: int, words: str) -> None:
    length = training_length(finished_run("1", Spec(distil=config), 0.8))
    assert (length.steps, length.examples) == (steps, steps * config.batch_size)
    assert length.epochs == pytest.approx(steps * config.batch_size / (TRAIN + config.transfer))
    assert training_length_in_words(length) == words


def test_less_than_half_of_the_same_students_longest_training_is_much_shorter() -> None:
    runs = [trained("a", 1000), trained("b", 500), trained("c", 499)]
    assert much_shorter(runs) == {"c"}
    assert much_shorter([*runs, trained("d", 10, Spec())]) == {"c"}  # no other training of that student
    assert much_shorter([trained("e", 499, hard=1.0), runs[0]]) == {"e"}  # another training, the same student
    assert much_shorter([trained("e", 499, batch_size=64), runs[0]]) == set()  # larger batches: as many examples
    other = replace(trained("f", 100), teacher="another")
    assert much_shorter([runs[0], other]) == set()


def test_own_runs_compare_with_the_reference_result_nearest_in_size() -> None:
    references = [trained("small", 4000, Spec(), 100), trained("large", 1400, SPEC, 900)]
    low_rank = Spec(steps=(Factorise(8),))
    own = [
        trained("near small", 1500, low_rank, 200),
        trained("near large", 700, low_rank, 800),
        trained("short", 699, low_rank, 800),
    ]
    apart = [much_shorter([*references, run], {"small", "large"}) for run in own]
    assert apart == [{"near small"}, set(), {"short"}]
    assert much_shorter([*references, own[0]]) == set()  # nothing ships with the lab


@given(st.lists(st.tuples(st.integers(1, 4000), st.sampled_from([8, 32]), st.booleans()), min_size=1, max_size=8))
def test_the_longest_training_of_a_student_is_never_short(given_runs: list[tuple[int, int, bool]]) -> None:
    runs = [trained(f"{i}", steps, batch_size=batch) for i, (steps, batch, _) in enumerate(given_runs)]
    shipped = {f"{i}" for i, (*_, is_shipped) in enumerate(given_runs) if is_shipped}
    longest = max(training_length(run).examples for run in runs)
    short = {run.id for run in runs if training_length(run).examples < MUCH_SHORTER * longest}
    assert much_shorter(runs, shipped) == short
