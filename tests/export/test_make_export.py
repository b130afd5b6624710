"""An exported folder is complete, measured, and the student that it was made of; else there is none."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from transformers import pipeline

import labcore.export
from labcore.config.spec import SpecError
from labcore.evaluate.metrics import accuracy, predict
from labcore.export import extra, make_export
from labcore.export.export_source import ExportSource, load_source
from labcore.export.exported_folder import KINDS, ONNX_KINDS, Kind, read_exported
from labcore.export.make_export import export
from labcore.models.structure import structure_of
from labcore.runs.store import Store
from tests.shared.source_files import ROOT

LOADS = """
import sys, labcore.export
print(*labcore.export.load(sys.argv[1]).predict(["w1 w2"])[0])
print(sorted({"torch", "transformers"} & set(sys.modules)))
"""


def test_an_onnx_folder_is_the_student_and_runs_without_torch(source: ExportSource, run_id: str, out: Path) -> None:
    exported = export(source, "onnx", out)
    assert sorted(path.name for path in out.iterdir()) == sorted(
        ["README.md", "export.json", "model.onnx", "tokenizer.json", "tokenizer_config.json"]
    )
    assert read_exported(out) == exported
    examples = source.test_examples()
    wanted = predict(source.model, examples)
    assert exported.measured.largest_difference < 1e-4
    assert exported.measured.agreement == 1
    assert exported.measured.accuracy_in_torch == accuracy(wanted, examples.labels)
    assert exported.measured.bytes == (out / "model.onnx").stat().st_size
    assert (exported.labels, exported.run, exported.max_length) == (("no", "yes"), run_id, 24)
    settings = json.loads((out / "tokenizer_config.json").read_text())
    assert settings["model_max_length"] == 24

    column = source.task.splits["test"].text
    model = labcore.export.load(out)
    torch.testing.assert_close(torch.from_numpy(model.logits(column)), wanted, atol=1e-4, rtol=1e-4)
    rows = model.predict(column)
    np.testing.assert_allclose([list(row.values()) for row in rows], wanted.double().softmax(-1), atol=1e-4)
    assert list(rows[0]) == ["no", "yes"]
    assert model.predict([]) == []
    long = " ".join(["w9"] * 200)
    assert np.isfinite(model.logits([long])).all()
    with pytest.raises(SpecError, match="give a list of them"):
        model.predict("w1")
    with pytest.raises(SpecError, match="a text for each example"):
        model.predict([("w1", "w2")])
    command = [sys.executable, "-c", LOADS, str(out)]
    child = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert child.stdout.splitlines() == ["no yes", "[]"]

    card = (out / "README.md").read_text()
    for words in ("`no`, `yes`", "24 tokens", "labcore.export.load", f"{exported.measured.bytes:,} bytes"):
        assert words in card

    (out / "model.onnx").write_bytes((out / "model.onnx").read_bytes()[:-40])
    with pytest.raises(SpecError, match="not the file that was measured"):
        labcore.export.load(out)
    (out / "model.onnx").unlink()
    with pytest.raises(SpecError, match=r"is incomplete: model\.onnx"):
        labcore.export.load(out)
    with pytest.raises(SpecError, match="is there already"):
        export(source, "onnx", out)


@pytest.mark.parametrize("kind", [pytest.param("onnx-int8", marks=pytest.mark.full), "onnx-4bit"])
def test_a_rounded_file_is_smaller_and_measured(source: ExportSource, kind: Kind, out: Path) -> None:
    exported = export(source, kind, out)
    examples = source.test_examples()
    model = labcore.export.load(out)
    logits = torch.from_numpy(model.logits(source.task.splits["test"].text))
    wanted = predict(source.model, examples)
    assert 0 < exported.measured.largest_difference < 1
    assert float((logits.argmax(-1) == wanted.argmax(-1)).float().mean()) >= 0.9
    types = {node.op_type for node in onnx.load(out / "model.onnx").graph.node}
    assert types & ({"MatMulInteger", "DynamicQuantizeMatMul"} if kind == "onnx-int8" else {"MatMulNBits"})


def test_an_odd_student_becomes_a_dense_transformers_folder(source: ExportSource, out: Path) -> None:
    assert not structure_of(source.model).plain
    exported = export(source, "huggingface", out)
    assert exported.measured.largest_difference < 1e-4
    assert any("multiplied out" in note for note in exported.notes)
    classify = pipeline("text-classification", str(out), top_k=None)
    text = source.task.splits["test"].text[0]
    [rows] = classify([text], truncation=True)
    wanted = predict(source.model, source.test_examples())[0].double().softmax(-1)
    assert {row["label"]: row["score"] for row in rows} == pytest.approx(
        dict(zip(("no", "yes"), wanted.tolist(), strict=True)), abs=1e-4
    )
    with pytest.raises(SpecError, match="of kind 'huggingface'"):
        labcore.export.load(out)


def break_weights(path: Path) -> None:
    """Reverse every matrix of an ONNX file: it still runs."""
    model = onnx.load(path)
    for tensor in model.graph.initializer:
        if len(tensor.dims) == 2:
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor)[::-1].copy(), tensor.name))
    onnx.save(model, path)


def test_a_broken_file_is_refused_with_its_figures_and_nothing_is_left(
    source: ExportSource, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = make_export.write_onnx

    def broken(model: object, path: Path, types: bool) -> None:
        write(model, path, types)  # type: ignore[arg-type]
        break_weights(path)

    monkeypatch.setattr(make_export, "write_onnx", broken)
    with pytest.raises(SpecError) as refused:
        export(source, "onnx", out)
    for words in ("differs too much", "a logit differs by", "at most 0.001", "instead of", "30 test examples"):
        assert words in str(refused.value)
    assert not out.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_without_the_packages_a_sentence_says_how_to_get_them(
    source: ExportSource, kind: Kind, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extra, "missing", lambda packages: ["onnx", "onnxruntime"])
    if kind in ONNX_KINDS:
        with pytest.raises(SpecError, match=r"need onnx and onnxruntime, which are not installed here.*requirements"):
            export(source, kind, out)
        assert not out.exists()
    else:
        export(source, kind, out)


def test_a_teacher_and_a_folder_are_sources_too(
    source: ExportSource, run_id: str, store: Store, tmp_path: Path
) -> None:
    folder = store.student_folder(run_id)
    again = load_source(str(folder), store)
    assert (again.run, again.title, again.max_tokens) == ("", "student", source.max_tokens)
    assert again.teacher.bytes == source.teacher.bytes > 0
    teacher = load_source(str(tmp_path / "teacher"), store, task="reviews")
    assert teacher.is_teacher
    assert teacher.labels == ("no", "yes")
    with pytest.raises(SpecError, match="--task reviews"):
        load_source(str(tmp_path / "teacher"), store)
    with pytest.raises(SpecError, match="has no weights here"):
        load_source("bert-tiny", store)
    waiting = store.create(store.read(run_id).spec)
    with pytest.raises(SpecError, match=f"run {waiting} is queued and has no student"):
        load_source(waiting, store)
