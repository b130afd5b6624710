"""A spec's student, derived and saved without training."""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from labcore.compress.random_init import reinitialise
from labcore.compress.student_folder import check_free, save
from labcore.config.spec import Spec, SpecError
from labcore.count.parameters import count
from labcore.data.examples import Split
from labcore.data.tasks import load_task
from labcore.data.tokenizers import trimmed, unknown_share
from labcore.results.counts import Comparison
from labcore.runs.cache import cached_student, calibration_for, counted
from labcore.runs.cache_keys import CalibrationKey, calibration_key
from labcore.runs.teacher_check import check_teacher
from labcore.runs.teacher_models import max_tokens
from labcore.teacher.built_in import has_weights, ready_teachers


def export(spec: Spec, folder: Path) -> dict[str, Any]:
    """Derive the spec's student and save it; returns its counts, and the fraction of [UNK] if tokens were trimmed.

    With start 'random' all its weights are drawn, by the spec's seed. Raises SpecError if the teacher has no weights,
    or does not do the task.
    """
    if not has_weights(spec.teacher):
        raise SpecError(
            f"teacher {spec.teacher!r} has no weights here: it can be counted, not derived; give {ready_teachers()}"
        )
    check_free(folder)
    check_teacher(spec.teacher, spec.task)
    student, calibration = cached_student(spec), calibration_for(spec.teacher, spec.task)
    if spec.distil.start == "random":
        student = replace(student, model=copy.deepcopy(student.model))  # the cached one is shared
        reinitialise(student)
    counts = Comparison(counted(spec).teacher, count(student))
    save(student, folder, spec, calibration.tokenizer, counts, max_tokens=max_tokens(spec.teacher, spec.task))
    if student.vocabulary is None:
        return counts.to_json()
    return counts.to_json() | {"unknown": unknown_shares(spec.teacher, spec.task, student.vocabulary)}


def unknown_shares(teacher: str, task: str, vocabulary: tuple[int, ...] | None) -> dict[Split, float]:
    """The fraction of [UNK] among the tokens of each split, read with these of the teacher's tokens."""
    splits = load_task(task).splits
    return {
        split: _unknown_share(calibration_key(teacher, task), split, examples.fingerprint, vocabulary)
        for split, examples in splits.items()
    }


@lru_cache(maxsize=256)
def _unknown_share(key: CalibrationKey, split: Split, data: str, vocabulary: tuple[int, ...] | None) -> float:
    tokenizer = trimmed(calibration_for(key.teacher.name, key.teacher.task).tokenizer, vocabulary)
    return unknown_share(tokenizer, load_task(key.teacher.task).splits[split], key.max_tokens)
