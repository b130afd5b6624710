"""Which runs an assignment has."""

from __future__ import annotations

from dataclasses import replace

from labcore.config.spec import Spec
from labcore.config.steps import Factorise, KeepLayers
from labcore.evaluate.assignment_runs import runs_of
from labcore.results.run import Run
from tests.shared.assignments import assignment


def run_of(spec: Spec) -> Run:
    return Run(id="1", spec=spec, status="stopped", created="")


def test_a_run_keeps_what_is_fixed_and_may_change_the_rest() -> None:
    task = assignment(locked=("steps.kinds", "distil"), hidden=())
    three, rank = KeepLayers(count=3), Factorise(rank=64)
    task = replace(task, spec=replace(task.spec, steps=(three, rank)))
    fits = [run_of(replace(task.spec, steps=(KeepLayers(count=n), Factorise(rank=8 * n)))) for n in (1, 2, 3)]
    other_steps = run_of(replace(task.spec, steps=(three,)))
    other_seed = run_of(replace(task.spec, distil=replace(task.spec.distil, seed=99)))
    other_teacher = run_of(replace(task.spec, teacher="news", task="news"))
    assert runs_of(task, [*fits, other_steps, other_seed, other_teacher]) == fits
    free = replace(task, locked=())
    assert runs_of(free, [*fits, other_steps, other_seed, other_teacher]) == [*fits, other_steps, other_seed]
