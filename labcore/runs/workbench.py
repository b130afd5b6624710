"""Teachers and students at hand: loaded once in a process, derived once for each design, shared by all who look.

What is here is never trained. A run derives a student of its own.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import lru_cache

import torch
from transformers import BertForSequenceClassification, PreTrainedTokenizerBase

from labcore.data.batches import batch_of
from labcore.data.tasks import Examples, load_task
from labcore.distil.balance import gradient_norms
from labcore.distil.objective import SAMPLE, Objective
from labcore.distil.precision import autocast, hardware_bf16
from labcore.lesson import STATE_PARTS
from labcore.measures import Histogram, Latency, Matrix, Spectrum
from labcore.record import Comparison, GradientNorms
from labcore.runs.material import sample
from labcore.spec import Distil, Factorise, Prune, Spec
from labcore.student.cost import TOKENS
from labcore.student.count import blank, compare, count
from labcore.student.derive import derive
from labcore.student.evidence import Evidence
from labcore.student.factorise import parts_of
from labcore.student.gradual import split_off_pruning
from labcore.student.inside import histogram, matrices, spectrum
from labcore.student.latency import measure
from labcore.student.structure import build, structure_of
from labcore.student.student import Student, WeightsNeeded
from labcore.teacher import bert
from labcore.teacher.architecture import Role, Structure, has_weights
from labcore.teacher.load import architecture_of, load_teacher, load_teacher_tokenizer, load_tokenizer


def counted(spec: Spec, tokens: int = TOKENS) -> Comparison:
    """Counts of the spec's teacher and student: on the meta device, or by deriving where values decide.

    `tokens` is the length of the sentence whose arithmetic is counted. Raises SpecError for steps that the teacher
    does not allow, WeightsNeeded where it has no weights and values decide.
    """
    return _counted(_design(spec), tokens)


def student_at_hand(spec: Spec) -> Student:
    """The spec's student with weights, to look at, not to train."""
    return _student(_design(spec))


@lru_cache(maxsize=2)
def teacher_at_hand(name: str) -> BertForSequenceClassification:
    """A teacher with weights, to look at and to copy."""
    return load_teacher(name)


@lru_cache(maxsize=8)
def evidence_for(teacher: str, task: str) -> Evidence:
    """The task's training sentences as a teacher reads them. The lab's architectures all read the same word pieces."""

    def read() -> tuple[PreTrainedTokenizerBase, Examples, int]:
        tokenizer = load_teacher_tokenizer(teacher) if has_weights(teacher) else load_tokenizer()
        found = load_task(task)
        return tokenizer, found.splits["train"], min(found.max_pieces, architecture_of(teacher).positions)

    return Evidence(read)


def places_of_zeros(spec: Spec) -> Comparison:
    """The same counts, where a global pruning's zeros fall told by the weights if the teacher has them."""
    comparison = counted(spec)
    if comparison.student.layers_nonzero is not None or not has_weights(spec.teacher):
        return comparison
    return replace(comparison, student=count(student_at_hand(spec)))


def structure_of_design(spec: Spec) -> Structure:
    """The shapes of the spec's student, and of a copy of the teacher where it has no step."""
    return _structure(_design(spec))


def matrices_of_design(spec: Spec) -> tuple[Matrix, ...]:
    """Every encoder matrix of the spec's student; what depends on weights is there where the teacher has them."""
    return matrices(best_known(spec))


def histogram_of_step(spec: Spec, index: int, layer: int, role: Role) -> Histogram:
    """How the weights of one matrix are spread before the pruning step at `index`, and which of them it sets to zero."""
    step = spec.steps[index]
    assert isinstance(step, Prune)
    before = student_at_hand(replace(spec, steps=spec.steps[:index]))
    after = student_at_hand(replace(spec, steps=spec.steps[: index + 1]))
    path = bert.matrix_name(layer, role)
    module, weights, masks = before.model.get_submodule(path), [], []
    for name, parameter in module.named_parameters(prefix=path):
        if parameter.dim() == 2:
            weights.append(parameter.flatten())
            masks.append(after.masks[name].flatten())
    one_limit = step.pattern == "free" and (step.scope == "global" or len(weights) == 1)
    return histogram(torch.cat(weights), torch.cat(masks), threshold=one_limit)


def spectrum_of_step(spec: Spec, index: int, layer: int, role: Role) -> Spectrum:
    """The singular values of one matrix before the factorising step at `index`, and the rank that it keeps."""
    step = spec.steps[index]
    assert isinstance(step, Factorise)
    before = student_at_hand(replace(spec, steps=spec.steps[:index]))
    after = student_at_hand(replace(spec, steps=spec.steps[: index + 1]))
    path = bert.matrix_name(layer, role)
    parts = parts_of(before, step, evidence_for(spec.teacher, spec.task))(path)
    return spectrum(parts, after.model.get_submodule(path))


def latency(spec: Spec, batch: int, tokens: int) -> Latency:
    """Time of the spec's student, measured now; where there are no weights, of random ones of its shapes."""
    if has_weights(spec.teacher):
        return measure(student_at_hand(spec).model, batch, tokens)
    return measure(bert.start_at_random(build(structure_of_design(spec))).eval(), batch, tokens)


MEASURED = 128  # sentences on which gradients are measured, beside those to which maps of states are fitted


def gradients_at_start(spec: Spec, guide: Student | None = None) -> GradientNorms:
    """How hard each part of the spec's loss pulls at its student before the first step: measured anew, the same each time.

    On a copy of the student at hand, in the precision of the lesson, and a few of its sentences in batches of its size.
    `guide` teaches in the teacher's place.
    """
    how, guide = spec.distil, guide or Student(teacher_at_hand(spec.teacher))
    steps = split_off_pruning(spec.steps)[0] if how.gradual else spec.steps
    shared = student_at_hand(replace(spec, steps=steps))
    student = replace(shared, model=copy.deepcopy(shared.model))
    compared = any(part in STATE_PARTS for part in how.parts)
    tokenizer = evidence_for(spec.teacher, spec.task).tokenizer
    material = sample(spec, guide, tokenizer, student.vocabulary, MEASURED + (SAMPLE if compared else 0))
    train = material.read["train"]
    with autocast(hardware_bf16()):
        objective = Objective(student, train, material.targets["train"], how, material.reader)
        fitted = set(objective.sample.tolist()) if compared else set()
        others = sorted(set(range(len(train))) - fitted, key=lambda i: len(train.pieces[i]))
        starts = range(0, len(others), how.batch_size)
        norms = gradient_norms(objective, (batch_of(train, others[i : i + how.batch_size]) for i in starts))
    weights = how.at(0.0)
    return GradientNorms(0, norms, {part: weights[part] for part in norms})


def best_known(spec: Spec) -> Student:
    """The spec's student with weights where the teacher has them, otherwise its shapes and zeros."""
    return student_at_hand(spec) if has_weights(spec.teacher) else blueprint(spec)


def blueprint(spec: Spec) -> Student:
    """The student's shapes and zeros, without weights. Raises WeightsNeeded where values decide."""
    return derive(blank(architecture_of(spec.teacher)), spec.steps, evidence_for(spec.teacher, spec.task))


def _design(spec: Spec) -> Spec:
    """What of a spec makes its student: all but the lesson, of which only the seed of random starts stays."""
    return replace(spec, distil=Distil(seed=spec.distil.seed), assistant=None)


@lru_cache(maxsize=256)
def _counted(spec: Spec, tokens: int) -> Comparison:
    try:
        return compare(architecture_of(spec.teacher), spec.steps, evidence_for(spec.teacher, spec.task), tokens)
    except WeightsNeeded:
        if not has_weights(spec.teacher):
            raise
        return Comparison(count(Student(teacher_at_hand(spec.teacher)), tokens), count(student_at_hand(spec), tokens))


@lru_cache(maxsize=256)
def _structure(spec: Spec) -> Structure:
    try:
        return structure_of(blueprint(spec).model)
    except WeightsNeeded:
        if not has_weights(spec.teacher):
            raise
        return structure_of(_student(spec).model)


@lru_cache(maxsize=6)
def _student(spec: Spec) -> Student:
    return derive(teacher_at_hand(spec.teacher), spec.steps, evidence_for(spec.teacher, spec.task), spec.distil.seed)
