"""What `run` prints, and what it leaves in its home."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from labcore.__main__ import main
from labcore.compress.student_folder import load_student
from labcore.data.batches import encode
from labcore.evaluate.against_teacher import evaluate
from labcore.evaluate.metrics import accuracy, predict
from labcore.runs.store import Store
from tests.shared.runs import student_folder
from tests.shared.spec_file import spec_file
from tests.shared.tiny_tasks import give_task, task_of


def test_run_prints_events_and_the_last_is_finished(
    tmp_path: Path, folder_teacher: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    task = task_of(folder_teacher, lambda i: f"w{i % 40} w{(3 * i) % 50} w7")
    give_task(monkeypatch, task)
    home = tmp_path / "elsewhere"
    spec = {
        "teacher": str(folder_teacher),
        "steps": [{"kind": "keep_layers", "count": 2}],
        "distil": {"epochs": 1, "batch_size": 8, "hidden": 0.1},
    }
    assert main(["run", "--spec", spec_file(tmp_path, spec), "--home", str(home)]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["event"] for event in events if event["event"] not in ("validation", "gradients")] == [
        "started",
        *["preparing"] * 3,
        "similarity",
        *["step"] * 5,
        "similarity",
        "finished",
    ]
    last = events[-1]
    assert set(last) - {"findings"} == {  # there only if training has something to say
        "event",
        "run",
        "teacher",
        "student",
        "counts",
        "seconds",
        "sentences_per_second",
        "judgement",
    }
    assert set(last["teacher"]) == {"accuracy"}
    assert set(last["student"]) == {"accuracy", "agreement"}
    assert set(last["counts"]) == {"teacher", "student", "ratio"}
    store = Store(home)
    [run] = store.runs()
    assert (run.id, run.status) == (last["run"], "finished")
    assert {"accuracy": run.result.accuracy, "agreement": run.result.agreement} == last["student"]
    assert {"accuracy": run.result.teacher_accuracy} == last["teacher"]
    weights = student_folder(store, run.id) / "model.safetensors"
    assert weights.stat().st_size > 4 * last["counts"]["student"]["total"]
    assert not list(home.rglob("*.part"))
    logits = store.logits(run.id)
    assert logits is not None
    assert accuracy(logits.student, logits.labels) == last["student"]["accuracy"]
    assert accuracy(logits.teacher, logits.labels) == last["teacher"]["accuracy"]
    assert logits.labels.tolist() == list(task.splits["test"].labels)
    assert run.result.evaluation == evaluate(logits.student, logits.teacher, logits.labels)


def test_a_student_with_a_smaller_vocabulary_is_trained_saved_and_loaded(
    tmp_path: Path, folder_teacher: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    task = task_of(folder_teacher, lambda i: f"w{i % 30} w{(3 * i) % 40} w7", (60, 20, 30))
    give_task(monkeypatch, task)
    spec = {
        "teacher": str(folder_teacher),
        "steps": [{"kind": "trim_vocabulary", "size": 40}, {"kind": "prune_heads", "heads": 2, "by": "taylor"}],
        "distil": {"epochs": 1, "batch_size": 8, "hidden": 0.1},
    }
    home = tmp_path / "home"
    assert main(["run", "--spec", spec_file(tmp_path, spec), "--home", str(home)]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    folder = student_folder(Store(home), last["run"])
    student = load_student(folder)
    assert student.vocabulary is not None
    assert len(student.vocabulary) == 40
    tokenizer = AutoTokenizer.from_pretrained(folder)
    test = encode(tokenizer, task.splits["test"], task.max_tokens)
    assert accuracy(predict(student.model, test), test.labels) == last["student"]["accuracy"]
    assert f"accuracy: {100 * last['student']['accuracy']:.2f} %" in (folder / "README.md").read_text()
