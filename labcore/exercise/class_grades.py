"""Submissions graded from files: one line by line, a folder of them as a table for the class."""

from __future__ import annotations

import csv
import io
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from labcore.config.spec import Spec, SpecError
from labcore.evaluate.baselines import training_steps
from labcore.exercise.attempt import SLOTS
from labcore.exercise.attempt_results import best_slot
from labcore.exercise.copies import flag_copies
from labcore.exercise.grading import leave_out_recomputed, recompute, run_missing, submitted_specs
from labcore.exercise.signature_check import verifier_for
from labcore.exercise.submission_checks import CHECKS, DERIVED, Grade, check_file
from labcore.results.events import Event, Preparing, TrainStep
from labcore.runs.store import Store
from labcore.system.files import write_whole
from labcore.system.home import default_home

COUNTS_ONLY = "left out by --counts-only"


def grade_submissions(
    path: Path, home: Path | None, counts_only: bool, table: Path | None, key: Path | None = None
) -> int:
    """Grade the submission, or the folder of them, at `path` and print it. Returns 0 if nothing failed, else 1.

    home: the folder of the grader's runs; a run that is finished there is not repeated. table: a CSV file to write.
    key: the file with the key of the class's server; by default that of the home, if it has one. Raises SpecError if
    there is nothing to grade, or if the file holds no key.
    """
    files = _submissions_at(path)
    verifier = verifier_for(home or default_home(), key)
    grades = _graded([check_file(file, name, verifier) for name, file in files.items()], home, counts_only)
    if path.is_dir():
        print(class_table(grades))
    else:
        print("\n".join(f"{check.outcome:15} {check.name}: {check.why}" for check in grades[0].checks))
        print(f"in all: {grades[0].outcome}")
    if table is not None:
        write_whole(table, as_csv(grades))
    return 1 if any(grade.outcome == "failed" for grade in grades) else 0


def _submissions_at(path: Path) -> dict[str, Path]:
    """The files to grade, by their names in the grades. Raises SpecError if there is none."""
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.suffix.lower() == ".json" and file.is_file())
        if not files:
            raise SpecError(f"{path} has no submission in it; give a folder with the .json files that people submitted")
        return {str(file.relative_to(path)): file for file in files}
    if not path.is_file():
        raise SpecError(
            f"{path} is not a file; give a submission (.json), a folder of them, or a Python file (.py, .ipynb)"
        )
    if path.suffix.lower() != ".json":  # a submission is never run, whatever its name is
        raise SpecError(
            f"{path.name} is neither a submission nor a Python file; give a name that ends in .json, .py or .ipynb"
        )
    return {path.name: path}


def checked_uploads(files: Mapping[str, bytes], home: Path) -> list[Grade]:
    """Submissions that a browser sent, by their names, with the checks that need no training. home: of the server."""
    verifier = verifier_for(home, None)
    with tempfile.TemporaryDirectory(prefix="submissions-") as folder:
        paths = {name: Path(folder) / f"{place}.json" for place, name in enumerate(files)}
        for name, path in paths.items():
            path.write_bytes(files[name])
        return [check_file(path, name, verifier) for name, path in paths.items()]


def missing_runs(grades: Sequence[Grade], store: Store) -> list[Spec]:
    """The runs behind these submissions that the store has not finished, each once."""
    specs = dict.fromkeys(spec for grade in grades for spec in submitted_specs(grade))
    return [spec for spec in specs if store.find(spec) is None]


def grades_so_far(grades: Sequence[Grade], store: Store) -> list[Grade]:
    """The grades with all checks, but for submissions whose runs the store has not finished: those wait for them."""

    def grade_of(grade: Grade) -> Grade:
        waits = len(missing_runs([grade], store))
        if waits:
            return leave_out_recomputed(grade, f"waits for {waits} run{'s' if waits > 1 else ''}")
        return recompute(grade, store, {})

    return flag_copies([grade_of(grade) for grade in grades])


def _graded(grades: Sequence[Grade], home: Path | None, counts_only: bool) -> list[Grade]:
    if counts_only:
        return flag_copies([leave_out_recomputed(grade, COUNTS_ONLY) for grade in grades])
    store = Store(home)
    failed = _run(missing_runs(grades, store), store)
    return flag_copies([recompute(grade, store, failed) for grade in grades])


def _run(specs: Sequence[Spec], store: Store) -> dict[Spec, str]:
    """Run these, with a bar over the steps of all of them on standard error. Returns why runs failed, by spec."""
    steps = [training_steps(spec) or 0 for spec in specs]
    indices = {spec: i for i, spec in enumerate(specs)}
    work = run_missing(specs, store)
    with tqdm(total=sum(steps), disable=not sys.stderr.isatty(), unit="step", leave=False) as bar:
        while True:
            try:
                spec, event = next(work)
            except StopIteration as end:
                failed: dict[Spec, str] = end.value
                return failed
            index = indices[spec]
            _advance(bar, f"student {index + 1} of {len(specs)}", sum(steps[:index]), event)


def _advance(bar: tqdm[Any], student: str, before: int, event: Event) -> None:
    """Show an event on the bar; `before` is the number of steps of earlier students."""
    if isinstance(event, Preparing):
        bar.set_description(f"{student}: the teacher's predictions, {event.done:,} of {event.total:,}")
    elif isinstance(event, TrainStep):
        bar.set_description(student)
        bar.n = before + event.step
    bar.refresh()


# -- tables --------------------------------------------------------------------------------------------


def class_table(grades: Sequence[Grade]) -> str:
    """A line for each submission: who, the grade, predicted, chosen and best student, and its failures and flags."""
    head = ["who", "grade", "predicted", "chosen", "best", "look at"]
    rows = [[grade.name or grade.file, grade.outcome, *_letters(grade), _remarks(grade)] for grade in grades]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head) - 1)]
    lines = [
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip()
        for row in [head, *rows]
    ]
    outcomes = [grade.outcome for grade in grades]
    total = ", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in dict.fromkeys(sorted(outcomes)))
    return "\n".join([*lines, "", f"{len(grades)} submission{'s' if len(grades) > 1 else ''}: {total}"])


def as_csv(grades: Sequence[Grade]) -> str:
    """The same as CSV, with every check's outcome and the recomputed accuracies."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    accuracies = [f"accuracy {slot}" for slot in SLOTS]
    checks = [f"check: {name}" for name in CHECKS]
    writer.writerow(["file", "name", "grade", "predicted", "chosen", "best", *accuracies, *checks, "look at"])
    writer.writerows([_harmless(cell) for cell in _cells(grade)] for grade in grades)
    return out.getvalue()


def _cells(grade: Grade) -> list[str]:
    accuracies = [f"{a:.4f}" for a in grade.recomputed.accuracies] if grade.recomputed else [""] * len(SLOTS)
    outcomes = {check.name: check.outcome for check in grade.checks}
    checks = [outcomes.get(name, "") for name in CHECKS]
    return [grade.file, grade.name, grade.outcome, *_letters(grade), *accuracies, *checks, _remarks(grade)]


def _letters(grade: Grade) -> list[str]:
    """Predicted, chosen and best student, as far as they are known."""
    if grade.submission is None:
        return ["", "", ""]
    attempt = grade.submission.attempt
    best = best_slot(attempt, grade.recomputed) if grade.recomputed else None
    return ["" if slot is None else SLOTS[slot] for slot in (attempt.prediction, attempt.choice, best)]


def _remarks(grade: Grade) -> str:
    """What failed or was flagged, with why, and why nothing can be derived here if that is so."""
    remarks = [check for check in grade.checks if check.outcome in ("failed", "flagged")]
    remarks += [check for check in grade.checks if check.name == DERIVED[0] and check.outcome == "not recomputed"]
    return "; ".join(f"{check.name}: {check.why}" for check in remarks)


def _harmless(cell: str) -> str:
    """A cell that a spreadsheet does not take for a formula: the name in a submission may be anything."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
