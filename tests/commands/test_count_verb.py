"""What `count` prints: its exact shape, from a file or standard input, with weights where it needs them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from labcore.__main__ import main
from tests.shared.spec_file import spec_file


def test_count_has_the_exact_shape(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = {"steps": [{"kind": "keep_layers", "layers": [1, 3, 5]}, {"kind": "prune", "sparsity": 0.5}]}
    assert main(["count", "--spec", spec_file(tmp_path, spec)]) == 0
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    counts = json.loads(out)
    for counted in (counts["teacher"], counts["student"]):  # a file is its weights and a header, under 200 B a tensor
        stored, tensors = counted["cost"]["bytes"].pop("stored"), 110
        assert 0 < stored - counted["cost"]["bytes"]["fp32"] < 200 * tensors
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
