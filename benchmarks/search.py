"""The smallest student within some points in a budget of time: a search, random search, and hand-made designs.

    python -m benchmarks.search [--task reviews] [--within 3] [--budget 20m] [--seeds 3] [--against random hand-made]
                                [--home DIR]

Each row has the same seconds. `search` proposes by the estimator, `random` by chance, on the same rungs. `hand-made`
divides the seconds equally among the shapes of the sweep `capacity`, and trains each once. The smallest that meets the
goal on validation examples counts, as in a search. What surrounds a training counts, too. The first rows are the lab's
reference results, whose trainings were longer.

The teacher's logits are computed before. Each row has a home of its own, so none meets the runs of another. With
--home a benchmark that was cut off goes on. Prints the table in Markdown, a row as soon as it is done: size, accuracy,
the probability to be within the distance and to be the smallest, and the share of the time that each rung took.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from labcore.search.search_settings import Goal, SearchSettings

if TYPE_CHECKING:
    from labcore.config.spec import Spec
    from labcore.results.run import FinishedRun
    from labcore.runs.store import Store
    from labcore.search.history import History
    from labcore.search.search_driver import Driver

BESIDE = 10.0  # seconds around the first training, until they are measured
AGAINST = ("random", "hand-made")
RUNGS = ("counts", "untrained", "short", "full", "seeds", "failed")
HEAD = "designs by | seed | parameters | goal | validation | test | within / smallest | time by rung | designs"


@dataclass(frozen=True)
class Trial:
    """What all rows share: the task, the points, the seconds, and the folder of the homes."""

    task: str
    within: float
    seconds: float
    base: Path

    def home(self, name: str, seed: int) -> Path:
        """The home of a row, with the teacher's logits."""
        home = self.base / f"{name}-{seed}"
        home.mkdir(parents=True, exist_ok=True)
        shutil.copytree(self.base / "targets", home / "targets", dirs_exist_ok=True)
        return home

    def settings(self, seed: int, proposals: str) -> SearchSettings:
        """The search of a row."""
        from labcore.search.usual_training import usual_search

        goal = Goal(within=self.within)
        return usual_search(
            teacher=self.task, task=self.task, goal=goal, seconds=self.seconds, seed=seed, proposals=proposals
        )

    def searched(self, name: str, seed: int) -> list[str]:
        """Carry a search out, or go on with it; its row."""
        from labcore.runs.execute import execute_and_store
        from labcore.runs.store import Store
        from labcore.search.carry_out import carry_out
        from labcore.search.outcome import outcome_of

        settings = self.settings(seed, "random" if name == "random" else "tpe")
        store = Store(self.home(name, seed))
        driver = _driver(settings, store)
        try:
            for _ in carry_out(driver, execute_and_store) if driver.history.state != "finished" else ():
                pass
        finally:
            driver.files.release(driver.entry.id)
        history, outcome = driver.history, outcome_of(settings, driver.history, store)
        rungs = ("untrained", "short", "full")
        reached = ", ".join(f"{len(history.reached(rung))} {rung}" for rung in rungs)  # type: ignore[arg-type]
        figures = ["none", "not met", "", "", ""]
        if outcome is not None and (best := outcome.smallest) is not None:
            chances = f"{best.within:.0%} / {best.best:.0%}"
            figures = [*_figures(best.size, best.validation, best.test, meets=outcome.meets), chances]
        return [name, str(seed), *figures, _shares(history), f"{len(history.designs)}, {reached}"]

    def hand_made(self, seed: int) -> list[str]:
        """Train the hand-made shapes one after another; the row of the smallest that meets the goal.

        What is left of the seconds is divided equally, and what surrounds a training comes out of its part.
        """
        from labcore.config.presets import SWEEPS
        from labcore.runs.store import Store
        from labcore.search.search_driver import cost_of

        store, config = Store(self.home("hand-made", seed)), self.settings(seed, "tpe").distil
        shapes = tuple(dict.fromkeys(spec.steps for spec in SWEEPS["capacity"]))
        runs, spent, beside = [], 0.0, BESIDE
        for place, steps in enumerate(shapes):
            length = max(1.0, float(round((self.seconds - spent) / (len(shapes) - place) - beside)))
            config = replace(config, steps=None, seconds=length, seed=seed)
            run = _trained(replace(_plain(self.task), steps=steps, distil=config), store)
            cost = cost_of(run, store)
            runs, spent, beside = [*runs, run], spent + cost, max(0.0, cost - length)
        measured = [(run, *_validation(run, store)) for run in runs]
        met = [each for each in measured if each[1] >= each[2] - self.within / 100]
        best = min(met, key=lambda each: each[0].counts.student.total) if met else max(measured, key=lambda m: m[1])
        run, own, _ = best
        row = _figures(run.counts.student.total, own, run.result.accuracy, meets=bool(met))
        return ["hand-made", str(seed), *row, "", "full 100 %", f"{len(runs)} full"]

    def compute_targets(self) -> None:
        """Let the folder of the homes have the teacher's logits, which every training reads."""
        from labcore.config.steps import KeepLayers
        from labcore.runs.store import Store

        config = replace(self.settings(0, "tpe").distil, steps=1)
        _trained(replace(_plain(self.task), steps=(KeepLayers(count=1),), distil=config), Store(self.base))


def reference_rows(within: float) -> list[list[str]]:
    """The reference designs that were distilled, the largest first: mean test accuracy, and whether it is within."""
    from labcore.evaluate.reference import reference_results

    designs: dict[tuple[int, str], list[tuple[float, float, float]]] = {}
    for sweep in ("capacity", "frontier"):
        results = reference_results(sweep)
        for run in () if results is None else results.runs:
            if run.spec.distil.from_teacher:
                figures = (run.result.accuracy, run.result.teacher_accuracy, run.result.seconds)
                designs.setdefault((run.counts.student.total, sweep), []).append(figures)
    rows = []
    for (size, sweep), of_seeds in sorted(designs.items(), reverse=True):
        own, teacher, seconds = (fmean(column) for column in zip(*of_seeds, strict=True))
        met = "met" if own >= teacher - within / 100 else "not met"
        seeds = f"{len(of_seeds)} seeds"
        rows.append([f"reference, {sweep}", seeds, f"{size:,}", met, "", f"{own:.1%}", "", f"{seconds:.0f} s each", ""])
    return rows


def _driver(settings: SearchSettings, store: Store) -> Driver:
    """The search with these settings that its home has, held; or a new one."""
    from labcore.search.search_driver import Driver
    from labcore.search.search_files import SearchFiles

    files = SearchFiles(store.home)
    entry = next((each for each in files.all() if each.search == settings), None)
    if entry is None:
        return Driver(files.create(settings), store, files)
    files.hold(entry.id)
    return Driver(entry, store, files)


def _plain(task: str) -> Spec:
    from labcore.config.spec import Spec

    return Spec(teacher=task, task=task)


def _trained(spec: Spec, store: Store) -> FinishedRun:
    """The finished run of a spec, which is trained if the store has none."""
    from labcore.runs.execute import execute_and_store

    if store.find(spec) is None:
        for _ in execute_and_store(spec, store.create(spec), store):
            pass
    run = store.find(spec)
    assert run is not None
    return run


def _validation(run: FinishedRun, store: Store) -> tuple[float, float]:
    """A run's best validation accuracy, and its teacher's on the same split."""
    from labcore.data.tasks import load_task
    from labcore.results.events import Validation
    from labcore.runs.teacher_accuracy import teacher_accuracy

    best = [event for event in store.events(run.id) if isinstance(event, Validation) and event.best]
    examples = len(load_task(run.spec.task).splits["validation"])
    return best[-1].accuracy, teacher_accuracy(run.spec.teacher, run.spec.task, examples)


def _figures(size: float, validation: float, test: float, *, meets: bool) -> list[str]:
    return [f"{size:,.0f}", "met" if meets else "not met", f"{validation:.1%}", f"{test:.1%}"]


def _shares(history: History) -> str:
    """The share of the time by rung; further seeds of a full training count as a rung of their own."""
    costs = dict(history.costs)
    costs["seeds"] = sum(each.cost for design in history.designs for each in design.measured if each.seed > 0)
    costs["full"] = costs.get("full", 0.0) - costs["seeds"]
    total = max(history.spent, 1e-9)
    return ", ".join(f"{rung} {costs[rung] / total:.0%}" for rung in RUNGS if costs.get(rung, 0.0) > 0)


def _print(cells: Sequence[str]) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


def main() -> None:
    """Print the table, a row as soon as it is done."""
    from labcore.commands.search_verb import seconds_of

    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--task", default="reviews")
    parser.add_argument("--within", type=float, default=3.0)
    parser.add_argument("--budget", default="20m", help="of each row, such as 20m or 90s")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--against", nargs="*", choices=AGAINST, default=AGAINST)
    parser.add_argument("--home", type=Path, help="folder of the homes, to resume (default: a temporary one)")
    options = parser.parse_args()
    base = options.home or Path(tempfile.mkdtemp(prefix="lab-search-"))
    trial = Trial(options.task, options.within, seconds_of(options.budget), base)
    _print(HEAD.split(" | "))
    _print(["---"] * len(HEAD.split(" | ")))
    for row in reference_rows(options.within) if options.task == "reviews" else ():
        _print(row)
    try:
        trial.compute_targets()
        for seed in range(options.seeds):
            for name in ("search", *options.against):
                _print(trial.hand_made(seed) if name == "hand-made" else trial.searched(name, seed))
    finally:
        if options.home is None:
            shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
