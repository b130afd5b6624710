"""One trip along the line: teacher → student → distil → evaluate → save, as a generator of events."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator

import torch

from labcore.data.batches import MAX_PIECES, Encoded, encode
from labcore.data.tasks import Split, load_task
from labcore.data.vocabulary import trimmed
from labcore.distil.evaluate import accuracy, agreement, predict
from labcore.distil.judge import judge
from labcore.distil.loop import distil
from labcore.distil.targets import Targets, teacher_targets
from labcore.record import Comparison, Event, Finished, Preparing, Started, TrainStep
from labcore.runs.answers import Answers, save_answers
from labcore.runs.store import Store
from labcore.spec import Spec, SpecError
from labcore.student.count import count
from labcore.student.derive import derive
from labcore.student.evidence import Evidence
from labcore.student.folder import save
from labcore.student.student import Student
from labcore.teacher.architecture import has_weights
from labcore.teacher.load import architecture_of, load_teacher, load_teacher_tokenizer


def check_trainable(spec: Spec) -> None:
    """Raise SpecError where the spec's teacher can't teach its task, before any weights are read."""
    if not has_weights(spec.teacher):
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
    tokenizer = load_teacher_tokenizer(spec.teacher)
    longest = min(MAX_PIECES, architecture_of(spec.teacher).positions)
    evidence = Evidence(lambda: (tokenizer, task.splits["train"]), longest)
    student = derive(teacher, spec.steps, evidence, spec.distil.seed)  # a random start is part of the experiment
    counts = Comparison(count(Student(teacher)), count(student))
    store.update(run_id, "running", counts=counts)
    yield Started(run_id, counts.to_json())

    read = {split: encode(tokenizer, examples, longest) for split, examples in task.splits.items()}
    targets = yield from _all_targets(teacher, read, store, states=spec.distil.hidden > 0)
    if student.vocabulary is not None:  # the student has fewer word pieces, and reads the same sentences with those
        own = trimmed(tokenizer, student.vocabulary)
        read = {split: encode(own, examples, longest) for split, examples in task.splits.items()}

    sentences, training_seconds = 0, 0.0
    for event in distil(
        student, read["train"], read["validation"], targets["train"], targets["validation"], spec.distil
    ):
        if isinstance(event, TrainStep):
            sentences, training_seconds = event.sentences, event.seconds
        yield event

    test = read["test"]
    logits = predict(student.model, test)
    judged = {"accuracy": accuracy(logits, test.labels), "agreement": agreement(logits, targets["test"].logits)}
    save(student, store.student_folder(run_id), spec, tokenizer, counts, judged)
    answers = Answers(logits, targets["test"].logits, test.labels)
    save_answers(store.answers_file(run_id), answers)
    yield Finished(
        run=run_id,
        teacher={"accuracy": accuracy(targets["test"].logits, test.labels)},
        student=judged,
        counts=counts.to_json(),
        seconds=time.perf_counter() - started,
        sentences_per_second=sentences / training_seconds,
        judgement=judge(answers.student, answers.teacher, answers.labels),
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
