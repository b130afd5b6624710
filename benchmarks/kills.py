"""Runs whose process is killed at random moments and that resume until they finish, compared with undisturbed runs.

    python -m benchmarks.kills --n 60 [--seed 0]

Each process is ended by `kill -9` at a random moment of its life: while it loads, prepares, trains, saves a checkpoint,
evaluates or saves the student. The next one resumes the run in the same home. At the end events, weights, counts and
logits must be those of an undisturbed run, bit for bit. Times may differ. Exits with status 1 if they do not.

The runs are short: few examples, small students, and a checkpoint ten times a second.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.sources import ROOT
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import KeepLayers, Manual, Prune, TrimVocabulary
from labcore.data import tasks
from labcore.data.examples import Splits
from labcore.results.events import Event, event_to_dict
from labcore.runs.store import Store

TRAIN, OTHERS = 96, 60  # examples of a split
SMALL = (TrimVocabulary(size=800), Manual(hidden=48, layers=2, heads=4, intermediate=96, init="teacher"))
CONFIG = DistilConfig(steps=60, batch_size=8, dropout=0.1, learning_rate=1e-3)
SPECS = (
    Spec(steps=SMALL, distil=CONFIG),
    Spec(steps=SMALL, distil=replace(CONFIG, hidden=0.5, schedule="cosine", transfer=40)),
    Spec(steps=(*SMALL, KeepLayers(count=1), Prune(0.7)), distil=replace(CONFIG, gradual=True, embeddings=False)),
)
TIMES = {"seconds", "elapsed", "sentences_per_second", "run"}  # fields that differ between two equal runs
NOTES = {"resumed", "preparing"}  # events that note what happened to the process


@dataclass
class Tally:
    """kills: by the run's last event before them. finished: runs that resumed to their end. different: from which."""

    kills: Counter[str] = field(default_factory=Counter)
    finished: int = 0
    different: list[str] = field(default_factory=list)


def execute(home: Path, run_id: str) -> None:
    """Execute or resume a run in this process, which nothing else uses. Prints a line once torch is loaded."""
    from labcore.runs.execute import execute_and_store
    from labcore.runs.resuming import reopened

    few_examples()
    print("ready", flush=True)
    store = Store(home)
    for each, spec in reopened(run_id, store):
        for _ in execute_and_store(spec, each, store):
            pass


def few_examples() -> None:
    """Let each task of this process have few examples."""

    def read(task: tasks.Task) -> Splits:
        return {split: of.spread(TRAIN if split == "train" else OTHERS) for split, of in task.splits.items()}

    tasks.TASKS = tuple(replace(task, read=partial(read, task), read_clean=None) for task in tasks.TASKS)


def queued(spec: Spec, home: Path) -> str:
    """A run in a home, queued by a process that has ended."""
    store = Store(home)
    run_id = store.create(spec)
    store.update(run_id, "stopped")
    return run_id


def outcome(home: Path, run_id: str) -> tuple[object, ...]:
    """What a finished run leaves, without times."""
    folder, store = home / "runs" / run_id, Store(home)
    events = [_untimed(event) for event in store.events(run_id) if event.event not in NOTES]
    weights = {file.name: file.read_bytes() for file in sorted((folder / "student").glob("*.safetensors"))}
    return events, weights, (folder / "answers.safetensors").read_bytes(), store.read(run_id).counts


def _untimed(event: Event) -> dict[str, Any]:
    return {name: value for name, value in event_to_dict(event).items() if name not in TIMES}


def finish(home: Path, run_id: str, wait: float | None = None) -> float | None:
    """Execute the run in a process of its own, and kill that after `wait` seconds; the seconds if it ended before.

    Both count from when torch is loaded. Raises RuntimeError if the process failed, also before that.
    """
    child = [sys.executable, "-m", "benchmarks.kills", "--home", str(home), "--run", run_id]
    with subprocess.Popen(child, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()  # empty if the process has ended
        began = time.perf_counter()
        try:
            _, errors = process.communicate(timeout=wait)
        except subprocess.TimeoutExpired:
            process.kill()
            return None
    if process.returncode != 0:
        raise RuntimeError(f"run {run_id} failed: {errors}")
    return time.perf_counter() - began


def kill_until(kills: int, seed: int, home: Path, specs: tuple[Spec, ...] = SPECS) -> Tally:
    """Run these specs in turn, undisturbed and killed, until there were `kills` kills."""
    os.environ["LAB_CHECKPOINT_SECONDS"] = "0.1"
    tally, chance = Tally(), random.Random(seed)
    undisturbed: dict[int, tuple[float, tuple[object, ...]]] = {}
    while sum(tally.kills.values()) < kills:
        which = tally.finished % len(specs)
        if which not in undisturbed:
            other = home / f"undisturbed {which}"
            run_id = queued(specs[which], other)
            undisturbed[which] = finish(other, run_id) or 0.0, outcome(other, run_id)
        seconds, expected = undisturbed[which]
        place = home / f"killed {tally.finished}"
        run_id = queued(specs[which], place)
        while finish(place, run_id, chance.uniform(0.1, 1.1) * seconds) is None:
            *_, last = ("no event", *(event.event for event in Store(place).events(run_id)))
            tally.kills[last] += 1
            if Store(place).read(run_id).status == "finished":  # killed after its end
                break
        tally.finished += 1
        if outcome(place, run_id) != expected:
            tally.different.append(f"{place}: {run_id}")
    return tally


def main() -> int:
    """Print how many kills came after which event, and whether all runs ended as the undisturbed ones."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--n", type=int, default=60, help="kills")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--run", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        execute(options.home, options.run)
        return 0
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        tally = kill_until(options.n, options.seed, Path(folder))
    by_event = ", ".join(f"{count} after {name}" for name, count in tally.kills.most_common())
    print(f"{sum(tally.kills.values())} kills ({by_event}); {tally.finished} runs resumed to their end")
    print(f"different from the undisturbed run: {len(tally.different)}", *tally.different)
    return 1 if tally.different else 0


if __name__ == "__main__":
    sys.exit(main())
