"""One experiment: a design with its seeds, beside its baselines with theirs. A run belongs to it by its spec alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from labcore.record import Run
from labcore.runs.baselines import BASELINES, Baseline, baseline
from labcore.spec import Spec

Kind = Literal["distilled"] | Baseline
KINDS: tuple[Kind, ...] = ("distilled", *BASELINES)


@dataclass(frozen=True)
class Series:
    """Runs of one spec up to its seed, one for each seed; `spec` has seed 0."""

    kind: Kind
    spec: Spec
    runs: tuple[Run, ...]

    @property
    def accuracies(self) -> list[float]:
        """Test accuracies of the finished runs."""
        return [run.result.student["accuracy"] for run in self.runs if run.result is not None]

    def missing(self, seeds: int) -> list[Spec]:
        """The specs of the seeds below `seeds` that are not finished, running or queued."""
        there = {run.spec.distil.seed for run in self.runs}
        return [with_seed(self.spec, seed) for seed in range(seeds) if seed not in there]


def with_seed(spec: Spec, seed: int) -> Spec:
    """The same spec with another seed, its assistants' too: chance enters each lesson of a chain."""
    assistant = spec.assistant and with_seed(spec.assistant, seed)
    return replace(spec, distil=replace(spec.distil, seed=seed), assistant=assistant)


def series_of(spec: Spec, runs: Sequence[Run], kind: Kind = "distilled") -> Series:
    """Of `runs` those of this spec, whatever their seed: the newest of each seed that finished or is on its way."""
    design = with_seed(spec, 0)
    by_seed: dict[int, Run] = {}
    for run in sorted(runs, key=lambda run: (run.result is not None, run.created)):  # finished ones last, the newest
        if with_seed(run.spec, 0) == design and (run.active or run.result is not None):
            by_seed[run.spec.distil.seed] = run
    return Series(kind, design, tuple(by_seed[seed] for seed in sorted(by_seed)))


def experiment_of(spec: Spec, runs: Sequence[Run]) -> tuple[Series, ...]:
    """The spec's own series, and its baselines' at equal steps."""
    made: list[tuple[Kind, Spec]] = [("distilled", spec), *((kind, baseline(spec, kind)) for kind in BASELINES)]
    return tuple(series_of(of, runs, kind) for kind, of in made)
