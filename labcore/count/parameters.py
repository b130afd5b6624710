"""A student's parameters: in total, by part and by layer, and how many of them are not 0.

A design is counted by deriving it on the meta device, which builds a BERT-large in some 50 ms without its weights.
The same code makes the student, so count and student agree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from labcore.compress.calibration import Calibration
from labcore.compress.derive import derive
from labcore.compress.student import Student
from labcore.compress.zeros import total_zeros
from labcore.config.steps import Step
from labcore.count.cost import TOKENS, cost_of
from labcore.models import classifier, encoder
from labcore.models.architecture import Architecture
from labcore.models.classifier import Classifier
from labcore.models.family import family_of
from labcore.results.counts import MODEL_PARTS, Comparison, Counts


def count(student: Student, tokens: int = TOKENS) -> Counts:
    """Parameters and costs of a student; tied weights once, buffers (position ids) not at all.

    `nonzero` counts the parameters whose value is not 0, as `(p != 0).sum()` does. Without weights it leaves out the
    pruned ones and the zeros that are known: see labcore.compress.zeros.
    `tokens` is the length of the example whose arithmetic is counted.
    """
    parts: Counter[str] = Counter()
    layers: Counter[int] = Counter()
    in_layers: Counter[int] = Counter()
    in_parts: Counter[str] = Counter()
    zeros = total_zeros(student)
    family = family_of(student.model.config)
    for name, parameter in student.model.named_parameters():  # each shared tensor once
        parts[family.part_of(name)] += parameter.numel()
        in_parts[family.part_of(name)] += zeros.get(name, 0)
        layer = family.layer_of(name)
        if layer is not None:
            layers[layer] += parameter.numel()
            in_layers[layer] += zeros.get(name, 0)
    total = sum(parts.values())
    return Counts(
        total=total,
        nonzero=total - sum(zeros.values()) - student.unknown_zeros,
        parts={part: parts[part] for part in MODEL_PARTS},
        layers=tuple(layers[i] for i in sorted(layers)),
        layers_nonzero=None if student.unknown_zeros else tuple(layers[i] - in_layers[i] for i in sorted(layers)),
        hidden=encoder.architecture_of(student.model).hidden,
        cost=cost_of(student, tokens),
        parts_nonzero=None if student.unknown_zeros else {part: parts[part] - in_parts[part] for part in MODEL_PARTS},
    )


def compare(
    teacher: Architecture, steps: Sequence[Step], calibration: Calibration | None = None, tokens: int = TOKENS
) -> Comparison:
    """Counts of a teacher of these sizes and of its student, without weights.

    `nonzero` leaves out only the zeros of pruning. For a teacher's name, call labcore.runs.cache.counted.
    Raises SpecError for steps that the teacher does not allow, and its subclass WeightsNeeded if the numbers depend on
    the weights' values.
    """
    return Comparison(_teachers(teacher, tokens), count(derive(blank(teacher), steps, calibration), tokens))


@lru_cache(maxsize=16)
def blank(architecture: Architecture) -> Classifier:
    """A BERT of these sizes on the meta device, to derive from: built once, never changed."""
    return classifier.build(architecture)


@lru_cache(maxsize=64)
def _teachers(architecture: Architecture, tokens: int) -> Counts:
    return count(Student(blank(architecture)), tokens)
