"""From a teacher to a student: a list of steps, applied in order to a copy."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from transformers import BertForSequenceClassification

from labcore.spec import (
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
from labcore.student.evidence import Evidence
from labcore.student.factorise import factorise, factorise_embeddings
from labcore.student.heads import prune_heads, prune_neurons
from labcore.student.layers import keep_layers
from labcore.student.manual import manual
from labcore.student.prune import prune
from labcore.student.student import Student, WeightsNeeded
from labcore.student.vocabulary import trim_vocabulary


def derive(
    teacher: BertForSequenceClassification, steps: Sequence[Step], evidence: Evidence | None = None, seed: int = 0
) -> Student:
    """The student that `steps` make of `teacher`, which stays as it is, byte for byte.

    Works on the meta device too, where it makes the same shapes and the same number of zeros. Steps that look at
    training sentences (Taylor scores, activations, the vocabulary's use) take them from `evidence`; a random start is
    that of `seed`. torch's global generator is left alone.
    Raises SpecError for a step that this teacher does not allow.
    """
    student = Student(copy.deepcopy(teacher), seed=seed)
    for step in steps:
        if any(isinstance(done, Prune) for done in student.steps) and not isinstance(step, Prune | KeepLayers):
            raise SpecError(f"'{step.kind}' after 'prune' would make new matrices without the zeros; put 'prune' last")
        if student.unplaced:
            raise WeightsNeeded(
                "after a global prune, what the next step meets depends on the weights; put the prune last, "
                "or use a teacher that has weights"
            )
        match step:
            case KeepLayers():
                keep_layers(student, step)
            case Manual():
                manual(student, step, evidence)
            case PruneHeads():
                prune_heads(student, step, evidence)
            case PruneNeurons():
                prune_neurons(student, step, evidence)
            case Factorise():
                factorise(student, step, evidence)
            case FactoriseEmbeddings():
                factorise_embeddings(student, step)
            case TrimVocabulary():
                trim_vocabulary(student, step, evidence)
            case Prune():
                prune(student, step)
        student.steps = (*student.steps, step)
    return student
