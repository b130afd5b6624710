"""A run from teacher to saved student (derive, distil, evaluate, save), as a generator of events."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import closing, suppress

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
from labcore.distil.position import TrainingEvent
from labcore.distil.precision import autocast, hardware_bf16
from labcore.distil.train import distil
from labcore.evaluate.against_teacher import evaluate
from labcore.evaluate.metrics import accuracy, agreement, predict
from labcore.results.counts import Comparison
from labcore.results.events import Event, Finished, Started
from labcore.results.findings import AccuracyAndLoss, Finding, findings_of_test, findings_of_training
from labcore.runs.checkpoint_saver import CheckpointSaver
from labcore.runs.memory import check_memory_to_train
from labcore.runs.run_checkpoint import RunCheckpoint, checkpoint_of, origin_of
from labcore.runs.store import RunNotFound, Store
from labcore.runs.teacher_check import check_classes, check_teacher
from labcore.runs.teacher_models import load_for, max_tokens, tokenizer_for
from labcore.runs.test_logits import StoredLogits
from labcore.runs.trained_student import Trained
from labcore.runs.training_data import TrainingData, prepare
from labcore.runs.training_summary import TrainingSummary
from labcore.system.faults import reported
from labcore.system.processor import machine
from labcore.teacher.built_in import has_weights, ready_teachers

Events = Generator[Event, None, None]


def check_trainable(spec: Spec) -> None:
    """Raises SpecError if the spec's teacher can't teach its task, before any weights are read."""
    if not has_weights(spec.teacher):
        raise SpecError(
            f"teacher {spec.teacher!r} has no weights here: it can be counted, not distilled; give {ready_teachers()}"
        )
    check_classes(spec.teacher, spec.task)


def execute(
    spec: Spec,
    run_id: str,
    store: Store,
    saver: CheckpointSaver | None = None,
    save: Callable[[Trained, Store], None] = Trained.save,
) -> Events:
    """Derive the spec's student, distil it, evaluate the best checkpoint on the test split, and save the student.

    Yields events; the last is Finished. If it is closed early, it leaves no half-written file, and a checkpoint of the
    training. A run with a checkpoint goes on from it. saver: knows how many events are stored. save: what is done with
    the trained student.
    Raises SpecError if this teacher, task or device does not allow the spec. Raises NotSaved, which holds the trained
    student, if the store does not take it.
    """
    started, computed_on = time.perf_counter(), machine()
    saver = saver or CheckpointSaver(run_id, store)
    check_trainable(spec)
    task, limit = load_task(spec.task), max_tokens(spec.teacher, spec.task)
    calibration = Calibration(lambda: (tokenizer_for(spec.teacher), task.splits["train"], limit))
    check_memory_to_train(spec, calibration)
    origin = origin_of(spec, store)
    check_teacher(spec.teacher, spec.task)
    resume = checkpoint_of(run_id, store, origin)
    started -= 0.0 if resume is None else resume.seconds
    if (resumed := saver.go_on(resume, computed_on)) is not None:
        yield resumed
    teacher, tokenizer = load_for(spec.teacher, spec.task), tokenizer_for(spec.teacher)
    student, counts = _student(spec, teacher, calibration)
    store.update(run_id, "running", counts=counts, teacher=origin.teacher, machine=computed_on)
    if resume is None:
        yield Started(run_id, counts.to_json(), computed_on)

    assistant = assistant_of(spec, store)
    data = yield from prepare(spec, teacher.model, tokenizer, student.vocabulary, store.targets, assistant)
    untrained = _score_pruned_one_shot(spec, student, data.encoded["validation"])
    saver.begin(student, origin, started)
    summary = yield from _trained(student, data, spec.distil, saver, resume)

    test, tested = data.encoded["test"], data.test_conditions
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
        conditions=None if tested is None else tested.measure(student.model, summary.best_step),
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
        machine=computed_on,
    )
    save(trained, store)
    yield result


def assistant_of(spec: Spec, store: Store) -> Student | None:
    """The assistant of the spec's student; None if it has none. Raises SpecError if it has not finished."""
    if spec.assistant is None:
        return None
    run = store.find(spec.assistant)
    if run is None:
        raise SpecError("its assistant has no finished run here, so it can't teach; run the assistant first")
    return store.student(run.id)


def execute_and_store(
    spec: Spec, run_id: str, store: Store, save: Callable[[Trained, Store], None] = Trained.save
) -> Events:
    """Execute a queued run and store its events as they are yielded; a run with a checkpoint goes on from it.

    Its status tells how it goes and ends: see `noting_status`. save: what is done with the trained student.
    """
    return noting_status(_storing(spec, run_id, store, save), run_id, store)


def _storing(spec: Spec, run_id: str, store: Store, save: Callable[[Trained, Store], None]) -> Events:
    saver = CheckpointSaver(run_id, store)
    with closing(execute(spec, run_id, store, saver, save)) as events:
        for event in events:
            if not isinstance(event, Finished):  # this one is stored with the student
                store.append(run_id, event)
                saver.events += 1
            yield event


def noting_status(events: Events, run_id: str, store: Store) -> Events:
    """The events of a run that begins now; its status in the store follows them.

    However it ends, its status tells how: finished, stopped (closed early) or failed (with the error). After a
    BaseException of another kind it stays active, so that it reads as interrupted when the process has ended.
    """
    store.update(run_id, "running")
    try:
        with closing(events):
            yield from events
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


def _trained(
    student: Student, data: TrainingData, config: DistilConfig, saver: CheckpointSaver, resume: RunCheckpoint | None
) -> Generator[TrainingEvent, None, TrainingSummary]:
    """Train the student, from the run's checkpoint if it resumes; yields the events and returns all of them in short.

    Checkpoints are saved on the way, and when it is closed.
    """
    summary = TrainingSummary(config)
    for earlier in saver.stored() if resume is not None else ():
        summary.add(earlier)
    events = distil(
        student,
        data.encoded["train"],
        data.encoded["validation"],
        data.targets["train"],
        data.targets["validation"],
        config,
        teacher=data.teacher,
        conditions=data.conditions,
        resume=None if resume is None else saver.training(),
        checkpoints=saver.checkpoints,
    )
    try:
        for event in events:
            summary.add(event)
            yield event
            saver.save_if_due()
    except (GeneratorExit, KeyboardInterrupt):
        saver.save()
        raise
    return summary


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
