"""A teacher's folder predicts as in transformers, or one line names the fault of its config, weights or tokenizer."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from transformers import BertTokenizerFast

from benchmarks.mutations.outcome import outcome_of
from labcore.__main__ import main
from labcore.teacher.load import TeacherError, architecture_of, load_teacher, load_teacher_tokenizer
from tests.shared.brought_teachers import change_tensors, configure, logits_of


@settings(
    max_examples=520,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.randoms(use_true_random=False))
@pytest.mark.full
def test_a_mutated_folder_predicts_as_in_transformers_or_reports_why_not(
    good: Path, tmp_path: Path, draw: random.Random
) -> None:
    folder = tmp_path / "changed"
    shutil.rmtree(folder, ignore_errors=True)
    outcome = outcome_of(good, folder, draw)
    assert not outcome.wrong, outcome
    assert "\n" not in outcome.line
    assert len(outcome.line) < 700


TWO_SIZES = pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"num_hidden_layers": 1}, ("num_hidden_layers 1", "hold 2")),
        ({"num_hidden_layers": 6}, ("num_hidden_layers 6", "hold 2")),
        ({"vocab_size": 61}, ("vocab_size 61", "hold 60")),
        ({"id2label": {"0": "a", "1": "b", "2": "c"}}, ("number of labels 3", "hold 2")),
    ],
)


@TWO_SIZES
def test_a_config_that_says_another_size_than_the_weights(
    folder: Path, fields: dict[str, Any], words: tuple[str, ...]
) -> None:
    configure(folder, **fields)
    for read in (load_teacher, architecture_of, load_teacher_tokenizer):
        with pytest.raises(TeacherError) as refusal:
            read(str(folder))
        assert all(word in str(refusal.value) for word in words)


def test_counting_reads_the_weights_too(folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Heads that were removed the old way: the file holds fewer numbers than its config says."""

    def without_a_head(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        name = "bert.encoder.layer.0.attention.self.query.weight"
        return tensors | {name: tensors[name][4:]}

    change_tensors(folder, without_a_head)
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps({"teacher": str(folder)}))
    assert main(["count", "--spec", str(spec)]) == 2
    error = capsys.readouterr().err
    assert "12 × 16" in error
    assert "16 × 16" in error


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"is_decoder": True}, "is_decoder"),
        ({"problem_type": "multi_label_classification"}, "one label an example"),
        ({"problem_type": "regression"}, "problem_type"),
        ({"id2label": {"0": "score"}}, "regression"),
        ({"position_embedding_type": "relative_key"}, "positions are relative"),
        ({"pruned_heads": {"0": [1]}}, "removed the old way"),
        ({"auto_map": {"AutoModel": "evil.Model"}}, "would run code"),
        ({"hidden_act": "gelu_fastest"}, "hidden_act"),
        ({"model_type": "roberta"}, "are a BERT.s by their names"),
        ({"pad_token_id": 60}, "60 rows"),
        ({"layer_norm_eps": float("nan")}, "not a number"),
    ],
)
def test_fields_that_change_the_forward_pass_are_refused(folder: Path, fields: dict[str, Any], words: str) -> None:
    configure(folder, **fields)
    with pytest.raises(TeacherError, match=words):
        load_teacher(str(folder))


def test_a_config_of_the_first_releases_is_a_berts_by_its_fields(folder: Path, good: Path) -> None:
    data = json.loads((folder / "config.json").read_text())
    del data["model_type"]
    (folder / "config.json").write_text(json.dumps(data))
    assert torch.equal(logits_of(load_teacher(str(folder))), logits_of(load_teacher(str(good))))
    del data["type_vocab_size"]
    (folder / "config.json").write_text(json.dumps(data))
    with pytest.raises(TeacherError, match='"model_type": "bert"'):
        load_teacher(str(folder))


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "module._orig_mod.", "model."])
def test_a_wrappers_prefix_is_taken_off(folder: Path, good: Path, prefix: str) -> None:
    change_tensors(folder, lambda tensors: {f"{prefix}{name}": tensor for name, tensor in tensors.items()})
    assert torch.equal(logits_of(load_teacher(str(folder))), logits_of(load_teacher(str(good))))


def test_what_a_name_tells_is_said(folder: Path) -> None:
    name = "bert.encoder.layer.0.output.dense.weight"
    change_tensors(
        folder,
        lambda tensors: {
            **{n: t for n, t in tensors.items() if n != name},
            f"{name}_orig": tensors[name],
            f"{name}_mask": tensors[name] != 0,
        },
    )
    with pytest.raises(TeacherError, match=r"prune.remove"):
        load_teacher(str(folder))


def test_a_number_that_is_not_finite_is_named(folder: Path) -> None:
    name = "bert.pooler.dense.weight"

    def with_nan(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        tensors[name][0, 0] = float("nan")
        return tensors

    change_tensors(folder, with_nan)
    with pytest.raises(TeacherError, match=f"{name}.*1 number that is not finite"):
        load_teacher(str(folder))


def test_a_tokenizer_that_is_missing_or_larger_is_refused(folder: Path) -> None:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"w{i}" for i in range(70))]
    BertTokenizerFast(vocab={word: i for i, word in enumerate(words)}).save_pretrained(folder)
    with pytest.raises(TeacherError, match=r"up to number 74.*60 rows"):
        load_teacher_tokenizer(str(folder))
    for file in folder.glob("tokenizer*"):
        file.unlink()
    with pytest.raises(TeacherError, match="no readable tokenizer"):
        load_teacher_tokenizer(str(folder))
