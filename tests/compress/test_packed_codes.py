"""Codes as bytes and back, and the student's file: no bit more than its grid says."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import BertForSequenceClassification, PreTrainedTokenizerBase

from labcore.compress.derive import derive
from labcore.compress.grid import Grid
from labcore.compress.packed_codes import pack, unpack
from labcore.compress.student_folder import load_student, save
from labcore.config.spec import Spec, SpecError
from labcore.config.steps import Prune, Quantise, Step
from labcore.count.parameters import count
from labcore.results.counts import Comparison
from tests.shared.tiny import bytes_of


@pytest.mark.parametrize("bits", [8, 4, 3, 2])
@given(data=st.data())
def test_codes_come_back_and_take_their_bits(bits: int, data: st.DataObject) -> None:
    grid, columns = Grid(bits, None), data.draw(st.integers(1, 40))
    code = st.integers(-grid.most - 1, grid.most)
    rows = data.draw(st.lists(st.lists(code, min_size=columns, max_size=columns), min_size=1, max_size=4))
    codes = torch.tensor(rows, dtype=torch.int8)
    packed = pack(codes, grid)
    assert packed.shape == (len(rows), math.ceil(columns * bits / 8))
    assert torch.equal(unpack(packed, columns, grid), codes)


def saved(
    tiny: BertForSequenceClassification, tokenizer: PreTrainedTokenizerBase, folder: Path, *steps: Step
) -> tuple[Path, Comparison]:
    student = derive(tiny, steps)
    counts = Comparison(count(derive(tiny, ())), count(student))
    save(student, folder, Spec(steps=steps), tokenizer, counts)
    return folder, counts


def test_held_zeros_and_rounded_ones_stay_apart(
    tiny: BertForSequenceClassification, tokenizer: PreTrainedTokenizerBase, tmp_path: Path
) -> None:
    steps = (Prune(0.3), Quantise(2))
    student = derive(tiny, steps)
    folder, counts = saved(tiny, tokenizer, tmp_path / "student", *steps)
    again = load_student(folder)
    assert bytes_of(again.model) == bytes_of(student.model)
    assert again.masks.keys() == student.masks.keys()
    for name, mask in student.masks.items():
        assert torch.equal(again.masks[name], mask)
        assert int((again.model.get_parameter(name) == 0).sum()) > int((~mask).sum())  # rounding made some, too
    held = sum(int((~student.masks[name]).sum()) for name in student.rounded if name in student.masks)
    others = [p for name, p in student.model.named_parameters() if name not in student.rounded]
    zeros = held + sum(int((p == 0).sum()) for p in others)
    assert count(again).nonzero == counts.student.nonzero == counts.student.total - zeros


def test_a_loaded_student_can_be_trained_on(
    tiny: BertForSequenceClassification, tokenizer: PreTrainedTokenizerBase, tmp_path: Path
) -> None:
    folder, _ = saved(tiny, tokenizer, tmp_path / "student", Quantise(3))
    student = load_student(folder)
    optimiser = torch.optim.AdamW(student.model.parameters(), lr=1e-2)
    student.model(torch.randint(0, 50, (4, 9))).logits.square().sum().backward()
    student.before_step()
    optimiser.step()
    student.after_step()
    name = "bert.encoder.layer.0.attention.self.query.weight"
    weight, rounded = student.model.get_parameter(name), student.rounded[name]
    assert rounded.latent is not None
    assert not torch.equal(rounded.latent, weight)
    assert len(weight[0].unique()) <= 7


@pytest.mark.parametrize("fault", ["a row cut short", "no scales", "another grid"])
def test_a_damaged_file_of_codes_is_refused(
    fault: str, tiny: BertForSequenceClassification, tokenizer: PreTrainedTokenizerBase, tmp_path: Path
) -> None:
    from safetensors.torch import load_file, save_file

    from labcore.compress import student_folder

    folder, _ = saved(tiny, tokenizer, tmp_path / "student", Quantise(4))
    weights, structure = folder / "student.safetensors", folder / "structure.json"
    tensors, contents = load_file(weights), json.loads(structure.read_text())
    name = next(iter(contents["grids"]))
    match fault:
        case "a row cut short":
            tensors[name] = tensors[name][:, :-1].contiguous()
        case "no scales":
            del tensors[f"{name}.scales"]
        case _:
            contents["grids"][name]["bits"] = 3
    save_file(tensors, weights, metadata={"format": "pt"})
    contents["sha256"][weights.name] = student_folder._digest(weights)
    structure.write_text(json.dumps(contents))
    with pytest.raises(SpecError, match="copy"):
        load_student(folder)
