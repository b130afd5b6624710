"""How fair the queue is: thirty owners press *Distil* at once, against the fair optimum.

    python -m benchmarks.fairness            # the order alone: runs of a set time
    python -m benchmarks.fairness --train    # short real trainings

The fair optimum: with n owners and one run at a time, the last of the first runs begins once n - 1 runs have ended. The
ratio is the longest wait for a first run over the time of these n - 1 runs. First come, first served would give the
owners behind one with twenty runs a ratio above 1.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from labcore.config.presets import PRESETS
from labcore.config.spec import Spec
from labcore.results.events import Event
from labcore.runs.job_kinds import execute_spec, load_torch
from labcore.runs.jobs import Jobs
from labcore.runs.store import Store

SPREAD = (0.5, 1.5)  # of a timed run's length: no run is as long as another


@dataclass(frozen=True)
class Ran:
    """A run that has ended: whose it was, and its seconds from the first press."""

    owner: str | None
    began: float
    ended: float


class Clock:
    """Carries runs out, and notes when each began and ended. seconds: of a run; None for a real training."""

    def __init__(self, seconds: float | None):
        self.seconds, self.ran = seconds, list[Ran]()
        self.start = time.perf_counter()
        self._random = random.Random(0)

    def __call__(self, spec: Spec, run_id: str, store: Store) -> Iterator[Event]:
        began = time.perf_counter() - self.start
        owner = store.read(run_id).owner
        if self.seconds is None:
            yield from execute_spec(spec, run_id, store)
        else:
            store.update(run_id, "running")
            time.sleep(self.seconds * self._random.uniform(*SPREAD))
            store.update(run_id, "finished")
        self.ran.append(Ran(owner, began, time.perf_counter() - self.start))


def carried_out(presses: Sequence[tuple[str, int]], seconds: float | None, steps: int, home: Path) -> list[Ran]:
    """The runs of owners who press at once, each so often, in the order in which they ran."""
    clock = Clock(seconds)
    jobs = Jobs(Store(home), clock, load_torch if seconds is None else lambda: None)
    jobs.wait_until_loaded()
    jobs.pause()
    base, seed = PRESETS[1].spec, 0
    for owner, count in presses:
        for _ in range(count):
            seed += 1
            jobs.submit(replace(base, distil=replace(base.distil, seed=seed, steps=steps)), owner)
    clock.start = time.perf_counter()
    jobs.go_on()
    while jobs.busy():
        time.sleep(0.01)
    return clock.ran


def first_waits(ran: Sequence[Ran]) -> dict[str | None, float]:
    """The seconds that each owner waited for a first run."""
    waits: dict[str | None, float] = {}
    for each in ran:
        waits.setdefault(each.owner, each.began)
    return waits


def runs_before(ran: Sequence[Ran], owner: str) -> dict[str | None, int]:
    """How many runs of each other owner began before the owner's first. Raises ValueError if the owner had no run."""
    before: dict[str | None, int] = {}
    for each in ran:
        if each.owner == owner:
            return before
        before[each.owner] = before.get(each.owner, 0) + 1
    raise ValueError(f"owner {owner!r} had no run")


def main() -> None:
    parser = argparse.ArgumentParser(description="How fair the queue is.")
    parser.add_argument("--owners", type=int, default=30, help="owners who press at once (default: 30)")
    parser.add_argument("--train", action="store_true", help="short real trainings instead of runs of a set time")
    parser.add_argument("--seconds", type=float, default=0.1, help="of a timed run (default: 0.1)")
    parser.add_argument("--steps", type=int, default=5, help="of a real training (default: 5)")
    options = parser.parse_args()
    seconds = None if options.train else options.seconds
    people = [f"{n:02}" for n in range(options.owners)]
    cases = {
        f"{len(people)} owners with one run each": [(owner, 1) for owner in people],
        f"the first owner queues 20 runs, then {len(people) - 1} queue one each": [
            (owner, 1 if n else 20) for n, owner in enumerate(people)
        ],
    }
    for words, presses in cases.items():
        with tempfile.TemporaryDirectory() as folder:
            ran = carried_out(presses, seconds, options.steps, Path(folder))
        waits = first_waits(ran)
        longest = max(waits.values())
        fair = sum(each.ended - each.began for each in ran[: len(people) - 1])
        most = max(runs_before(ran, owner).get(people[0], 0) for owner in people[1:])
        print(f"{words}: {len(ran)} runs")
        print(f"  longest wait for a first run {longest:.2f} s; fair optimum {fair:.2f} s; ratio {longest / fair:.3f}")
        print(f"  most runs of the first owner before anybody's first: {most}")


if __name__ == "__main__":
    main()
