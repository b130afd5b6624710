"""`python -m labcore grade`: the function in a Python file or notebook, one submission, or a folder of submissions."""

from __future__ import annotations

from pathlib import Path

from labcore.exercise.counter_file import SUFFIXES
from labcore.exercise.counting_process import grade_function


def grade(path: Path, home: Path | None, counts_only: bool, table: Path | None) -> int:
    """Grade what is at `path` and print it; the exit status is 0 if nothing failed, else 1.

    home: the folder of the grader's runs; a run that is finished there is not repeated. table: a CSV file to write.
    Raises SpecError if there is nothing to grade.
    """
    if path.suffix.lower() in SUFFIXES and path.is_file():
        return grade_function(path, home)
    from labcore.exercise.class_grades import grade_submissions  # it imports torch, which takes seconds

    return grade_submissions(path, home, counts_only, table)
