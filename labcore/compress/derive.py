"""From a teacher to a student: a list of steps, applied in order to a copy."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from transformers import BertForSequenceClassification

from labcore.compress.calibration import Calibration
from labcore.compress.factorisation import factorise, factorise_embeddings
from labcore.compress.layer_pruning import keep_layers
from labcore.compress.magnitude_pruning import prune
from labcore.compress.manual_architecture import manual
from labcore.compress.nonstandard import mark_if_nonstandard
from labcore.compress.structured_pruning import prune_heads, prune_neurons
from labcore.compress.student import FROM_SCRATCH_RATE, Student, WeightsNeeded
from labcore.compress.vocabulary_trimming import trim_vocabulary
from labcore.compress.zeros import carry_zeros
from labcore.config.spec import (
    Factorise,
    FactoriseEmbeddings,
    KeepLayers,
    Manual,
    Prune,
    PruneHeads,
    PruneNeurons,
    SpecError,
    Step,
    TrimVocabulary,
)
from labcore.config.steps import STEPS, steps_from
from labcore.models.fingerprint import fingerprint
from labcore.models.unwrap import plain_classifier


def derive(
    teacher: BertForSequenceClassification | Student,
    steps: Sequence[Step],
    calibration: Calibration | None = None,
    seed: int = 0,
    origin: str = "",
) -> Student:
    """The student that `steps` make of `teacher`, which stays as it is, byte for byte.

    `teacher` may be half-precision, compiled, parallel or PEFT-wrapped, or a `Student`, whose zeros stay held.
    Works on the meta device too, where it makes the same shapes and the same number of zeros. Steps that look at
    training sentences (Taylor scores, activations, the vocabulary's use) take them from `evidence`; a random start is
    that of `seed`. torch's global generator is left alone. A step may be its JSON object, such as {"kind": "factorise", "rank": 64}.
    `origin`: the teacher's fingerprint, if it is known; what is remembered in `evidence` is known by it.
    Raises SpecError for a step that this teacher does not allow.
    """
    student, steps = _copy(teacher, seed), steps_from(steps)
    if calibration is not None and not student.on_meta and any(isinstance(step, Factorise) for step in steps):
        student.origin = origin or fingerprint(student.model)
    for step in steps:
        if student.zeros and not isinstance(step, Prune | KeepLayers):
            raise SpecError(f"'{step.kind}' after 'prune' would make new matrices without the zeros; put 'prune' last")
        if student.unknown_zeros:
            raise WeightsNeeded(
                "after a global prune, what the next step meets depends on the weights; put the prune last, "
                "or use a teacher that has weights"
            )
        before = dict(student.model.named_parameters())
        match step:
            case KeepLayers():
                keep_layers(student, step)
            case Manual():
                manual(student, step, calibration)
            case PruneHeads():
                prune_heads(student, step, calibration)
            case PruneNeurons():
                prune_neurons(student, step, calibration)
            case Factorise():
                factorise(student, step, calibration)
            case FactoriseEmbeddings():
                factorise_embeddings(student, step)
            case TrimVocabulary():
                trim_vocabulary(student, step, calibration)
            case Prune():
                prune(student, step)
            case _:  # a kind that was added to the spec alone
                raise SpecError(f"'{step.kind}' is a step that nothing carries out; give one of {', '.join(STEPS)}")
        carry_zeros(student, before, step)
        student.steps = (*student.steps, step)
    mark_if_nonstandard(student.model)
    return student


def _copy(teacher: BertForSequenceClassification | Student, seed: int) -> Student:
    """A student that is a copy of the teacher, in fp32 and trainable.

    Of a teacher that is a student itself it has the zeros, the vocabulary, and whether the weights are new.
    """
    if not isinstance(teacher, Student):
        return Student(copy.deepcopy(plain_classifier(teacher)).float().requires_grad_(True), seed=seed)
    return Student(
        copy.deepcopy(teacher.model).requires_grad_(True),
        seed=seed,
        masks=copy.deepcopy(teacher.masks),
        zeros=dict(teacher.zeros),
        natural=copy.deepcopy(teacher.natural),
        energy=dict(teacher.energy),
        vocabulary=teacher.vocabulary,
        anew=teacher.learning_rate == FROM_SCRATCH_RATE,
    )
