"""Runs made up or really recorded, their events, and a recorder for the queue that needs no model."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from labcore.config.spec import Spec
from labcore.config.steps import Step
from labcore.results.counts import Comparison, Counts
from labcore.results.events import Event, Finished, Preparing, Started, TrainStep, Validation
from labcore.results.run import FinishedRun, Run
from labcore.runs.cache import counted
from labcore.runs.execute import execute_and_store
from labcore.runs.store import Store
from labcore.runs.teacher_store import TeacherStore
from labcore.teacher.own_teachers import OwnTeacher

COUNTS = Counts(
    total=10,
    nonzero=8,
    parts={"embeddings": 4, "encoder": 4, "pooler": 1, "classifier": 1},
    layers=(2, 2),
    hidden=2,
    layers_nonzero=(1, 1),
)


PAIR = Comparison(COUNTS, COUNTS)


STEP = TrainStep(
    step=1,
    steps=2,
    examples=32,
    seconds=0.5,
    elapsed=0.6,
    learning_rate=1e-4,
    total=0.7,
    losses={"hard": 0.6, "soft": 0.5},
)


FINISHED = Finished(
    run="x",
    teacher_accuracy=0.9,
    accuracy=0.8,
    agreement=0.85,
    counts=PAIR.to_json(),
    seconds=3.0,
    examples_per_second=100.0,
)


EVENTS: list[Event] = [
    Started("x", PAIR.to_json()),
    Preparing(1, 2, 0.1),
    Validation(step=0, accuracy=0.5, agreement=0.6, loss=0.7, teacher_accuracy=0.8, best=True),
    STEP,
    FINISHED,
]


def until(condition: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)


class Recorder:
    """Yields a step each time that the test lets it; closes and fails as `execute_and_store` does."""

    def __init__(self) -> None:
        self.go = threading.Semaphore(0)
        self.at_once = self.most_at_once = 0
        self.begun = 0  # steps
        self.makes = self.makes_at_once = 0

    def __call__(self, spec: Spec, run: str, store: Store) -> Iterator[Event]:
        store.update(run, "running")
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            for step in range(1, 4):
                self.begun += 1
                self.go.acquire()
                if spec.distil.seed == 13:
                    raise RuntimeError("thirteen")
                event = TrainStep(
                    step=step,
                    steps=3,
                    examples=step,
                    seconds=0.1,
                    elapsed=0.1,
                    learning_rate=1e-4,
                    total=1.0,
                    losses={"hard": 1.0, "soft": 1.0},
                )
                store.append(run, event)
                yield event
            store.update(run, "finished")
        except GeneratorExit:
            store.update(run, "stopped")
            raise
        except RuntimeError as error:
            store.update(run, "failed", error=str(error))
            raise
        finally:
            self.at_once -= 1

    def make(self, teacher: OwnTeacher, teachers: TeacherStore) -> Iterator[Event]:
        """A teacher in one step, that the test lets it take, too."""
        self.makes += 1
        self.makes_at_once = max(self.makes_at_once, self.makes)
        self.begun += 1
        self.go.acquire()
        yield STEP
        self.makes -= 1


def seeded(seed: int) -> Spec:
    return Spec.from_dict({"distil": {"seed": seed}})


def finished(spec: Spec, accuracy: float = 0.8) -> str:
    """A finished run in the store, as an earlier session would have left it."""
    store = Store()
    run = store.create(spec)
    counts = counted(spec)
    for event in EVENTS:
        store.append(run, event)
    result = Finished(
        run=run,
        teacher_accuracy=0.84,
        accuracy=accuracy,
        agreement=0.9,
        counts=counts.to_json(),
        seconds=60.0,
        examples_per_second=100.0,
    )
    store.finish(run, result, counts)
    return run


def student_folder(store: Store, run_id: str) -> Path:
    """Where a run's student lies on disk."""
    return store.home / "runs" / run_id / "student"


def logits_file(store: Store, run_id: str) -> Path:
    """Where a run's logits on the test split lie on disk."""
    return store.home / "runs" / run_id / "answers.safetensors"


def finished_run(created: str, spec: Spec, accuracy: float) -> FinishedRun:
    result = Finished(
        run=created,
        teacher_accuracy=0.9,
        accuracy=accuracy,
        agreement=0.9,
        counts={},
        seconds=60.0,
        examples_per_second=100.0,
    )
    return FinishedRun(id=created, spec=spec, status="finished", created=created, counts=PAIR, result=result)


def run_of(spec: Spec, steps: tuple[Step, ...] | None = None, seed: int = 0) -> Run:
    store = Store()
    what = replace(spec, steps=spec.steps if steps is None else steps, distil=replace(spec.distil, seed=seed))
    run = store.create(what)
    list(execute_and_store(what, run, store))
    return store.read(run)
