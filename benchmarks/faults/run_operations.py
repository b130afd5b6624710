"""Operations on runs and on the queue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from benchmarks.faults.operation import Operation
from benchmarks.faults.tiny_lab import tiny_lab, trained
from labcore.config.finetuning import FineTuning
from labcore.config.spec import Spec
from labcore.owners.owner import HOST
from labcore.results.events import TrainStep
from labcore.runs.execute import execute_and_store
from labcore.runs.host_acts import HostActs
from labcore.runs.jobs import Jobs
from labcore.runs.resuming import reopened
from labcore.runs.store import RunNotFound, Store
from labcore.runs.trained_student import NotSaved, Trained
from tests.shared.runs import EVENTS, STEP, seeded

ANN, BEN = "a" * 16, "b" * 16
_kept: list[tuple[Trained, Store]] = []  # students of the operation before, which no store took


def ended(seed: int = 0, spec: Spec | None = None, **changes: str) -> str:
    """A run that was stopped, with an event, held by nobody."""
    store = Store()
    run_id = store.create(spec or seeded(seed), ANN)
    store.append(run_id, STEP)
    store.update(run_id, "stopped", **changes)
    return run_id


def first() -> str:
    """The id of the oldest run, also of a deleted one."""
    return job(0)


def on_run(act: Callable[[Store, str], object]) -> Callable[[], object]:
    """The act on the oldest run; it returns the store that did it."""

    def done() -> Store:
        store, run_id = Store(), first()
        act(store, run_id)
        return store

    return done


def paused(*specs: Spec, owners: tuple[str, ...] = (ANN,)) -> Callable[[], None]:
    """A queue that is paused, with these runs of each owner."""

    def submit(jobs: Jobs) -> None:
        for spec in specs:
            for owner in owners:
                jobs.submit(spec, owner)

    def prepare() -> None:
        Store().queue.keep_state("paused")
        Operation(name="", queue=True, act=submit).repeat()

    return prepare


def host(jobs: Jobs) -> HostActs:
    """The acts of the host on a queue."""
    return HostActs(jobs, HOST)


def job(place: int) -> str:
    """The id of a run, the oldest first. Raises RunNotFound if there is none at this place."""
    ids = sorted({*Store().ids_of(ANN), *Store().ids_of(BEN)})
    if place >= len(ids):
        raise RunNotFound("the run is not there")
    return ids[place]


def train() -> Store:
    """A run of the tiny teacher, from its queueing to its saved student."""
    _kept.clear()
    store, spec = Store(), tiny_lab().spec
    try:
        for _ in execute_and_store(spec, store.create(spec, ANN), store):
            pass
    except NotSaved as error:
        _kept[:] = [(error.trained, store)]
        raise
    return store


def train_again() -> Store:
    """Save the student that waits in memory; without one, run the training."""
    if _kept:
        kept, store = _kept.pop()
        kept.save(store)
        return store
    return train()


def discard_first() -> None:
    """Discard the first of Ann's runs, unless it is the last one."""
    runs = Store().ids_of(ANN)
    if len(runs) > 1:
        Store().discard(runs[0])


def stop_training(seed: int = 1) -> Store:
    """A run that is stopped after its second step, and so keeps a checkpoint."""
    store, lab = Store(), tiny_lab()
    spec = replace(lab.spec, distil=replace(lab.spec.distil, seed=seed))
    events = execute_and_store(spec, store.create(spec, ANN), store)
    for event in events:
        if isinstance(event, TrainStep) and event.step == 2:
            events.close()
    return store


def resume() -> Store:
    """The stopped run goes on from its checkpoint to its end."""
    _kept.clear()
    store = Store()
    for each, spec in reopened(first(), store):
        try:
            for _ in execute_and_store(spec, each, store):
                pass
        except NotSaved as error:
            _kept[:] = [(error.trained, store)]
            raise
    return store


def _checkpoint(store: Store, run_id: str) -> None:
    content = b"a checkpoint's bytes" * 1000

    def save(path) -> None:  # type: ignore[no-untyped-def]
        from labcore.system.files import write_whole

        write_whole(path, content)

    store.save_checkpoint(run_id, save)


def _own_event(store: Store, run_id: str) -> None:
    for event in EVENTS[:4]:
        store.append(run_id, event)


ADDED = seeded(5)
OPERATIONS = (
    Operation(name="queue a run", verbs="Jobs.submit Store.create Store.create_all QueueTable.write",
              prepare=paused(seeded(1)), queue=True, act=lambda jobs: jobs.submit(ADDED, ANN)),
    Operation(name="queue a run with its assistant", prepare=paused(),
              queue=True, act=lambda jobs: jobs.submit(Spec(assistant=seeded(1)), ANN)),
    Operation(name="stop a job that waits", verbs="Jobs.stop Jobs.cancel", prepare=paused(seeded(1), seeded(2)),
              queue=True, act=lambda jobs: jobs.stop(job(0))),
    Operation(name="leave a job of two", verbs="Jobs.leave Store.give", prepare=paused(seeded(1), owners=(ANN, BEN)),
              queue=True, act=lambda jobs: jobs.leave(job(0), ANN)),
    Operation(name="move a job up", verbs="Jobs.move_up", prepare=paused(seeded(1), seeded(2), seeded(3)),
              queue=True, act=lambda jobs: host(jobs).move_up(job(2))),
    Operation(name="pause the queue", verbs="Jobs.pause Jobs.drain Jobs.close QueueTable.keep_state",
              prepare=ended, queue=True, act=lambda jobs: host(jobs).pause()),
    Operation(name="let the queue go on", verbs="Jobs.go_on", prepare=paused(),
              queue=True, act=lambda jobs: host(jobs).go_on()),
    Operation(name="queue a teacher", verbs="Jobs.make_teacher TeacherStore.create TeacherStore.create_to_make",
              prepare=paused(), queue=True, act=lambda jobs: jobs.make_teacher("Mine", FineTuning("reviews"), ANN)),
    Operation(name="queue a stopped run again", verbs="Jobs.resume Store.reopen",
              prepare=lambda: (paused()(), ended()), queue=True, act=lambda jobs: jobs.resume(job(0))),
    Operation(name="add events", verbs="Store.append Store.flush Store.update Jobs.write_waiting", stepwise=True,
              prepare=ended, act=on_run(_own_event)),
    Operation(name="set a status", prepare=ended, act=on_run(lambda s, r: s.update(r, "failed", error="so"))),
    Operation(name="drop events", verbs="Store.keep_events", prepare=ended,
              act=on_run(lambda s, r: s.keep_events(r, 0))),
    Operation(name="name a run", verbs="Store.rename", prepare=ended, act=on_run(lambda s, r: s.rename(r, "mine"))),
    Operation(name="note and tag a run", verbs="Store.annotate", prepare=ended,
              act=on_run(lambda s, r: s.annotate(r, note="good", tags=["a", "b"]))),
    Operation(name="delete a run", verbs="Store.delete", prepare=ended, act=on_run(lambda s, r: s.delete(r))),
    Operation(name="restore a run", verbs="Store.restore",
              prepare=lambda: Store().delete(ended()), act=on_run(lambda s, r: s.restore(r))),
    Operation(name="discard a run", verbs="Store.discard", prepare=lambda: (ended(1), ended(2)),
              act=discard_first),
    Operation(name="save a checkpoint", verbs="Store.save_checkpoint", prepare=ended, act=on_run(_checkpoint)),
    Operation(name="remove a checkpoint", verbs="Store.remove_checkpoint",
              prepare=lambda: (ended(), on_run(_checkpoint)()), act=on_run(lambda s, r: s.remove_checkpoint(r))),
    Operation(name="save a student", verbs="Store.save_student Store.save_logits Store.finish Jobs.save", stepwise=True,
              prepare=lambda: ended(spec=tiny_lab().spec), act=on_run(lambda s, r: trained(r).save(s))),
    Operation(name="train a run", act=train, again=train_again, stepwise=True, slow=True),
    Operation(name="stop a training", act=stop_training, stepwise=True, slow=True),
    Operation(name="resume a training", prepare=stop_training, act=resume, stepwise=True, slow=True,
              again=lambda: train_again() if _kept else resume()),
)  # fmt: skip
