"""Teachers and students in memory: loaded once in a process, derived once for each design, shared by all readers.

Nothing in the cache is ever trained. A run derives a student of its own.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import lru_cache

import torch
from transformers import PreTrainedTokenizerBase

from labcore.compress.calibration import Calibration
from labcore.compress.derive import derive
from labcore.compress.gradual_pruning import split_off_pruning
from labcore.compress.random_init import reinitialise
from labcore.compress.steps.factorisation import decompositions
from labcore.compress.student import Student, WeightsNeeded
from labcore.config.loss_terms import Need
from labcore.config.spec import Spec, SpecError
from labcore.config.steps import Factorise, Prune
from labcore.count.cost import TOKENS
from labcore.count.latency import measure
from labcore.count.parameters import count
from labcore.count.weights import grid_histogram, histogram, matrices, spectrum
from labcore.data.batches import batch_of
from labcore.data.examples import Examples
from labcore.data.tasks import load_task
from labcore.distil.balance import gradient_norms
from labcore.distil.layer_similarity import SAMPLE
from labcore.distil.objective import Objective
from labcore.distil.precision import autocast, hardware_bf16
from labcore.models import classifier
from labcore.models.architecture import Role, Structure
from labcore.models.classifier import Classifier
from labcore.models.family import family_of
from labcore.models.structure import build, structure_of
from labcore.results.counts import Comparison, Counts
from labcore.results.events import GradientNorms
from labcore.results.measurements import GridHistogram, Histogram, Latency, Matrix, Spectrum
from labcore.runs.cache_keys import CalibrationKey, DesignKey, TeacherKey, calibration_key, design_key, teacher_key
from labcore.runs.memory import check_room_to_derive
from labcore.runs.teacher_models import blueprint_of, load_for, tokenizer_for
from labcore.runs.training_data import sample
from labcore.system.kept_by_size import kept_by_size
from labcore.teacher.built_in import has_weights
from labcore.teacher.task_of import task_of


def counted(spec: Spec, tokens: int = TOKENS) -> Comparison:
    """Counts of the spec's teacher and student: on the meta device, or by deriving if they depend on values.

    tokens: length of the example whose arithmetic is counted. Raises SpecError if the teacher does not allow a step,
    and WeightsNeeded if it has no weights and the counts depend on values.
    """
    return _counted(design_key(spec), tokens)


def cached_student(spec: Spec) -> Student:
    """The spec's student with weights. It is shared: do not train it."""
    return _student(design_key(spec))


def cached_teacher(name: str, task: str | None = None) -> Classifier:
    """A teacher with weights, with its labels in the task's order (by default its own task's). It is shared: copy it.

    Raises SpecError for a folder or hub id without a task, because it has none of its own.
    """
    task = task or task_of(name)
    if task is None:
        raise SpecError(f"teacher {name!r} has no task of its own; give the task that it does, such as 'reviews'")
    return _teacher(teacher_key(name, task)).model


def calibration_for(teacher: str, task: str) -> Calibration:
    """The task's training examples in a teacher's tokens.

    The lab's architectures without weights share one tokenizer.
    """
    return _calibration(calibration_key(teacher, task))


def zero_positions(spec: Spec) -> Comparison:
    """The counts, with the positions of a global pruning's zeros, which depend on weights, if the teacher has them."""
    comparison = counted(spec)
    if comparison.student.layers_nonzero is not None or not has_weights(spec.teacher):
        return comparison
    return replace(comparison, student=count(cached_student(spec)))


def structure_of_design(spec: Spec) -> Structure:
    """The shapes of the spec's student, or of a copy of the teacher if the spec has no step."""
    return _structure(design_key(spec))


def matrices_of_design(spec: Spec) -> tuple[Matrix, ...]:
    """Every encoder matrix of the spec's student; values that depend on weights are there if the teacher has them."""
    return matrices(best_known(spec))


def histogram_of_step(spec: Spec, index: int, layer: int, role: Role) -> Histogram:
    """The weights of one matrix by value before the pruning step at `index`, and how many of them it sets to zero."""
    step = spec.steps[index]
    assert isinstance(step, Prune)
    before = cached_student(replace(spec, steps=spec.steps[:index]))
    after = cached_student(replace(spec, steps=spec.steps[: index + 1]))
    path = family_of(before.model.config).matrix_name(layer, role)
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
    before = cached_student(replace(spec, steps=spec.steps[:index]))
    after = cached_student(replace(spec, steps=spec.steps[: index + 1]))
    path = family_of(before.model.config).matrix_name(layer, role)
    decomposed = decompositions(before, step, calibration_for(spec.teacher, spec.task))(path)
    return spectrum(decomposed, after.model.get_submodule(path))


def grid_of_step(spec: Spec, index: int, layer: int, role: Role) -> GridHistogram:
    """The weights of one matrix before the rounding step at `index`, over the values of its grid."""
    after = cached_student(replace(spec, steps=spec.steps[: index + 1]))
    path = family_of(after.model.config).matrix_name(layer, role)
    return grid_histogram(after, [name for name in after.rounded if name.startswith(f"{path}.")])


def latency(spec: Spec, batch: int, tokens: int) -> Latency:
    """Time of the spec's student, measured now; with random weights if the teacher has none."""
    if has_weights(spec.teacher):
        return measure(cached_student(spec).model, batch, tokens)
    check_room_to_derive(spec.teacher, spec.steps, calibration_for(spec.teacher, spec.task))
    return measure(classifier.initialise_randomly(build(structure_of_design(spec))).eval(), batch, tokens)


MEASURED = 128  # examples on which gradients are measured, beside those to which projections of states are fitted


def gradients_at_start(spec: Spec, assistant: Student | None = None) -> GradientNorms:
    """The gradient norm of each of the spec's loss terms before the first step, the same each time.

    It is measured on a copy of the cached student, in the training's precision, on a few of its examples in batches of
    its size. An `assistant` takes the teacher's place.
    """
    config, assistant = spec.distil, assistant or _teacher(teacher_key(spec.teacher, spec.task))
    steps = split_off_pruning(spec.steps)[0] if config.gradual else spec.steps
    shared = cached_student(replace(spec, steps=steps))
    student = replace(
        shared, model=copy.deepcopy(shared.model), energy=dict(shared.energy), rounded=copy.deepcopy(shared.rounded)
    )
    if config.start == "random":
        reinitialise(student)
    compared = Need.STATES in config.needs
    tokenizer = calibration_for(spec.teacher, spec.task).tokenizer
    data = sample(spec, assistant, tokenizer, student.vocabulary, MEASURED + (SAMPLE if compared else 0))
    train = data.encoded["train"]
    with student.on_device() as device, autocast(hardware_bf16()):
        objective = Objective(student, train, data.targets["train"], config, data.teacher.placed())
        fitted = set(objective.sample.tolist()) if compared else set()
        others = sorted(set(range(len(train))) - fitted, key=lambda i: len(train.tokens[i]))
        starts = range(0, len(others), config.batch_size)
        batches = (batch_of(train, others[i : i + config.batch_size], device) for i in starts)
        norms = gradient_norms(objective, batches)
    weights = config.values_at(0.0)
    return GradientNorms(0, norms, {term: weights[term] for term in norms})


def best_known(spec: Spec) -> Student:
    """The spec's student with weights if the teacher has them, otherwise its shapes and zeros."""
    return cached_student(spec) if has_weights(spec.teacher) else blueprint(spec)


def blueprint(spec: Spec) -> Student:
    """The student's shapes and zeros, without weights; it is shared. Raises WeightsNeeded if they depend on values."""
    return _blueprint(design_key(spec))


# -- the cached values, each by a key of all that changes it -------------------------------------------

TEACHERS, STUDENTS = 300_000_000, 400_000_000  # bytes that are kept; one of MiniLM's size takes 91 million


def _bytes_of(student: Student) -> int:
    return student.nbytes


@kept_by_size(TEACHERS, size=_bytes_of)
def _teacher(key: TeacherKey) -> Student:
    return load_for(key.name, key.task)


@lru_cache(maxsize=8)
def _calibration(key: CalibrationKey) -> Calibration:
    def read() -> tuple[PreTrainedTokenizerBase, Examples, int]:
        return tokenizer_for(key.teacher.name), load_task(key.teacher.task).splits["train"], key.max_tokens

    return Calibration(read)


@lru_cache(maxsize=64)
def _teacher_counts(key: TeacherKey, tokens: int) -> Counts:
    return count(blueprint_of(key.name), tokens)


@lru_cache(maxsize=2048)
def _counted(key: DesignKey, tokens: int) -> Comparison:
    try:
        return Comparison(_teacher_counts(key.teacher, tokens), count(_blueprint(key), tokens))
    except WeightsNeeded:
        if not has_weights(key.teacher.name):
            raise
        return Comparison(count(_teacher(key.teacher), tokens), count(_student(key), tokens))


@lru_cache(maxsize=2048)
def _structure(key: DesignKey) -> Structure:
    try:
        return structure_of(_blueprint(key).model)
    except WeightsNeeded:
        if not has_weights(key.teacher.name):
            raise
        return structure_of(_student(key).model)


@lru_cache(maxsize=8)  # for one page: each has thousands of objects, which Python's collector visits
def _blueprint(key: DesignKey) -> Student:
    return derive(blueprint_of(key.teacher.name), key.steps, _calibration(key.calibration))


@kept_by_size(STUDENTS, size=_bytes_of)
def _student(key: DesignKey) -> Student:
    check_room_to_derive(key.teacher.name, key.steps, _calibration(key.calibration))
    teacher = _teacher(key.teacher)
    return derive(teacher, key.steps, _calibration(key.calibration), key.seed, teacher.origin)
