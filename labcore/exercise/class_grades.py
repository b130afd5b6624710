"""Hand-ins graded from files: one line by line, a folder of them as a table for the class."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from labcore.config.spec import Spec, SpecError
from labcore.evaluate.baselines import training_steps
from labcore.exercise.attempt import SLOTS
from labcore.exercise.grading import best_of, not_recomputed, recomputed, run_again, wanted, with_copies_flagged
from labcore.exercise.submission_checks import CHECKS, Grade, looked_through
from labcore.results.events import Preparing, TrainStep
from labcore.runs.assistants import finished_run
from labcore.runs.store import Store
from labcore.system.files import write_whole

COUNTS_ONLY = "left out by --counts-only"


def grade_submissions(path: Path, home: Path | None, counts_only: bool, table: Path | None) -> int:
    """Grade the hand-in, or the folder of them, at `path` and print it; the exit status is 0 if nothing failed, else 1.

    home: where the grader's runs are kept; what is finished there is not run again. table: a CSV file to write.
    Raises SpecError where there is nothing to grade.
    """
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.suffix.lower() == ".json" and file.is_file())
        if not files:
            raise SpecError(f"{path} has no hand-in in it; give a folder with the .json files that were handed in")
        names = [str(file.relative_to(path)) for file in files]
    elif not path.is_file():
        raise SpecError(
            f"{path} is not a file; give a hand-in (.json), a folder of them, or a Python file (.py, .ipynb)"
        )
    elif path.suffix.lower() == ".json":
        files, names = [path], [path.name]
    else:  # what was handed in is never run, whatever it is called
        raise SpecError(
            f"{path.name} is neither a hand-in nor a Python file; give a name that ends in .json, .py or .ipynb"
        )
    grades = _graded([looked_through(file, name) for file, name in zip(files, names, strict=True)], home, counts_only)
    if path.is_dir():
        print(class_table(grades))
    else:
        print("\n".join(f"{check.outcome:15} {check.name}: {check.why}" for check in grades[0].checks))
        print(f"in all: {grades[0].outcome}")
    if table is not None:
        write_whole(table, as_csv(grades))
    return 1 if any(one.outcome == "failed" for one in grades) else 0


def _graded(grades: Sequence[Grade], home: Path | None, counts_only: bool) -> list[Grade]:
    if counts_only:
        return with_copies_flagged([not_recomputed(one, COUNTS_ONLY) for one in grades])
    store = Store(home)
    specs = list(dict.fromkeys(spec for one in grades for spec in wanted(one)))
    failed = _run([spec for spec in specs if finished_run(spec, store) is None], store)
    return with_copies_flagged([recomputed(one, store, failed) for one in grades])


def _run(specs: Sequence[Spec], store: Store) -> dict[Spec, str]:
    """Run these, with a bar over the steps of all of them on standard error."""
    before = 0
    steps = {spec: training_steps(spec) or 0 for spec in specs}
    work = run_again(specs, store)
    places = {spec: place for place, spec in enumerate(specs, 1)}
    with tqdm(total=sum(steps.values()), disable=not sys.stderr.isatty(), unit="step", leave=False) as bar:
        while True:
            try:
                spec, event = next(work)
            except StopIteration as end:
                failed: dict[Spec, str] = end.value
                return failed
            before = sum(steps[earlier] for earlier in specs[: places[spec] - 1])
            which = f"student {places[spec]} of {len(specs)}"
            if isinstance(event, Preparing):
                bar.set_description(f"{which}: the teacher reads {event.done:,} of {event.total:,}")
            elif isinstance(event, TrainStep):
                bar.set_description(which)
                bar.n = before + event.step
            bar.refresh()


# -- tables --------------------------------------------------------------------------------------------


def class_table(grades: Sequence[Grade]) -> str:
    """A line for each hand-in: who, the grade, predicted, chosen and best student, and what failed or was flagged."""
    head = ["who", "grade", "predicted", "chosen", "best", "look at"]
    rows = [[one.name or one.file, one.outcome, *_letters(one), _remarks(one)] for one in grades]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head) - 1)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip()
        for row in [head, *rows]
    ]
    outcomes = [one.outcome for one in grades]
    total = ", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in dict.fromkeys(sorted(outcomes)))
    return "\n".join([*lines, "", f"{len(grades)} handed in: {total}"])


def as_csv(grades: Sequence[Grade]) -> str:
    """The same as CSV, with every check's outcome and the recomputed accuracies."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    checks = [f"check: {name}" for name in CHECKS]
    writer.writerow(["file", "name", "grade", "predicted", "chosen", "best", *(f"accuracy {s}" for s in SLOTS), *checks, "look at"])  # fmt: skip
    for one in grades:
        accuracies = [f"{a:.4f}" for a in one.recomputed.accuracies] if one.recomputed else [""] * len(SLOTS)
        outcomes = {check.name: check.outcome for check in one.checks}
        cells = [one.file, one.name, one.outcome, *_letters(one), *accuracies, *(outcomes.get(name, "") for name in CHECKS), _remarks(one)]  # fmt: skip
        writer.writerow([_harmless(cell) for cell in cells])
    return out.getvalue()


def _letters(one: Grade) -> list[str]:
    """Predicted, chosen and best student, as far as they are known."""
    if one.submission is None:
        return ["", "", ""]
    attempt = one.submission.attempt
    best = best_of(attempt, one.recomputed) if one.recomputed else None
    return ["" if slot is None else SLOTS[slot] for slot in (attempt.prediction, attempt.choice, best)]


def _remarks(one: Grade) -> str:
    """What failed or was flagged, with why."""
    return "; ".join(f"{c.name}: {c.why}" for c in one.checks if c.outcome in ("failed", "flagged"))


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet does not take for a formula: the name in a hand-in may be anything."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
