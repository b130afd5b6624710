"""The teacher's targets: computed and cached are equal, and what changes them changes the file."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import BertForSequenceClassification

from labcore.distil.targets import compute_targets, teacher_targets
from labcore.system.progress import finish
from tests.shared.tiny import TINY, tiny_examples


def test_cached_targets_equal_fresh_ones(tiny: BertForSequenceClassification, tmp_path: Path) -> None:
    encoded = tiny_examples(150)
    fresh = finish(compute_targets(tiny, encoded, states=True))
    first = finish(teacher_targets(tiny, encoded, tmp_path, states=True))
    [file] = tmp_path.iterdir()
    written = file.stat().st_mtime_ns
    steps = teacher_targets(tiny, encoded, tmp_path, states=True)
    again = finish(steps)
    assert file.stat().st_mtime_ns == written
    for targets in (first, again):
        assert torch.equal(targets.logits, fresh.logits)
        assert torch.equal(targets.states, fresh.states)  # type: ignore[arg-type]
    only_logits = finish(teacher_targets(tiny, encoded, tmp_path, states=False))
    assert only_logits.states is None
    assert torch.equal(only_logits.logits, fresh.logits)
    assert len(list(tmp_path.iterdir())) == 1  # the richer file serves both


def test_states_are_those_of_each_layer(tiny: BertForSequenceClassification) -> None:
    encoded = tiny_examples(5)
    targets = finish(compute_targets(tiny, encoded, states=True))
    assert targets.states is not None
    assert targets.states.shape == (5, TINY.layers, TINY.hidden)
    row = torch.tensor([encoded.tokens[3]])
    with torch.no_grad():
        states = tiny(row, output_hidden_states=True).hidden_states
    torch.testing.assert_close(
        targets.states[3], torch.stack([state[0, 0] for state in states[1:]]), atol=1e-5, rtol=1e-4
    )


def test_another_teacher_or_text_is_another_file(tiny: BertForSequenceClassification, tmp_path: Path) -> None:
    finish(teacher_targets(tiny, tiny_examples(9), tmp_path, states=False))
    finish(teacher_targets(tiny, tiny_examples(9, seed=1), tmp_path, states=False))
    with torch.no_grad():
        tiny.classifier.bias[0] += 1e-3
    finish(teacher_targets(tiny, tiny_examples(9), tmp_path, states=False))
    assert len(list(tmp_path.iterdir())) == 3


def test_targets_in_bf16_are_near_those_in_fp32_and_a_file_of_their_own(
    tiny: BertForSequenceClassification, tmp_path: Path
) -> None:
    exact, rough = (
        finish(teacher_targets(tiny, tiny_examples(60), tmp_path, states=True, bf16=bf16)) for bf16 in (False, True)
    )
    assert len(list(tmp_path.iterdir())) == 2
    for bf16, fp32 in ((rough.logits, exact.logits), (rough.states, exact.states)):
        assert bf16 is not None
        assert fp32 is not None
        assert bf16.dtype == fp32.dtype == torch.float32
        assert not torch.equal(bf16, fp32)
        torch.testing.assert_close(bf16, fp32, atol=0.03, rtol=0.03)  # bf16 keeps 8 bits
    assert not torch.is_autocast_enabled("cpu")


def test_targets_closed_half_way_leave_nothing(tiny: BertForSequenceClassification, tmp_path: Path) -> None:
    steps = teacher_targets(tiny, tiny_examples(200), tmp_path / "cache", states=True)
    next(steps)
    steps.close()
    assert not list(tmp_path.rglob("*.*"))
