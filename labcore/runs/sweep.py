"""Many runs in a row: each spec of a sweep with several seeds, and the reference results that they make."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import torch

from labcore.config.presets import MONITORED, SWEEPS
from labcore.config.spec import Spec
from labcore.distil.precision import hardware_bf16
from labcore.evaluate.reference import ReferenceResults
from labcore.evaluate.seed_groups import with_seed
from labcore.results.events import ConditionAccuracy, Event
from labcore.results.run import FinishedRun
from labcore.runs.cache import counted
from labcore.runs.execute import check_trainable, execute_and_store
from labcore.runs.monitor_reference import cue_tests
from labcore.runs.store import Store
from labcore.runs.teacher_check import check_teacher


def sweep(specs: Sequence[Spec], seeds: int, store: Store) -> Iterator[Event]:
    """Run every spec with seeds 0 up to `seeds`; what the store has finished already is not run again.

    Yields all events. Raises SpecError before the first run if one of the specs can't be carried out.
    """
    for spec in specs:
        for each in spec.chain:
            check_trainable(each)
            check_teacher(each.teacher, each.task)
            counted(each)
    for seed in range(seeds):
        for spec in specs:
            for wanted in with_seed(spec, seed).chain:
                if store.find(wanted) is None:
                    yield from execute_and_store(wanted, store.create(wanted), store)


def reference_results_of(name: str, seeds: int, store: Store) -> ReferenceResults:
    """The finished runs of a sweep as they ship with the lab, without their lists of differing examples.

    Raises LookupError if one is missing.
    """
    runs = []
    for spec in SWEEPS[name]:
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
    command = f"python -m labcore sweep {name} --seeds {seeds}"
    return ReferenceResults(
        name=name,
        machine=machine(),
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        command=command,
        runs=tuple(runs),
        conditions=conditions,
        shortcut_tests=shortcut_tests,
    )


def _lean(run: FinishedRun) -> FinishedRun:
    if run.result.evaluation is None:
        return run
    evaluation = replace(run.result.evaluation, most_divergent=())
    return replace(run, result=replace(run.result, evaluation=evaluation))


def machine() -> str:
    """The machine in a few words: cores, processor, precision, torch."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    processor = names[0] if names else platform.processor() or platform.machine()
    precision = "bf16" if hardware_bf16() else "fp32"
    return f"{torch.get_num_threads()} cores ({processor}), {precision}, torch {torch.__version__}"
