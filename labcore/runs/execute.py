"""A run from teacher to saved student (derive, distil, evaluate, save), as a generator of events."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress

from labcore.compress.calibration import Calibration
from labcore.compress.derive import derive
from labcore.compress.gradual_pruning import prune_gradually, pruned_one_shot, split_off_pruning
from labcore.compress.random_init import reinitialise
from labcore.compress.student import Student
from labcore.config.spec import Spec, SpecError
from labcore.config.training import DistilConfig
from labcore.count.parameters import count
from labcore.data.batches import Encoded
from labcore.data.tasks import load_task
from labcore.distil.best_checkpoint import score
from labcore.distil.precision import autocast, hardware_bf16
from labcore.distil.train import TrainingEvent, distil
from labcore.evaluate.against_teacher import evaluate
from labcore.evaluate.metrics import accuracy, agreement, predict
from labcore.results.counts import Comparison
from labcore.results.events import Event, Finished, Started
from labcore.results.findings import AccuracyAndLoss, Finding, findings_of_test, findings_of_training
from labcore.runs.memory import check_memory_to_train
from labcore.runs.store import RunNotFound, Store
from labcore.runs.teacher_check import check_classes, check_teacher
from labcore.runs.teacher_models import load_for, max_tokens, tokenizer_for
from labcore.runs.test_logits import StoredLogits
from labcore.runs.trained_student import Trained
from labcore.runs.training_data import TrainingData, prepare
from labcore.runs.training_summary import TrainingSummary
from labcore.system.faults import reported
from labcore.teacher.built_in import has_weights, ready_teachers
from labcore.teacher.identity import identity_of


def check_trainable(spec: Spec) -> None:
    """Raises SpecError if the spec's teacher can't teach its task, before any weights are read."""
    if not has_weights(spec.teacher):
        raise SpecError(
            f"teacher {spec.teacher!r} has no weights here: it can be counted, not distilled; give {ready_teachers()}"
        )
    check_classes(spec.teacher, spec.task)


def execute(spec: Spec, run_id: str, store: Store) -> Iterator[Event]:
    """Derive the spec's student, distil it, evaluate the best checkpoint on the test split, and save the student.

    Yields events; the last is Finished. If it is closed early, it leaves no half-written file.
    Raises SpecError if this teacher or task does not allow the spec. Raises NotSaved, which holds the trained student,
    if the store does not take it.
    """
    started = time.perf_counter()
    check_trainable(spec)
    task, limit = load_task(spec.task), max_tokens(spec.teacher, spec.task)
    calibration = Calibration(lambda: (tokenizer_for(spec.teacher), task.splits["train"], limit))
    check_memory_to_train(spec, calibration)
    identity = identity_of(spec.teacher)
    check_teacher(spec.teacher, spec.task)
    teacher, tokenizer = load_for(spec.teacher, spec.task), tokenizer_for(spec.teacher)
    student, counts = _student(spec, teacher, calibration)
    store.update(run_id, "running", counts=counts, teacher=identity)
    yield Started(run_id, counts.to_json())

    assistant = assistant_of(spec, store)
    data = yield from prepare(spec, teacher.model, tokenizer, student.vocabulary, store.targets, assistant)
    untrained = _score_pruned_one_shot(spec, student, data.encoded["validation"])
    summary = TrainingSummary(spec.distil)
    for event in _training(student, data, spec.distil):
        summary.add(event)
        yield event

    test = data.encoded["test"]
    logits = StoredLogits(predict(student.model, test), data.targets["test"].logits, test.labels)
    trained_counts = Comparison(counts.teacher, count(student))  # training changes weights that were 0 by chance
    evaluation = evaluate(logits.student, logits.teacher, logits.labels)
    result = Finished(
        run=run_id,
        teacher_accuracy=accuracy(logits.teacher, logits.labels),
        accuracy=accuracy(logits.student, logits.labels),
        agreement=agreement(logits.student, logits.teacher),
        counts=trained_counts.to_json(),
        seconds=time.perf_counter() - started,
        examples_per_second=summary.examples_per_second,
        evaluation=evaluation,
        conditions=None
        if data.test_conditions is None
        else data.test_conditions.measure(student.model, summary.best_step),
        findings=(*_training_findings(summary, untrained), *findings_of_test(evaluation)),
    )
    trained = Trained(
        spec=spec,
        student=student,
        tokenizer=tokenizer,
        counts=trained_counts,
        logits=logits,
        result=result,
        max_tokens=limit,
    )
    trained.save(store)
    yield result


def assistant_of(spec: Spec, store: Store) -> Student | None:
    """The assistant of the spec's student; None if it has none. Raises SpecError if it has not finished."""
    if spec.assistant is None:
        return None
    run = store.find(spec.assistant)
    if run is None:
        raise SpecError("its assistant has no finished run here, so it can't teach; run the assistant first")
    return store.student(run.id)


def execute_and_store(spec: Spec, run_id: str, store: Store) -> Iterator[Event]:
    """Execute a queued run and store its events as they are yielded.

    However it ends, its status tells how: finished, stopped (closed early) or failed (with the error).
    """
    store.update(run_id, "running")
    try:
        for event in execute(spec, run_id, store):
            if not isinstance(event, Finished):  # this one is stored with the student
                store.append(run_id, event)
            yield event
    except (GeneratorExit, KeyboardInterrupt):
        with suppress(RunNotFound):  # deleted meanwhile
            if store.read(run_id).active:  # not if it was closed on its last event
                store.update(run_id, "stopped")
        raise
    except Exception as error:
        with suppress(RunNotFound):
            store.update(run_id, "failed", error=reported(error, store.home, f"run {run_id}", store.home))
        raise


def _student(spec: Spec, teacher: Student, calibration: Calibration) -> tuple[Student, Comparison]:
    """The student to be distilled, with a random start if the spec asks for it; its counts after gradual pruning."""
    student = derive(teacher, spec.steps, calibration, spec.distil.seed)
    counts = Comparison(count(teacher), count(student))
    if spec.distil.gradual:
        before, prunes = split_off_pruning(spec.steps)
        student = derive(teacher, before, calibration, spec.distil.seed)
        prune_gradually(student, prunes)
    if spec.distil.start == "random":
        reinitialise(student)
    return student, counts


def _training(student: Student, data: TrainingData, config: DistilConfig) -> Iterator[TrainingEvent]:
    return distil(
        student,
        data.encoded["train"],
        data.encoded["validation"],
        data.targets["train"],
        data.targets["validation"],
        config,
        teacher=data.teacher,
        conditions=data.conditions,
    )


def _score_pruned_one_shot(spec: Spec, student: Student, validation: Encoded) -> AccuracyAndLoss | None:
    """The baseline of gradual pruning: the score of the student pruned in one shot and not trained.

    It is measured in the precision of training. None if nothing is pruned gradually: then the student before training
    already counts as a checkpoint.
    """
    if student.pruning_complete:
        return None
    with autocast(hardware_bf16()):
        return score(pruned_one_shot(student, split_off_pruning(spec.steps)[1]), validation)


def _training_findings(summary: TrainingSummary, untrained: AccuracyAndLoss | None) -> tuple[Finding, ...]:
    return findings_of_training(summary.best_step, summary.validations, summary.terms, summary.best_score, untrained)
