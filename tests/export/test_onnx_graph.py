"""An ONNX file computes what the lab's own forward pass does: each family, each kind of step, any batch and length."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path

import onnx
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labcore.compress.derive import derive
from labcore.config.spec import SpecError
from labcore.config.steps import (
    Factorise,
    FactoriseEmbeddings,
    KeepLayers,
    Manual,
    Prune,
    PruneHeads,
    PruneNeurons,
    Step,
    TrimVocabulary,
)
from labcore.data.batches import Batch, Encoded, batch_of
from labcore.export.export_measured import all_logits, of_file, of_torch
from labcore.export.onnx_graph import OPSET, write_onnx
from labcore.models.classifier import Classifier
from tests.shared.random_steps import any_step
from tests.shared.source_files import ROOT
from tests.shared.tiny_families import NAMES, family_examples, tiny_family
from tests.shared.tiny_tokenizers import calibration_of

teacher = lru_cache(tiny_family)
calibration = lru_cache(calibration_of)
FEWER = [name if name in ("mpnet", "modernbert") else pytest.param(name, marks=pytest.mark.full) for name in NAMES]
STACK = (
    KeepLayers(count=2, pick="last"),
    PruneHeads(3),
    PruneNeurons(20),
    Factorise(rank=6),
    TrimVocabulary(task=True),
    FactoriseEmbeddings(rank=5),
    Prune(sparsity=0.3),
)


def differs(model: Classifier, examples: Encoded) -> float:
    """The largest difference of a logit between the model's ONNX file and the model, over batches of all sizes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        write_onnx(model, path)
        computed, wanted = of_file(path), of_torch(model)
        largest = float((all_logits(computed, examples) - all_logits(wanted, examples)).abs().max())
        for batch in (batch_of(examples, [0]), _of_length(1), _of_length(2)):
            largest = max(largest, float((computed(batch) - wanted(batch)).abs().max()))
        return largest


def _of_length(length: int) -> Batch:
    ids = torch.full((3, length), 2)
    return Batch(torch.arange(3), ids, None, torch.zeros(3))


@pytest.mark.parametrize("name", FEWER)
def test_a_familys_file_computes_its_logits(name: str) -> None:
    model = teacher(name)
    assert differs(model, family_examples(model)) < 1e-4


@pytest.mark.parametrize("name", ["bert", *(pytest.param(n, marks=pytest.mark.full) for n in ("mpnet", "modernbert"))])
def test_a_students_file_computes_its_logits(name: str) -> None:
    steps = STACK if name == "bert" else (PruneHeads(3), PruneNeurons(20), Factorise(rank=6))
    student = derive(teacher(name), steps, calibration(name))
    assert differs(student.model, calibration(name).sample(student.vocabulary)) < 1e-4


@pytest.mark.full
@pytest.mark.parametrize(
    "step", [*STACK, Manual(hidden=8, heads=2, layers=2, init="teacher")], ids=lambda step: str(step.kind)
)
def test_each_kind_of_step(step: Step) -> None:
    student = derive(teacher("bert"), [step], calibration("bert"))
    assert differs(student.model, calibration("bert").sample(student.vocabulary)) < 1e-4


@pytest.mark.full
@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(name=st.sampled_from(("bert", "roberta", "mpnet", "modernbert")), steps=st.lists(any_step(), max_size=4))
def test_random_stacks(name: str, steps: list[Step]) -> None:
    try:
        student = derive(teacher(name), steps, calibration(name))
    except SpecError:
        return
    assert differs(student.model, calibration(name).sample(student.vocabulary)) < 2e-4


def test_a_file_of_pairs_reads_token_types_and_one_of_single_texts_does_not(tmp_path: Path) -> None:
    model = teacher("bert")
    examples = Encoded(((2, 9, 10, 3, 11, 3), (2, 12, 3, 13, 14, 15, 3)), torch.zeros(2), 0, second_from=(4, 3))
    write_onnx(model, tmp_path / "pairs.onnx", types=True)
    computed, wanted = all_logits(of_file(tmp_path / "pairs.onnx"), examples), all_logits(of_torch(model), examples)
    torch.testing.assert_close(computed, wanted, atol=1e-4, rtol=1e-4)
    write_onnx(model, tmp_path / "single.onnx")
    for name, inputs in (("pairs", 3), ("single", 2)):
        read = onnx.load(tmp_path / f"{name}.onnx")
        assert [each.name for each in read.graph.input] == ["input_ids", "attention_mask", "token_type_ids"][:inputs]
        assert [size.dim_param for size in read.graph.input[0].type.tensor_type.shape.dim] == ["batch", "length"]
        assert read.opset_import[0].version == OPSET
        content = (tmp_path / f"{name}.onnx").read_bytes()
        assert not any(path.encode() in content for path in (str(ROOT), "site-packages", ".py")), "names this machine"
