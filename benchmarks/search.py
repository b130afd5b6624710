"""The smallest student within some points in a budget of time: a search, random search, and the reference designs.

    python -m benchmarks.search [--task reviews] [--within 3] [--budget 1200] [--seeds 3] [--home DIR]

For each seed: a search by the estimator and one by chance, with the same rungs and the same seconds. Each has a home
of its own, so neither meets the other's runs. The teacher's logits are computed before, by a run of one step. The
reference designs are those of the sweep `capacity` (three seeds, with longer trainings). Prints the size and the test
accuracy of each result, its probability, and the share of the time that each rung took.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import fmean


def searched(home: Path, task: str, within: float, seconds: float, seed: int, proposals: str) -> list[object]:
    """Carry one search out; a row of the table."""
    from labcore.runs.execute import execute_and_store
    from labcore.runs.store import Store
    from labcore.search.carry_out import carry_out
    from labcore.search.outcome import outcome_of
    from labcore.search.search_driver import Driver
    from labcore.search.search_files import SearchFiles
    from labcore.search.search_settings import Goal
    from labcore.search.usual_training import usual_search

    settings = usual_search(
        teacher=task, task=task, goal=Goal(within=within), seconds=seconds, seed=seed, proposals=proposals
    )
    store = Store(home)
    files = SearchFiles(home)
    driver = Driver(files.create(settings), store, files)
    for _ in carry_out(driver, execute_and_store):
        pass
    files.release(driver.entry.id)
    history = driver.history
    outcome = outcome_of(settings, history, store)
    best = None if outcome is None else outcome.smallest
    shares = {rung: f"{cost / history.spent:.0%}" for rung, cost in history.costs.items()}
    reached = {rung: len(history.reached(rung)) for rung in ("untrained", "short", "full")}
    if best is None or outcome is None:
        return [proposals, seed, "none", "", "", "", "", shares, reached]
    met = "met" if outcome.meets else "not met"
    return [
        proposals, seed, f"{best.size:,.0f}", met, f"{best.validation:.1%}", f"{best.test:.1%}",
        f"{best.within:.0%} / {best.best:.0%}", shares, reached,
    ]  # fmt: skip


def compute_targets(base: Path, task: str) -> None:
    """Let the home `base` have the teacher's logits, which every training of a search reads."""
    from labcore.config.spec import Spec
    from labcore.config.steps import KeepLayers
    from labcore.runs.execute import execute_and_store
    from labcore.runs.store import Store
    from labcore.search.usual_training import usual_training

    spec = Spec(teacher=task, task=task, steps=(KeepLayers(count=1),), distil=replace(usual_training(task), steps=1))
    store = Store(base)
    for _ in execute_and_store(spec, store.create(spec), store):
        pass


def reference_rows(within: float) -> list[list[object]]:
    """The reference designs that were distilled, the largest first: mean test accuracy, and whether it is within."""
    from labcore.evaluate.reference import reference_results

    results = reference_results("capacity")
    designs: dict[int, list[tuple[float, float]]] = {}
    for run in () if results is None else results.runs:
        if run.spec.distil.from_teacher:
            figures = (run.result.accuracy, run.result.teacher_accuracy)
            designs.setdefault(run.counts.student.total, []).append(figures)
    rows: list[list[object]] = []
    for size, figures in sorted(designs.items(), reverse=True):
        own, teacher = fmean(each[0] for each in figures), fmean(each[1] for each in figures)
        met = "met" if own >= teacher - within / 100 else "not met"
        rows.append(["reference", f"{len(figures)} seeds", f"{size:,}", met, "", f"{own:.1%}", "", {}, {}])
    return rows


def main() -> None:
    """Print the table, a row as soon as it is there."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--task", default="reviews")
    parser.add_argument("--within", type=float, default=3.0)
    parser.add_argument("--budget", type=float, default=1200.0, help="seconds of each search")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--home", type=Path, help="where the homes go (default: a temporary folder that is removed)")
    options = parser.parse_args()
    base = options.home or Path(tempfile.mkdtemp(prefix="lab-search-"))
    print("proposals | seed | parameters | goal on its split | validation | test | within / smallest | time | designs")
    for row in reference_rows(options.within):
        print(" | ".join(map(str, row)), flush=True)
    try:
        compute_targets(base, options.task)
        for seed in range(options.seeds):
            for proposals in ("tpe", "random"):
                home = base / f"{proposals}-{seed}"
                home.mkdir(parents=True, exist_ok=True)
                shutil.copytree(base / "targets", home / "targets", dirs_exist_ok=True)
                row = searched(home, options.task, options.within, options.budget, seed, proposals)
                print(" | ".join(map(str, row)), flush=True)
    finally:
        if options.home is None:
            shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
