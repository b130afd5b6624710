"""A spec's student, derived and saved as it is, without training."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from labcore.data.tasks import Split, load_task
from labcore.data.vocabulary import trimmed, unknown_share
from labcore.record import Comparison
from labcore.runs.workbench import blueprint, evidence_for, has_weights, teacher_at_hand
from labcore.spec import Spec, SpecError
from labcore.student.count import count
from labcore.student.derive import derive
from labcore.student.folder import check_free, save
from labcore.student.student import Student


def export(spec: Spec, folder: Path) -> dict[str, Any]:
    """Derive the spec's student and save it; returns its counts, and where its vocabulary was trimmed the share of [UNK].

    A random start is that of the spec's seed. Raises SpecError for a teacher without weights.
    """
    if not has_weights(spec):
        raise SpecError(f"teacher {spec.teacher!r} has no weights here: it can be counted, not derived; give 'reviews'")
    check_free(folder)
    teacher, evidence = teacher_at_hand(spec.teacher), evidence_for(spec.teacher, spec.task)
    student = derive(teacher, spec.steps, evidence, spec.distil.seed)
    counts = Comparison(count(Student(teacher)), count(student))
    save(student, folder, spec, evidence.tokenizer, counts)
    return counts.to_json() | ({} if student.vocabulary is None else {"unknown": unknown_shares(spec)})


def unknown_shares(spec: Spec) -> dict[Split, float]:
    """The share of [UNK] among the word pieces of each split, as the spec's student reads them."""
    return _shares(spec.teacher, spec.task, blueprint(spec).vocabulary)


@lru_cache(maxsize=64)
def _shares(teacher: str, task: str, vocabulary: tuple[int, ...] | None) -> dict[Split, float]:
    tokenizer = trimmed(evidence_for(teacher, task).tokenizer, vocabulary)
    return {split: unknown_share(tokenizer, examples) for split, examples in load_task(task).splits.items()}
