"""`python -m labcore grade`: the function in a Python file or notebook, one submission, or a folder of submissions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from labcore.config.checks import SpecError, shown
from labcore.exercise.counter_file import SUFFIXES
from labcore.exercise.counting_process import grade_function
from labcore.exercise.signature import mark_of
from labcore.exercise.teacher_here import teacher_problem


@dataclass(frozen=True, kw_only=True)
class GradeOptions:
    """The command's options.

    home: the folder of the grader's runs; a run that is finished there is not repeated. counts_only: train nothing.
    table: a CSV file to write. key: the file with the key of the class's server. attempt: the id or the code of the
    attempt that a function's counts are for.
    """

    home: Path | None = None
    counts_only: bool = False
    table: Path | None = None
    key: Path | None = None
    attempt: str | None = None


def grade(path: Path, options: GradeOptions) -> int:
    """Grade what is at `path` and print it; the exit status is 0 if nothing failed, else 1.

    Raises SpecError if there is nothing to grade, or if an option is for another kind of file.
    """
    if path.suffix.lower() in SUFFIXES and path.is_file():
        code = None if options.attempt is None else _code(options.attempt, options.home)
        return grade_function(path, options.home, code)
    if options.attempt is not None:
        raise SpecError(f"--attempt is for your function; give it with a Python file or notebook, not with {path.name}")
    from labcore.exercise.class_grades import grade_submissions  # it imports torch, which takes seconds

    return grade_submissions(path, options.home, options.counts_only, options.table, options.key)


def _code(attempt: str, home: Path | None) -> str:
    """The attempt code that was given, or that of the attempt with this id in the home. Raises SpecError."""
    from labcore.exercise.attempt_store import load_attempt
    from labcore.exercise.counting_line import COPY_CODE, attempt_code, read_code
    from labcore.runs.store import Store

    if "." in attempt:
        read_code(attempt)
        return attempt
    stored = load_attempt(attempt, Store(home))
    if stored is None:
        raise SpecError(f"no attempt {shown(attempt)} is in this home; {COPY_CODE}")
    if problem := teacher_problem(stored):
        raise SpecError(problem)
    from labcore.exercise.model_shapes import shapes_of  # imports torch

    return attempt_code(stored, mark_of(attempt), shapes_of(stored))
