"""One trip along the line: teacher → student → distil → evaluate → save, as a generator of events."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Iterator

import torch
from safetensors.torch import save_file

from labcore.data.batches import Encoded, encode
from labcore.data.tasks import Split, load_task
from labcore.distil.evaluate import accuracy, agreement, predict
from labcore.distil.loop import distil
from labcore.distil.targets import Targets, teacher_targets
from labcore.record import Comparison, Event, Finished, Preparing, Started, TrainStep
from labcore.runs.store import Store
from labcore.spec import Spec, SpecError
from labcore.student.count import compare, count
from labcore.student.derive import WeightsNeeded, derive
from labcore.student.student import Student
from labcore.teacher.architecture import WITHOUT_WEIGHTS
from labcore.teacher.load import architecture_of, load_teacher, load_teacher_tokenizer


def counted(spec: Spec) -> Comparison:
    """Counts of the spec's teacher and student: on the meta device, or by deriving where values decide."""
    try:
        return compare(architecture_of(spec.teacher), spec.steps)
    except WeightsNeeded:
        if spec.teacher in WITHOUT_WEIGHTS:
            raise
        teacher = load_teacher(spec.teacher)
        return Comparison(count(Student(teacher)), count(derive(teacher, spec.steps)))


def check_trainable(spec: Spec) -> None:
    """Raise SpecError where the spec's teacher can't teach its task, before any weights are read."""
    if spec.teacher in WITHOUT_WEIGHTS:
        raise SpecError(
            f"teacher {spec.teacher!r} has no weights here: it can be counted, not distilled; give 'reviews'"
        )
    classes, labels = len(load_task(spec.task).label_names), architecture_of(spec.teacher).labels
    if labels != classes:
        raise SpecError(
            f"teacher {spec.teacher!r} tells {labels} classes apart, but task {spec.task!r} has {classes}; "
            "give a teacher of this task"
        )


def experiment(spec: Spec, run_id: str, store: Store) -> Iterator[Event]:
    """Derive the spec's student, distil it, judge the best checkpoint on the test split, and save its weights.

    Yields events; the last is Finished. Closing it early leaves no half-written file.
    Raises SpecError for a spec that this teacher or task does not allow.
    """
    started = time.perf_counter()
    check_trainable(spec)
    task = load_task(spec.task)
    teacher = load_teacher(spec.teacher)
    torch.manual_seed(spec.distil.seed)  # a random start is part of the experiment
    student = derive(teacher, spec.steps)
    counts = Comparison(count(Student(teacher)), count(student))
    store.update(run_id, "running", counts=counts)
    yield Started(run_id, counts.to_json())

    tokenizer = load_teacher_tokenizer(spec.teacher)
    encoded = {split: encode(tokenizer, examples) for split, examples in task.splits.items()}
    targets = yield from _all_targets(teacher, encoded, store, states=spec.distil.hidden > 0)

    sentences, training_seconds = 0, 0.0
    for event in distil(
        student, encoded["train"], encoded["validation"], targets["train"], targets["validation"], spec.distil
    ):
        if isinstance(event, TrainStep):
            sentences, training_seconds = event.sentences, event.seconds
        yield event

    test = encoded["test"]
    logits = predict(student.model, test)
    save_student(student, store, run_id)
    yield Finished(
        run=run_id,
        teacher={"accuracy": accuracy(targets["test"].logits, test.labels)},
        student={"accuracy": accuracy(logits, test.labels), "agreement": agreement(logits, targets["test"].logits)},
        counts=counts.to_json(),
        seconds=time.perf_counter() - started,
        sentences_per_second=sentences / training_seconds,
    )


def _all_targets(
    teacher: torch.nn.Module, encoded: dict[Split, Encoded], store: Store, *, states: bool
) -> Generator[Preparing, None, dict[Split, Targets]]:
    """Teacher outputs for every split, with one progress over all of them; states for training only."""
    targets: dict[Split, Targets] = {}
    total, before, started = sum(map(len, encoded.values())), 0, time.perf_counter()
    for split, sentences in encoded.items():
        steps = teacher_targets(teacher, sentences, store.targets, states=states and split == "train")  # type: ignore[arg-type]
        try:
            while True:
                progress = next(steps)
                yield Preparing(before + progress.done, total, time.perf_counter() - started)
        except StopIteration as end:
            targets[split] = end.value
        before += len(sentences)
    return targets


def save_student(student: Student, store: Store, run_id: str) -> None:
    """Write the student's weights as safetensors, whole or not at all."""
    path = store.student_path(run_id)
    beside = path.with_suffix(".part")
    try:
        save_file({name: tensor.contiguous() for name, tensor in student.model.state_dict().items()}, beside)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def record(spec: Spec, run_id: str, store: Store) -> Iterator[Event]:
    """Run a queued experiment and keep all that happens: its events are stored as they are yielded on.

    However it ends, the run's status says so: finished, stopped (closed early) or failed (with the error).
    """
    store.update(run_id, "running")
    try:
        for event in experiment(spec, run_id, store):
            store.append(run_id, event)
            if isinstance(event, Finished):
                store.update(run_id, "finished", result=event)
            yield event
    except (GeneratorExit, KeyboardInterrupt):
        if store.read(run_id).active:  # not where it was closed on its last event
            store.update(run_id, "stopped")
        raise
    except Exception as error:
        store.update(run_id, "failed", error=f"{error}" or type(error).__name__)
        raise
