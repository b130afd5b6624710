"""A spec's student, derived and saved as it is, without training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from labcore.data.tasks import load_task
from labcore.data.vocabulary import trimmed, unknown_share
from labcore.record import Comparison
from labcore.runs.workbench import evidence_for, has_weights, teacher_at_hand
from labcore.spec import Spec, SpecError
from labcore.student.count import count
from labcore.student.derive import derive
from labcore.student.folder import save
from labcore.student.student import Student


def export(spec: Spec, folder: Path) -> dict[str, Any]:
    """Derive the spec's student and save it; returns its counts, and where its vocabulary was trimmed the share of [UNK].

    A random start is that of the spec's seed. Raises SpecError for a teacher without weights.
    """
    if not has_weights(spec):
        raise SpecError(f"teacher {spec.teacher!r} has no weights here: it can be counted, not derived; give 'reviews'")
    teacher, evidence = teacher_at_hand(spec.teacher), evidence_for(spec.teacher, spec.task)
    torch.manual_seed(spec.distil.seed)
    student = derive(teacher, spec.steps, evidence)
    counts = Comparison(count(Student(teacher)), count(student))
    save(student, folder, spec, evidence.tokenizer, counts)
    return counts.to_json() | unknown_shares(spec, student)


def unknown_shares(spec: Spec, student: Student) -> dict[str, Any]:
    """For a trimmed vocabulary, the share of [UNK] among the word pieces of each split; nothing for a whole one."""
    if student.vocabulary is None:
        return {}
    tokenizer = trimmed(evidence_for(spec.teacher, spec.task).tokenizer, student.vocabulary)
    splits = load_task(spec.task).splits
    return {"unknown": {split: unknown_share(tokenizer, examples) for split, examples in splits.items()}}
