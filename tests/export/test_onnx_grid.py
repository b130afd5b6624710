"""A student of low bits keeps its own grid in its file: the same logits, and the codes and scales bit for bit."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from onnx import numpy_helper

from labcore.compress.derive import derive
from labcore.compress.grid import Grid, best_scales, codes_of, values_of
from labcore.compress.student import Student
from labcore.config.steps import Factorise, FactoriseEmbeddings, PruneHeads, Quantise
from labcore.export.export_measured import all_logits, of_file, of_torch
from labcore.export.onnx_graph import write_onnx
from labcore.export.onnx_grid import Codes, write_grid
from tests.shared.tiny_families import tiny_family
from tests.shared.tiny_tokenizers import calibration_of

teacher = lru_cache(tiny_family)
calibration = lru_cache(calibration_of)


def unpacked(packed: np.ndarray[Any, Any], bits: int) -> np.ndarray[Any, Any]:
    """The codes with their sign, by another way: as a string of bits."""
    lowest_first = np.unpackbits(packed[..., None], axis=-1, bitorder="little").reshape(*packed.shape[:-1], -1, bits)
    return (lowest_first * 2 ** np.arange(bits)).sum(-1) - 2 ** (bits - 1)


@given(
    bits=st.sampled_from((2, 3, 4, 8)),
    group=st.sampled_from((32, 64, 128, None)),
    rows=st.integers(1, 5),
    columns=st.integers(1, 300),
    seed=st.integers(0, 99),
)
def test_blocks_hold_the_grids_values(bits: int, group: int | None, rows: int, columns: int, seed: int) -> None:
    grid, weight = Grid(bits, group), torch.randn(rows, columns, generator=torch.Generator().manual_seed(seed))
    scales = best_scales(weight, grid)
    codes = codes_of(weight, scales, grid)
    made = Codes(bits, codes.numpy(), scales.numpy(), group or columns)
    values = unpacked(made.blocks(), made.container) * made.block_scales()[..., None].astype(np.float32)
    flat = values.reshape(rows, -1)
    assert (flat[:, :columns] == values_of(codes, scales, grid).numpy()).all()
    assert (flat[:, columns:] == 0).all()
    if columns * made.container % 8 == 0:
        assert (unpacked(made.rows(), made.container) == codes.numpy()).all()


def check_grid(student: Student, name: str, folder: Path) -> tuple[str, ...]:
    """The notes of the student's file, which has the student's logits."""
    write_onnx(student.model, folder / "fp32.onnx")
    notes = write_grid(folder / "fp32.onnx", folder / "model.onnx", student)
    examples = calibration(name).sample(student.vocabulary)
    wanted = all_logits(of_torch(student.model), examples)
    torch.testing.assert_close(all_logits(of_file(folder / "model.onnx"), examples), wanted, atol=1e-3, rtol=1e-3)
    return notes


def test_a_student_of_low_rank_and_3_bits(tmp_path: Path) -> None:
    steps = (PruneHeads(3), Factorise(rank=8), FactoriseEmbeddings(rank=8), Quantise(bits=3, embeddings=8))
    student = derive(teacher("bert"), steps, calibration("bert"))
    notes = check_grid(student, "bert", tmp_path)
    assert notes[0].startswith("The file has the student's own grid of 3 and 8 bits")
    assert "onnxruntime has no 3" in notes[1]
    assert len(notes) == 2
    read = onnx.load(tmp_path / "model.onnx")
    tables = {tensor.name: numpy_helper.to_array(tensor) for tensor in read.graph.initializer}
    scales = [array for name, array in tables.items() if name.endswith("_scales16")]
    codes = [array for name, array in tables.items() if name.endswith("_codes")]
    assert len(scales) == len(codes) == len(student.rounded)
    assert all(array.dtype == np.float16 for array in scales)
    assert all(array.dtype == np.uint8 for array in codes)
    assert not any(array.ndim == 2 and array.dtype == np.float32 and array.size > 64 for array in tables.values())


@pytest.mark.full
@pytest.mark.parametrize("group", [32, "row"])
@pytest.mark.parametrize("bits", [8, 4, 3, 2])
def test_all_bits_and_groups(bits: Any, group: Any, tmp_path: Path) -> None:
    student = derive(teacher("bert"), [Quantise(bits=bits, group=group)], calibration("bert"))
    check_grid(student, "bert", tmp_path)


@pytest.mark.full
@pytest.mark.parametrize("name", ["roberta", "distilbert", "electra", "mpnet", "modernbert"])
def test_other_families(name: str, tmp_path: Path) -> None:
    student = derive(teacher(name), [Quantise(bits=4, embeddings=8)], calibration(name))
    check_grid(student, name, tmp_path)
