"""A saved student: a damaged, foreign or partial folder is reported; a complete one loads. See also test_derive."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForSequenceClassification, BertForSequenceClassification

import labcore.compress
from labcore.__main__ import main
from labcore.compress.calibration import Calibration
from labcore.compress.derive import derive
from labcore.compress.student import Student
from labcore.compress.student_folder import load_student, save
from labcore.config.spec import Spec, SpecError
from labcore.config.steps import Factorise, KeepLayers, Manual, Prune, TrimVocabulary
from labcore.count.parameters import count
from labcore.data.tasks import load_task
from labcore.results.counts import Comparison
from labcore.runs.cache import cached_teacher, calibration_for


@pytest.fixture
def folder(tmp_path: Path, tiny: BertForSequenceClassification, calibration: Calibration) -> Path:
    """A low-rank, sparse student, saved."""
    spec = Spec(steps=(Factorise(4), Prune(0.5)))
    student = derive(tiny, spec.steps)
    folder = tmp_path / "student"
    save(
        student,
        folder,
        spec,
        calibration.tokenizer,
        Comparison(count(Student(tiny)), count(student)),
        {"accuracy": 0.8},
    )
    return folder


def test_a_folder_holds_what_it_says(folder: Path) -> None:
    assert {file.name for file in folder.iterdir()} == {
        "structure.json",
        "spec.json",
        "student.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
        "README.md",
    }
    student = load_student(folder)
    assert student.steps == (Factorise(4), Prune(0.5)) == Spec.from_json((folder / "spec.json").read_text()).steps
    with torch.no_grad():
        for parameter in student.model.parameters():
            parameter.fill_(1.0)
    student.after_step()  # the masks came back
    assert sum(int((p == 0).sum()) for p in student.model.parameters()) == sum(student.zeros.values())
    card = (folder / "README.md").read_text()
    assert "accuracy: 80.00 %" in card
    assert f"{count(student).total:,}" in card
    assert not list(folder.parent.glob(".student*"))  # nothing half-written is left


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("student.safetensors", "cut", "changed or cut short"),
        ("student.safetensors", "flip", "changed or cut short"),
        ("student.safetensors", "gone", "can't be read"),
        ("tokenizer.json", "cut", "changed or cut short"),
        ("spec.json", "gone", "can't be read"),
        ("structure.json", "gone", "not a student's folder"),
        ("structure.json", "cut", "can't be read"),
        ("structure.json", "[]", "not a student's"),
        ("structure.json", "{}", "not a student's"),
        ("structure.json", '{"format": 99}', "format 99"),
        ("structure.json", '{"format": 1}', "damaged"),
    ],
)
def test_a_damaged_folder_is_reported(folder: Path, name: str, change: str, words: str) -> None:
    file = folder / name
    content = file.read_bytes()
    match change:
        case "cut":
            file.write_bytes(content[: len(content) // 2])
        case "flip":
            file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        case "gone":
            file.unlink()
        case _:
            file.write_text(change)
    with pytest.raises(SpecError, match=words):
        labcore.compress.load(folder)


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("structure", "architecture", "hidden"), 32),
        (("structure", "architecture", "heads"), 0),
        (("structure", "architecture", "hidden"), "wide"),
        (("structure", "layers", 0, "heads"), 2),
        (("structure", "layers", 0, "ranks"), [["query", 5]]),
        (("structure", "layers"), None),
        (("structure", "embedding_rank"), 3),
        (("sha256",), []),
        (("config",), 7),
        (("zeros",), {"no.such.weight": 3}),
    ],
)
def test_a_structure_that_was_changed_is_reported(folder: Path, where: tuple[object, ...], value: object) -> None:
    path = folder / "structure.json"
    contents = json.loads(path.read_text())
    inner = contents
    for key in where[:-1]:
        inner = inner[key]
    inner[where[-1]] = value
    path.write_text(json.dumps(contents))
    with pytest.raises(SpecError):
        labcore.compress.load(folder)


def test_foreign_folders_are_reported(tmp_path: Path, tiny: BertForSequenceClassification) -> None:
    tiny.save_pretrained(tmp_path / "plain")
    for place in (tmp_path / "plain", tmp_path / "nowhere", tmp_path):
        with pytest.raises(SpecError, match="not a student's folder"):
            labcore.compress.load(place)


def test_nothing_is_written_over(folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    (tmp_path / "spec.json").write_text("{}")
    assert main(["derive", "--spec", str(tmp_path / "spec.json"), "--out", str(folder)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_a_copied_folder_is_as_good(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "elsewhere" / "copy")
    ids = torch.tensor([[2, 7, 9, 3]])
    loaded, copied = labcore.compress.load(folder), labcore.compress.load(str(tmp_path / "elsewhere" / "copy"))
    assert torch.equal(loaded(ids).logits, copied(ids).logits)


def test_loading_draws_no_random_number(folder: Path) -> None:
    before = torch.get_rng_state()
    labcore.compress.load(folder)
    assert torch.equal(torch.get_rng_state(), before)


# -- the command line, on the real teacher -------------------------------------------------------------


def derived(spec: Spec, folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    path = folder.with_suffix(".json")
    path.write_text(spec.to_json())
    assert main(["derive", "--spec", str(path), "--out", str(folder)]) == 0
    printed: dict[str, object] = json.loads(capsys.readouterr().out)
    return printed


def test_derive_saves_a_plain_student_that_transformers_loads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = Spec.from_dict(
        {"steps": [{"kind": "keep_layers", "layers": [1, 3, 5]}, {"kind": "prune_neurons", "intermediate": 768},
                   {"kind": "trim_vocabulary", "size": 8000}], "distil": {"seed": 3}}
    )  # fmt: skip
    printed = derived(spec, tmp_path / "student", capsys)
    assert set(printed) == {"teacher", "student", "ratio", "unknown"}
    assert load_student(tmp_path / "student").seed == 3
    loaded = labcore.compress.load(tmp_path / "student")
    usual = AutoModelForSequenceClassification.from_pretrained(tmp_path / "student")
    text = load_task("reviews").splits["test"].text[0]
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "student")
    inputs = tokenizer(text, return_tensors="pt")
    with torch.no_grad():
        torch.testing.assert_close(usual(**inputs).logits, loaded(**inputs).logits, atol=1e-6, rtol=1e-5)
    assert sum(p.numel() for p in usual.parameters()) == printed["student"]["total"]  # type: ignore[index]


def test_derive_gives_back_the_very_student(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = Spec(steps=(KeepLayers(layers=(1, 3, 5)), Factorise(rank=64), Prune(0.5, "global")))
    derived(spec, tmp_path / "student", capsys)
    ids = torch.tensor([[101, 2023, 2143, 2003, 2204, 102]])
    here = derive(cached_teacher("reviews"), spec.steps, calibration_for("reviews", "reviews")).model
    assert torch.equal(labcore.compress.load(tmp_path / "student")(ids).logits, here(ids).logits)


@pytest.mark.full
def test_a_random_start_is_that_of_the_seed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = Manual(hidden=48, layers=1, heads=2, intermediate=96)
    made = []
    for i, seed in enumerate((0, 0, 1)):
        spec = Spec.from_dict({"steps": [{"kind": "manual", **vars(small)}], "distil": {"seed": seed}})
        derived(spec, tmp_path / str(i), capsys)
        made.append((tmp_path / str(i) / "model.safetensors").read_bytes())
    assert made[0] == made[1] != made[2]


@pytest.mark.full
def test_derive_tells_the_unknown_where_ranks_need_weights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = Spec(steps=(Factorise(energy=0.5), TrimVocabulary(size=3000)))
    printed = derived(spec, tmp_path / "student", capsys)
    assert set(printed["unknown"]) == {"train", "validation", "test"}  # type: ignore[call-overload]


def test_derive_refuses_what_has_no_weights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "spec.json"
    path.write_text('{"teacher": "bert-tiny"}')
    assert main(["derive", "--spec", str(path), "--out", str(tmp_path / "out")]) == 2
    assert "no weights" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
