"""Files that people give: data, submissions, notebooks, teachers."""

from __future__ import annotations

import io
import random
import zipfile

from benchmarks.mutations.data_files import changed_file
from benchmarks.mutations.data_outcome import outcome_of_file
from labcore.exercise.class_grades import checked_uploads
from labcore.exercise.counter_file import load_counter
from labcore.exercise.submission_checks import Grade
from labcore.runs.bring_teacher import stage_upload
from labcore.system.home import default_home


def take_data_file(given: tuple[int, bytes]) -> bool:
    seed, raw = given
    draw = random.Random(seed)
    of, name, content = changed_file(draw)
    if seed % 4 == 0:
        name, content = f"x.{draw.choice(['csv', 'tsv', 'jsonl', 'parquet', 'zip'])}", raw
    elif seed % 31 == 0:
        name, content = "bomb.zip", _bomb()
    outcome = outcome_of_file(content, name, draw if seed % 3 == 0 else None)
    assert not outcome.wrong, f"{of}: {outcome.wrong}"
    return outcome.reached == "data set"


def _bomb() -> bytes:
    """A zip whose member has a path of its own, and thousands of times its size."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../rows.csv", bytes(20_000_000))
    return content.getvalue()


def take_submission(content: bytes) -> bool:
    [grade] = checked_uploads({"it": content}, default_home())
    assert isinstance(grade, Grade)
    assert all("\n" not in check.why for check in grade.checks)
    return grade.outcome != "failed"


def take_notebook(content: bytes) -> bool:
    file = default_home() / "it.ipynb"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    return callable(load_counter(file))


NOTEBOOK = {
    "cells": [{"cell_type": "code", "source": ["def count_parameters(model):\n", "    return 1"], "metadata": {}}],
    "metadata": {"kernelspec": {"language": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def take_teacher_files(files: dict[str, bytes]) -> bool:
    folder = stage_upload(files)
    assert folder.parent == default_home() / "teachers"
    assert all(file.is_relative_to(folder) for file in folder.rglob("*"))
    return True
