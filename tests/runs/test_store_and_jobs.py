"""The store on disk and the queue in the process, with a recorder that needs no model."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from labcore.config.spec import Spec
from labcore.config.steps import Factorise
from labcore.results.events import Event
from labcore.runs.jobs import Jobs
from labcore.runs.store import RunNotFound, Store
from labcore.system.files import packed
from tests.shared.runs import EVENTS, FINISHED, PAIR, Recorder, seeded, student_folder, until

# -- the store ---------------------------------------------------------------------------------------


def test_a_run_is_there_after_a_restart(store: Store) -> None:
    spec = Spec(steps=(Factorise(32),))
    run = store.create(spec)
    assert store.read(run).status == "queued"
    for event in EVENTS:
        store.append(run, event)
    store.update(run, "running", counts=PAIR)
    store.finish(run, FINISHED, PAIR)
    reopened = Store(store.home)
    stored = reopened.read(run)
    assert (stored.spec, stored.status, stored.counts, stored.result) == (spec, "finished", PAIR, FINISHED)
    assert list(reopened.events(run)) == EVENTS
    assert reopened.runs() == [stored]


def test_runs_are_newest_first_and_others_folders_do_no_harm(store: Store) -> None:
    assert store.runs() == []
    ids = [store.create(Spec()) for _ in range(3)]
    (store.home / "runs" / "notes").mkdir()
    broken = store.home / "runs" / "20000101-000000-broken"
    broken.mkdir()
    (broken / "spec.json").write_text("{")
    (store.home / "runs" / "a-file").write_text("")
    assert [run.id for run in store.runs()] == sorted(ids, reverse=True)


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "/etc", "nothing", "a/b", "\0"])
def test_a_link_can_not_leave_the_store(store: Store, name: str) -> None:
    with pytest.raises(RunNotFound):
        store.read(name)


def test_events_are_read_from_any_place_on(store: Store) -> None:
    run = store.create(Spec())
    for event in EVENTS:
        store.append(run, event)
    for since in range(len(EVENTS) + 2):
        assert list(Store(store.home).events(run, since)) == EVENTS[since:]


def test_a_run_whose_process_died_is_interrupted(store: Store) -> None:
    code = (
        "import sys, os; from pathlib import Path\n"
        "from labcore.runs.store import Store; from labcore.config.spec import Spec\n"
        "store = Store(Path(sys.argv[1])); run = store.create(Spec())\n"
        "store.update(run, 'running'); print(run, flush=True)\n"
        "sys.stdin.read(); os._exit(1)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(store.home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout
    assert child.stdin
    run = child.stdout.readline().strip()
    assert store.read(run).status == "running"  # another process's run, seen from here
    child.stdin.close()
    child.wait(10)
    assert store.read(run).status == "interrupted"
    child.stdout.close()


def test_no_beside_file_is_left(store: Store) -> None:
    run = store.create(Spec())
    store.finish(run, FINISHED, PAIR)
    assert {path.name for path in (store.home / "runs" / run).iterdir()} == {"lock"}
    assert {path.name for path in store.home.iterdir()} == {"runs", "lab.db", "lab.db.lock"}


# -- the queue ---------------------------------------------------------------------------------------


def test_one_at_a_time_in_order(store: Store) -> None:
    recorder = Recorder()
    jobs = Jobs(store, recorder, load=lambda: None)
    ids = [jobs.submit(seeded(i)) for i in range(3)]
    until(lambda: store.read(ids[0]).status == "running")
    assert [jobs.place(run) for run in ids] == [0, 1, 2]
    assert [store.read(run).status for run in ids] == ["running", "queued", "queued"]
    recorder.go.release(9)
    until(lambda: all(store.read(run).status == "finished" for run in ids))
    until(lambda: jobs.place(ids[2]) is None)
    assert recorder.most_at_once == 1


def test_stop_ends_a_run_within_one_step_and_the_next_begins(store: Store) -> None:
    recorder = Recorder()
    jobs = Jobs(store, recorder, load=lambda: None)
    first, second = jobs.submit(seeded(0)), jobs.submit(seeded(1))
    recorder.go.release()
    until(lambda: recorder.begun == 2)
    jobs.stop(first)
    assert jobs.stopping(first)
    recorder.go.release()
    until(lambda: store.read(first).status == "stopped")
    assert len(list(store.events(first))) == 2  # the step that it was in
    until(lambda: store.read(second).status == "running")
    recorder.go.release(3)
    until(lambda: store.read(second).status == "finished")


def test_a_queued_run_is_stopped_at_once(store: Store) -> None:
    recorder = Recorder()
    jobs = Jobs(store, recorder, load=lambda: None)
    first, second, third = (jobs.submit(seeded(i)) for i in range(3))
    until(lambda: store.read(first).status == "running")
    jobs.stop(second)
    assert store.read(second).status == "stopped"
    assert jobs.place(third) == 1
    jobs.stop("nothing")
    recorder.go.release(6)
    until(lambda: store.read(third).status == "finished")
    assert store.read(second).status == "stopped"


def test_a_failure_is_kept_and_the_queue_goes_on(store: Store) -> None:
    recorder = Recorder()
    jobs = Jobs(store, recorder, load=lambda: None)
    bad, good = jobs.submit(seeded(13)), jobs.submit(seeded(1))
    recorder.go.release(4)
    until(lambda: store.read(good).status == "finished")
    assert (store.read(bad).status, store.read(bad).error) == ("failed", "thirteen")


def test_a_recorder_that_can_not_even_begin_is_a_failure_too(store: Store) -> None:
    def broken(spec: Spec, run: str, store: Store) -> Iterator[Event]:
        raise ImportError("no torch here")

    jobs = Jobs(store, broken, load=lambda: None)
    run = jobs.submit(Spec())
    until(lambda: store.read(run).status == "failed")
    assert "ImportError: no torch here." in str(store.read(run).error)


def test_a_run_whose_folder_is_deleted_does_not_end_the_queue(store: Store) -> None:
    def deleted(spec: Spec, run: str, store: Store) -> Iterator[Event]:
        if spec.distil.seed == 0:
            shutil.rmtree(student_folder(store, run).parent)
            raise OSError("its folder is gone")
        store.finish(run, FINISHED, PAIR)
        yield from ()

    jobs = Jobs(store, deleted, load=lambda: None)
    jobs.submit(Spec())
    after = jobs.submit(seeded(1))
    until(lambda: store.read(after).status == "finished")


def test_torch_that_can_not_be_loaded_is_told_to_page_and_run(store: Store) -> None:
    def load() -> None:
        raise ImportError("no torch here")

    jobs = Jobs(store, Recorder(), load)
    with pytest.raises(RuntimeError, match="no torch here"):
        jobs.wait_until_loaded()
    run = jobs.submit(Spec())
    until(lambda: store.read(run).status == "failed")
    assert "no torch here" in str(store.read(run).error)


def test_home_is_the_environments(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LAB_HOME", str(tmp_path / "elsewhere"))
    assert Store().home == tmp_path / "elsewhere"


def test_a_student_is_packed_into_one_file(tmp_path: Path) -> None:
    folder = tmp_path / "run-1" / "student"
    folder.mkdir(parents=True)
    (folder / "spec.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(bytes(1000))
    with zipfile.ZipFile(io.BytesIO(packed(folder))) as archive:
        assert archive.namelist() == ["run-1/model.safetensors", "run-1/spec.json"]
        assert archive.read("run-1/spec.json") == b"{}"
