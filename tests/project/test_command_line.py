"""The command line: exact shapes, and one line and exit status 2 for what can't be done."""

from __future__ import annotations

import ast
import io
import json
import os
import socket
from pathlib import Path

import pytest
from transformers import AutoTokenizer, BertForSequenceClassification, BertTokenizerFast

from labcore.__main__ import main
from labcore.compress.student_folder import load_student
from labcore.data.batches import encode
from labcore.evaluate.against_teacher import evaluate
from labcore.evaluate.metrics import accuracy, predict
from labcore.runs.store import Store
from tests.shared.runs import student_folder
from tests.shared.source_files import ROOT
from tests.shared.tiny import TINY
from tests.shared.tiny_tasks import give_task, task_of


def spec_file(tmp_path: Path, data: object) -> str:
    path = tmp_path / "spec.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return str(path)


def test_count_has_the_exact_shape(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = {"steps": [{"kind": "keep_layers", "layers": [1, 3, 5]}, {"kind": "prune", "sparsity": 0.5}]}
    assert main(["count", "--spec", spec_file(tmp_path, spec)]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    counts = json.loads(out)
    matrices = 3 * (4 * 384 * 384 + 2 * 384 * 1536)
    # twelve H² for each of 128 tokens, and the two products of attention; the pooler and the classifier read [CLS]
    layer, pooler = 128 * (4 * 384**2 + 2 * 384 * 1536) + 2 * 128**2 * 384, 384**2 + 2 * 384
    assert counts == {
        "teacher": {
            "total": 22713986,
            "nonzero": 22713986 - 3,  # three numbers of its table of tokens are 0
            "parts": {"embeddings": 11918592, "encoder": 10646784, "pooler": 147840, "classifier": 770},
            "cost": {
                "macs": 6 * layer + pooler,
                "bytes": {"fp32": 4 * 22713986, "fp16": 2 * 22713986, "int8": 22713986, "sparse": 4 * 22713986},
            },
        },
        "student": {
            "total": 17390594,
            "nonzero": 17390594 - 3 - matrices // 2,
            "parts": {"embeddings": 11918592, "encoder": 5323392, "pooler": 147840, "classifier": 770},
            "cost": {
                "macs": 3 * layer + pooler,
                "bytes": {
                    "fp32": 4 * 17390594,
                    "fp16": 2 * 17390594,
                    "int8": 17390594,
                    # a bit for each number of the matrices, and 4 bytes for each that is left
                    "sparse": 4 * (17390594 - matrices) + matrices // 8 + 4 * matrices // 2,
                },
            },
        },
        "ratio": 17390594 / 22713986,
    }


def test_count_reads_standard_input_and_architectures_without_weights(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO('{"teacher": "bert-base-uncased", "steps": [{"kind": "manual"}]}'))
    assert main(["count", "--spec", "-"]) == 0
    counts = json.loads(capsys.readouterr().out)
    assert counts["teacher"]["total"] == 109_482_240 + 768 * 2 + 2
    assert counts["student"]["total"] == 22_713_216 + 384 * 2 + 2  # half of base is MiniLM's shape


def test_a_count_that_needs_weights_takes_the_teachers(
    tmp_path: Path, folder_teacher: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = [{"kind": "prune", "sparsity": 0.5, "scope": "global"}, {"kind": "keep_layers", "count": 2}]
    assert main(["count", "--spec", spec_file(tmp_path, {"teacher": str(folder_teacher), "steps": steps})]) == 0
    student = json.loads(capsys.readouterr().out)["student"]
    assert 0 < student["nonzero"] < student["total"]
    assert main(["count", "--spec", spec_file(tmp_path, {"teacher": "bert-tiny", "steps": steps})]) == 2


def test_the_length_of_the_example_is_a_choice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = spec_file(tmp_path, {})
    macs = []
    for tokens in ("32", "128"):
        assert main(["count", "--spec", spec, "--tokens", tokens]) == 0
        macs.append(json.loads(capsys.readouterr().out)["teacher"]["cost"]["macs"])
    assert macs == [344_605_440, 1_434_600_192]
    for tokens, words in (("0", "1 or more"), ("513", "at most 512")):
        assert main(["count", "--spec", spec, "--tokens", tokens]) == 2
        assert words in capsys.readouterr().err


BAD = {
    "heads to keep": {"steps": [{"kind": "prune_heads", "heads": 13}]},
    "neurons to keep": {"steps": [{"kind": "prune_neurons", "intermediate": 0}]},
    "rank and energy": {"steps": [{"kind": "factorise", "rank": 8, "energy": 0.5}]},
    "neither rank nor energy": {"steps": [{"kind": "factorise"}]},
    "energy": {"steps": [{"kind": "factorise", "energy": 1.5}]},
    "method": {"steps": [{"kind": "factorise", "rank": 8, "method": "magic"}]},
    "embedding rank": {"steps": [{"kind": "factorise_embeddings", "rank": 385}]},
    "vocabulary": {"steps": [{"kind": "trim_vocabulary", "size": 3}]},
    "vocabulary twice": {"steps": [{"kind": "trim_vocabulary", "size": 3000, "task": True}]},
    "pattern": {"steps": [{"kind": "prune", "sparsity": 0.6, "pattern": "2:4"}]},
    "not json": "{",
    "unknown kind": {"steps": [{"kind": "shrink"}]},
    "unknown field": {"distil": {"hurry": 1}},
    "sparsity": {"steps": [{"kind": "prune", "sparsity": 1.0}]},
    "rank 0": {"steps": [{"kind": "factorise", "rank": 0}]},
    "rank too high": {"steps": [{"kind": "factorise", "rank": 385}]},
    "heads": {"steps": [{"kind": "manual", "hidden": 190, "heads": 12}]},
    "heads by default": {"steps": [{"kind": "manual", "hidden": 190}]},
    "layers": {"steps": [{"kind": "keep_layers", "layers": [6]}]},
    "no such teacher": {"teacher": "./nowhere/at-all"},
}


@pytest.mark.parametrize("command", ["count", "run"])
@pytest.mark.parametrize("data", BAD.values(), ids=BAD.keys())
def test_a_bad_spec_is_one_line_and_exit_status_2(
    command: str, data: object, tmp_path: Path, lab_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--spec", spec_file(tmp_path, data)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert not (lab_home / "runs").exists()


def test_a_home_that_can_not_be_written_and_a_loss_that_breaks_are_a_line_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main(["run", "--spec", spec_file(tmp_path, {}), "--home", str(tmp_path / "file")]) == 2
    assert capsys.readouterr().err.count("\n") == 1

    def broken(*_: object) -> None:
        raise FloatingPointError("the loss became nan; lower the learning rate")

    monkeypatch.setattr("labcore.runs.execute.execute_and_store", broken)
    assert main(["run", "--spec", spec_file(tmp_path, {}), "--home", str(tmp_path / "home")]) == 1
    assert "lower the learning rate" in capsys.readouterr().err


def test_run_refuses_what_it_can_not_train(tmp_path: Path, lab_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--spec", spec_file(tmp_path, {"teacher": "bert-tiny"})]) == 2
    assert "no weights" in capsys.readouterr().err
    assert main(["run", "--spec", spec_file(tmp_path, {"task": "weather"})]) == 2
    assert "weather" in capsys.readouterr().err
    assert main(["run", "--spec", str(tmp_path / "missing.json")]) == 2
    assert not (lab_home / "runs").exists()


HUGE = ("100000000000000000000000", "9" * 30)
NUMBERS = [
    *((["finetune", "reviews", "--seed", n], "--seed") for n in ("-1", str(2**63), *HUGE)),
    *((["sweep", "frontier", "--seeds", n], "--seeds") for n in ("0", "-3", "101", *HUGE)),
    *((["record", "--seeds", n], "--seeds") for n in ("0", "-3", "101", *HUGE)),
    *((["count", "--spec", "-", "--tokens", n], "--tokens") for n in ("0", "-5", "513", *HUGE)),
]


@pytest.mark.parametrize(("arguments", "option"), NUMBERS, ids=lambda value: " ".join(value)[:40])
def test_every_number_of_an_option_is_checked_before_any_work(
    arguments: list[str],
    option: str,
    lab_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("{}"))
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {option} is ")
    assert "; give " in err
    assert err.count("\n") == 1
    assert not lab_home.exists() or not list(lab_home.iterdir())


def test_what_is_no_number_is_quoted_short(capsys: pytest.CaptureFixture[str]) -> None:
    for given in ("three", "1.5", "", "9" * 5000):
        with pytest.raises(SystemExit) as caught:
            main(["finetune", "reviews", "--seed", given])
        assert caught.value.code == 2
        last = capsys.readouterr().err.splitlines()[-1]
        assert "is not a whole number; give one such as 3" in last
        assert len(last) < 200


def test_every_option_that_takes_a_number_is_among_these() -> None:
    """Whoever adds one adds its range: no option may be read as a plain int or float."""
    sources = [ROOT / "labcore" / "__main__.py", *(ROOT / "labcore" / "commands").glob("*.py")]
    given = {}
    for node in (node for source in sources for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "add_argument":
            types = [ast.unparse(each.value) for each in node.keywords if each.arg == "type"]
            given[ast.literal_eval(node.args[0])] = types[0] if types else "str"
    assert set(given.values()) <= {"str", "Path", "whole_number"}
    assert {name for name, kind in given.items() if kind == "whole_number"} == {option for _, option in NUMBERS}


UNUSABLE = [
    ("/dev/null", "/dev/null is a device, not a folder. Give another folder."),
    ("/dev/null/below", "/dev/null is a device, not a folder. Give another folder."),
    ("/proc/none/below", "/proc takes no new folder. Give another folder."),
    ("{tmp}/file", "{tmp}/file is a file, not a folder. Move it away, or give another folder."),
    ("{tmp}/pipe/below", "{tmp}/pipe is a pipe, not a folder. Give another folder."),
    ("{tmp}/socket", "{tmp}/socket is a socket, not a folder. Give another folder."),
]


@pytest.mark.parametrize(
    "command",
    [
        ["run", "--spec", "{tmp}/spec.json", "--home", "{place}"],
        ["sweep", "frontier", "--home", "{place}"],
        ["record", "--home", "{place}"],
        ["grade", "{tmp}", "--home", "{place}"],
        ["derive", "--spec", "{tmp}/spec.json", "--out", "{place}/out"],
        ["sweep", "frontier", "--home", "{tmp}/home", "--out", "{place}/out.json"],
        ["grade", "{tmp}", "--counts-only", "--csv", "{place}/out.csv"],
        ["finetune", "reviews", "--out", "{place}/out"],
    ],
    ids=lambda command: f"{command[0]} {command[-2]}",
)
@pytest.mark.parametrize(("place", "words"), UNUSABLE, ids=[place.removeprefix("{tmp}") for place, _ in UNUSABLE])
def test_a_place_that_takes_nothing_is_refused_before_any_work(
    command: list[str],
    place: str,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if place.startswith(("/dev", "/proc")) and not Path("/proc/self").exists():
        pytest.skip("this system has no /proc")

    def never(*_: object, **__: object) -> None:
        raise AssertionError("the work began")

    for work in (
        "labcore.runs.execute.check_trainable",
        "labcore.runs.sweep.sweep",
        "labcore.exercise.grade_command.grade",
        "labcore.runs.export_untrained.export",
        "labcore.finetune.lora.finetune",
    ):
        monkeypatch.setattr(work, never)
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    (tmp_path / "spec.json").write_text("{}")
    (tmp_path / "file").write_text("")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        assert main([each.format(tmp=tmp_path, place=place.format(tmp=tmp_path)) for each in command]) == 2
    err = capsys.readouterr().err
    if "/none" in place and "--csv" in command:  # a file's folder is not made
        words = "/proc/none/below is missing. Put it back, or give another."
    assert err.startswith("error: ")
    assert err.endswith(f"{words.format(tmp=tmp_path)}\n")
    assert err.count("\n") == 1


def test_finetune_knows_the_teachers_with_weights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["finetune", "bert-tiny"])
    assert "'reviews', 'news'" in capsys.readouterr().err
    (tmp_path / "mine.txt").write_text("a file of the person's own")
    assert main(["finetune", "news", "--out", str(tmp_path)]) == 2
    assert "holds no adapter" in capsys.readouterr().err


@pytest.fixture
def folder_teacher(tmp_path: Path, tiny: BertForSequenceClassification) -> Path:
    """A teacher as a person would bring one: a folder with weights and a tokenizer."""
    folder = tmp_path / "teacher"
    tiny.save_pretrained(folder)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"w{i}" for i in range(TINY.vocabulary - 5))]
    (folder / "vocab.txt").write_text("\n".join(words))
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


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
