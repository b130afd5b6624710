"""A spec's student, derived and saved as it is, without training."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from labcore.data.tasks import Split, load_task
from labcore.data.vocabulary import trimmed, unknown_share
from labcore.record import Comparison
from labcore.runs.workbench import evidence_for, teacher_at_hand
from labcore.spec import Spec, SpecError
from labcore.student.count import count
from labcore.student.derive import derive
from labcore.student.folder import check_free, save
from labcore.student.student import Student
from labcore.teacher.architecture import has_weights, ready_teachers


def export(spec: Spec, folder: Path) -> dict[str, Any]:
    """Derive the spec's student and save it; returns its counts, and where its vocabulary was trimmed the share of [UNK].

    A random start is that of the spec's seed. Raises SpecError for a teacher without weights.
    """
    if not has_weights(spec.teacher):
        raise SpecError(
            f"teacher {spec.teacher!r} has no weights here: it can be counted, not derived; give {ready_teachers()}"
        )
    check_free(folder)
    teacher, evidence = teacher_at_hand(spec.teacher), evidence_for(spec.teacher, spec.task)
    student = derive(teacher, spec.steps, evidence, spec.distil.seed)
    counts = Comparison(count(Student(teacher)), count(student))
    save(student, folder, spec, evidence.tokenizer, counts)
    if student.vocabulary is None:
        return counts.to_json()
    return counts.to_json() | {"unknown": unknown_shares(spec.teacher, spec.task, student.vocabulary)}


@lru_cache(maxsize=64)
def unknown_shares(teacher: str, task: str, vocabulary: tuple[int, ...] | None) -> dict[Split, float]:
    """The share of [UNK] among the word pieces of each split, read with these of the teacher's pieces."""
    tokenizer = trimmed(evidence_for(teacher, task).tokenizer, vocabulary)
    found = load_task(task)
    return {split: unknown_share(tokenizer, texts, found.max_pieces) for split, texts in found.splits.items()}
