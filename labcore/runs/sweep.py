"""Many runs in a row: each spec of a sweep with several seeds, and the reference results that they make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from labcore.config.presets import DRAWN, MONITORED, SWEEPS
from labcore.config.spec import Spec
from labcore.evaluate.reference import ReferenceResults
from labcore.evaluate.seed_groups import with_seed
from labcore.results.events import ConditionAccuracy, Event, Validation
from labcore.results.run import FinishedRun
from labcore.runs.cache import counted
from labcore.runs.execute import check_trainable, execute_and_store
from labcore.runs.monitor_reference import cue_tests
from labcore.runs.store import Store
from labcore.runs.teacher_check import check_teacher
from labcore.system.processor import machine


def sweep(specs: Sequence[Spec], seeds: int, store: Store) -> Iterator[Event]:
    """Run every spec with seeds 0 up to `seeds`; what the store has finished already is not run again.

    Yields all events. Raises SpecError before the first run if one of the specs can't be carried out.
    """
    check_all(specs)
    for seed in range(seeds):
        for spec in specs:
            for wanted in with_seed(spec, seed).chain:
                if store.find(wanted) is None:
                    yield from execute_and_store(wanted, store.create(wanted), store)


def check_all(specs: Sequence[Spec]) -> None:
    """Raises SpecError if one of the specs can't be carried out."""
    for spec in specs:
        for each in spec.chain:
            check_trainable(each)
            check_teacher(each.teacher, each.task)
            counted(each)


def reference_results_of(
    name: str, seeds: int, store: Store, specs: Sequence[Spec] | None = None, teacher: str = ""
) -> ReferenceResults:
    """The finished runs of a sweep as they ship with the lab, without their lists of differing examples.

    specs: of the sweep for a `teacher` of your own; None for the lab's. Raises LookupError if a run is missing.
    """
    runs = []
    for spec in SWEEPS[name] if specs is None else specs:
        for seed in range(seeds):
            run = store.find(with_seed(spec, seed))
            if run is None:
                raise LookupError(f"{name} has no finished run of seed {seed} of {spec.to_json()}")
            runs.append(_lean(run))
    conditions = {
        run.id: measured
        for run in runs
        if (measured := tuple(event for event in store.events(run.id) if isinstance(event, ConditionAccuracy)))
    }
    shortcut_tests = dict(cue_tests(runs, store)) if name in MONITORED else {}
    validations = {
        run.id: tuple(event for event in store.events(run.id) if isinstance(event, Validation))
        for run in (runs if name in DRAWN else ())
    }
    command = f"python -m labcore sweep {name}{f' --teacher {teacher}' if teacher else ''} --seeds {seeds}"
    return ReferenceResults(
        name=name,
        machine=machine(),
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        command=command,
        runs=tuple(runs),
        conditions=conditions,
        shortcut_tests=shortcut_tests,
        validations=validations,
    )


def _lean(run: FinishedRun) -> FinishedRun:
    if run.result.evaluation is None:
        return run
    evaluation = replace(run.result.evaluation, most_divergent=())
    return replace(run, result=replace(run.result, evaluation=evaluation))
