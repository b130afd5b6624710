"""One trip along the line: teacher → student → distil → evaluate → save, as a generator of events."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress

from labcore.compress.calibration import Calibration
from labcore.compress.derive import derive
from labcore.compress.gradual_pruning import prune_gradually, pruned_at_once, split_off_pruning
from labcore.compress.random_init import reinitialise
from labcore.compress.student import Student
from labcore.compress.student_folder import load_student
from labcore.config.loss_terms import LOSS_TERMS
from labcore.config.spec import Spec, SpecError
from labcore.count.parameters import count
from labcore.data.batches import Encoded
from labcore.data.tasks import load_task
from labcore.distil.best_checkpoint import score
from labcore.distil.precision import autocast, hardware_bf16
from labcore.distil.train import distil
from labcore.evaluate.against_teacher import judge
from labcore.evaluate.metrics import accuracy, agreement, predict
from labcore.results.counts import Comparison
from labcore.results.events import Event, Finished, Started, TrainStep, Validation
from labcore.results.findings import Score, TermCounts, findings_of_test, findings_of_training
from labcore.runs.assistants import finished_run
from labcore.runs.memory import check_room_to_train
from labcore.runs.store import RunNotFound, Store
from labcore.runs.teacher_check import check_classes, check_teacher
from labcore.runs.teacher_models import load_for, max_tokens, tokenizer_for
from labcore.runs.test_logits import StoredLogits
from labcore.runs.trained_student import Trained
from labcore.runs.training_data import prepare
from labcore.system.faults import reported
from labcore.teacher.built_in import has_weights, ready_teachers
from labcore.teacher.identity import identity_of


def check_trainable(spec: Spec) -> None:
    """Raise SpecError where the spec's teacher can't teach its task, before any weights are read."""
    if not has_weights(spec.teacher):
        raise SpecError(
            f"teacher {spec.teacher!r} has no weights here: it can be counted, not distilled; give {ready_teachers()}"
        )
    check_classes(spec.teacher, spec.task)


def experiment(spec: Spec, run_id: str, store: Store) -> Iterator[Event]:
    """Derive the spec's student, distil it, judge the best checkpoint on the test split, and save its weights.

    Yields events; the last is Finished. Closing it early leaves no half-written file.
    Raises SpecError for a spec that this teacher or task does not allow, and NotSaved, which holds the trained student, if
    the store can't take it.
    """
    started = time.perf_counter()
    check_trainable(spec)
    task = load_task(spec.task)
    longest = max_tokens(spec.teacher, spec.task)
    calibration = Calibration(lambda: (tokenizer_for(spec.teacher), task.splits["train"], longest))
    check_room_to_train(spec, calibration)
    identity = identity_of(spec.teacher)
    check_teacher(spec.teacher, spec.task)
    teacher = load_for(spec.teacher, spec.task)
    tokenizer = tokenizer_for(spec.teacher)
    student, counts = _student(spec, teacher, calibration)
    store.update(run_id, "running", counts=counts, teacher=identity)
    yield Started(run_id, counts.to_json())

    assistant = assistant_of(spec, store)
    training_data = yield from prepare(spec, teacher.model, tokenizer, student.vocabulary, store.targets, assistant)
    read, targets = training_data.read, training_data.targets
    at_once, best_score = _score_at_once(spec, student, read["validation"]), None
    sentences, training_seconds, best, validations, terms = 0, 0.0, 0, 0, TermCounts()
    for event in distil(
        student,
        read["train"],
        read["validation"],
        targets["train"],
        targets["validation"],
        spec.distil,
        teacher=training_data.teacher,
        probe=training_data.probe,
    ):
        if isinstance(event, TrainStep):
            sentences, training_seconds = event.examples, event.seconds
            terms.add(spec.distil.at(event.progress), {term.name: event.losses.get(term.name) for term in LOSS_TERMS})
        elif isinstance(event, Validation):
            if event.best:
                best, best_score = event.step, (event.accuracy, event.loss)
            validations += event.step > 0
        yield event

    test = read["test"]
    logits = predict(student.model, test)
    answers = StoredLogits(logits, targets["test"].logits, test.labels)
    judgement = judge(answers.student, answers.teacher, answers.labels)
    counts = Comparison(counts.teacher, count(student))  # training moves what was 0 by chance
    result = Finished(
        run=run_id,
        teacher_accuracy=accuracy(targets["test"].logits, test.labels),
        accuracy=accuracy(logits, test.labels),
        agreement=agreement(logits, targets["test"].logits),
        counts=counts.to_json(),
        seconds=time.perf_counter() - started,
        examples_per_second=sentences / training_seconds,
        evaluation=judgement,
        conditions=None if training_data.last_probe is None else training_data.last_probe.measure(student.model, best),
        findings=(*findings_of_training(best, validations, terms, best_score, at_once), *findings_of_test(judgement)),
    )
    Trained(spec, student, tokenizer, counts, answers, result, longest).save(store)
    yield result


def assistant_of(spec: Spec, store: Store) -> Student | None:
    """The assistant that teaches the spec's student; None where the teacher does. Raises SpecError where it is not finished."""
    if spec.assistant is None:
        return None
    run = finished_run(spec.assistant, store)
    if run is None:
        raise SpecError("its assistant has no finished run here, so it can't teach; run the assistant first")
    return load_student(store.student_folder(run.id))


def _student(spec: Spec, teacher: Student, calibration: Calibration) -> tuple[Student, Comparison]:
    """The student to be taught, and the counts of what it will be; a random start is part of the experiment."""
    student = derive(teacher, spec.steps, calibration, spec.distil.seed)
    counts = Comparison(count(teacher), count(student))
    if spec.distil.gradual:
        before, prunes = split_off_pruning(spec.steps)
        student = derive(teacher, before, calibration, spec.distil.seed)
        prune_gradually(student, prunes)
    if spec.distil.start == "random":
        reinitialise(student)
    return student, counts


def _score_at_once(spec: Spec, student: Student, validation: Encoded) -> Score | None:
    """What a gradual pruning is compared with: the student pruned at once and not trained, in the training's precision.

    None if nothing is pruned gradually; then the student before training is the first that may be the best checkpoint.
    """
    if student.settled:
        return None
    with autocast(hardware_bf16()):
        return score(pruned_at_once(student, split_off_pruning(spec.steps)[1]), validation)


def record(spec: Spec, run_id: str, store: Store) -> Iterator[Event]:
    """Run a queued experiment and keep all that happens: its events are stored as they are yielded on.

    However it ends, the run's status says so: finished, stopped (closed early) or failed (with the error).
    """
    store.update(run_id, "running")
    try:
        for event in experiment(spec, run_id, store):
            if not isinstance(event, Finished):  # this one is kept with the student
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
