"""Random stacks of steps on each family: what was counted is made, heads and neurons are those kept, all comes back."""

from __future__ import annotations

import contextlib
import tempfile
from functools import lru_cache
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from transformers import AutoModelForSequenceClassification, AutoTokenizer, PreTrainedTokenizerBase

from labcore.compress.derive import derive
from labcore.compress.student import Student, WeightsNeeded
from labcore.compress.student_folder import load_student, save
from labcore.compress.zeros import zeros_in
from labcore.config.spec import Spec, SpecError
from labcore.config.steps import Factorise, FactoriseEmbeddings, Manual, PruneHeads, PruneNeurons, Step, TrimVocabulary
from labcore.count.parameters import count
from labcore.data.tokenizers import trimmed
from labcore.models import encoder
from labcore.models.classifier import Classifier
from labcore.models.encoder import LayerModules
from labcore.models.family import FAMILIES
from labcore.models.fingerprint import fingerprint
from labcore.models.structure import build, structure_of
from labcore.results.counts import Comparison
from tests.shared.random_steps import any_step, rounding
from tests.shared.tiny import bytes_of
from tests.shared.tiny_families import BY_KIND, NAMES, padded, sizes_of, tiny_family
from tests.shared.tiny_tokenizers import OTHERS, calibration_of, phrases, tokenizer_of

teacher = lru_cache(tiny_family)
calibration = lru_cache(calibration_of)
EXAMPLES = (*phrases()[:5], *OTHERS[:5])


@pytest.mark.parametrize("name", BY_KIND)
@settings(max_examples=25)
@given(steps=st.lists(any_step(), max_size=4), last=st.none() | rounding())
def test_a_stack_is_what_it_was_counted_to_be(name: str, steps: list[Step], last: Step | None) -> None:
    model, steps = teacher(name), [*steps, *([] if last is None else [last])]
    before = bytes_of(model)
    blueprint = Student(build(structure_of(model), model.config), natural=zeros_in(model))
    planned = None
    try:
        planned = count(derive(blueprint, steps, calibration(name)))
    except WeightsNeeded:
        with contextlib.suppress(SpecError):
            came_back_whole(name, derive(model, steps, calibration(name)))
        return
    except SpecError:
        with pytest.raises(SpecError):
            derive(model, steps, calibration(name))
        return
    student = derive(model, steps, calibration(name))
    built = count(student)
    for counted in ("total", "nonzero", "parts", "layers", "cost"):
        assert getattr(planned, counted) == getattr(built, counted)
    assert built.total == sum(p.numel() for p in student.model.parameters())
    assert built.nonzero == sum(_nonzero(student, name) for name, _ in student.model.named_parameters())
    assert bytes_of(model) == before
    came_back_whole(name, student)


def _nonzero(student: Student, name: str) -> int:
    """The elements that are not 0; in a rounded matrix all that are not held there."""
    parameter = student.model.get_parameter(name)
    if name in student.rounded:
        return parameter.numel() if name not in student.masks else int(student.masks[name].sum())
    return int(torch.count_nonzero(parameter))


@torch.no_grad()
def logits(model: Classifier, name: str, vocabulary: tuple[int, ...] | None) -> Tensor:
    ids, mask = padded(calibration(name).sample(vocabulary))
    return encoder.forward(model, ids, mask).logits


def came_back_whole(name: str, student: Student) -> None:
    """The student predicts the same, bit for bit, after it was saved and loaded; transformers' own forward agrees."""
    ids, mask = padded(calibration(name).sample(student.vocabulary))
    logits_before = logits(student.model, name, student.vocabulary)
    assert logits_before.isfinite().all()
    with torch.no_grad():
        own = student.model(input_ids=ids, attention_mask=mask.long()).logits
    torch.testing.assert_close(own, logits_before, atol=1e-4, rtol=1e-4)
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "student"
        counts = Comparison(count(Student(teacher(name))), count(student))
        save(student, folder, Spec(steps=student.steps), calibration(name).tokenizer, counts)
        again = load_student(folder)
        [weights] = folder.glob("*.safetensors")
        assert counts.student.cost is not None
        assert counts.student.cost.bytes["stored"] == weights.stat().st_size
        assert torch.equal(logits(again.model, name, again.vocabulary), logits_before)
        assert fingerprint(again.model) == fingerprint(student.model)
        assert count(again) == counts.student
        assert structure_of(again.model) == structure_of(student.model)
        assert FAMILIES[student.model.config.model_type].label in (folder / "README.md").read_text()
        own_tokenizer = trimmed(calibration(name).tokenizer, student.vocabulary)
        read, wanted = (
            each(list(EXAMPLES))["input_ids"] for each in (AutoTokenizer.from_pretrained(folder), own_tokenizer)
        )
        assert read == wanted
        if structure_of(student.model).plain and not student.rounded:
            usual, info = AutoModelForSequenceClassification.from_pretrained(folder, output_loading_info=True)
            assert not any(info[key] for key in ("missing_keys", "unexpected_keys", "mismatched_keys"))
            with torch.no_grad():
                torch.testing.assert_close(
                    usual(input_ids=ids, attention_mask=mask.long()).logits, own, atol=1e-5, rtol=1e-4
                )


@pytest.mark.parametrize("name", BY_KIND)
def test_a_removed_head_is_a_head_of_zeros(name: str) -> None:
    """Heads that are removed one after the other leave the logits of a model in which their output is 0."""
    model = teacher(name)
    student = derive(derive(model, [PruneHeads(3)]), [PruneHeads(2, by="taylor")], calibration(name))
    zeroed = derive(model, []).model
    size = sizes_of(model).hidden // sizes_of(model).heads
    for layer in range(3):
        full = encoder.layer_modules(zeroed, layer)
        kept = {
            int((query_rows(full) == row).all(1).nonzero()) // size
            for row in query_rows(encoder.layer_modules(student.model, layer))
        }
        assert len(kept) == 2
        with torch.no_grad():
            for head in set(range(4)) - kept:
                full.output.weight[:, head * size : (head + 1) * size] = 0
    torch.testing.assert_close(logits(student.model, name, None), logits(zeroed, name, None), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(logits(build_again(student), name, None), logits(student.model, name, None))


def query_rows(layer: LayerModules) -> Tensor:
    """The rows that compute a layer's queries."""
    rows: Tensor = layer.query.weight if layer.qkv is None else layer.qkv.weight.chunk(3)[0]
    return rows


def neuron_rows(layer: LayerModules) -> Tensor:
    """The rows that compute a layer's neurons, without their gates."""
    rows: Tensor = layer.up.weight.chunk(2)[0] if layer.gated else layer.up.weight
    return rows


def build_again(student: Student) -> Classifier:
    """The same weights in a model that was built from the shapes alone."""
    model = build(structure_of(student.model), student.model.config).to_empty(device="cpu").eval()
    model.load_state_dict(student.model.state_dict())
    for path, buffer in student.model.named_buffers():
        model.get_buffer(path).copy_(buffer)
    return model


@pytest.mark.parametrize("name", BY_KIND)
def test_a_removed_neuron_is_a_neuron_of_zeros(name: str) -> None:
    model = teacher(name)
    student = derive(model, [PruneNeurons(20)]).model
    zeroed = derive(model, []).model
    for layer in range(3):
        full = encoder.layer_modules(zeroed, layer)
        rows = neuron_rows(encoder.layer_modules(student, layer))
        kept = {int((neuron_rows(full) == row).all(1).nonzero()) for row in rows}
        assert len(kept) == 20
        with torch.no_grad():
            full.down.weight[:, sorted(set(range(32)) - kept)] = 0
    torch.testing.assert_close(logits(student, name, None), logits(zeroed, name, None), atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", BY_KIND)
def test_full_rank_and_the_tasks_vocabulary_change_no_logit(name: str) -> None:
    model = teacher(name)
    full = logits(model, name, None)
    same = derive(model, [Factorise(16), FactoriseEmbeddings(sizes_of(model).embedding or 16)]).model
    torch.testing.assert_close(logits(same, name, None), full, atol=1e-3, rtol=1e-3)
    fewer = derive(model, [TrimVocabulary(task=True)], calibration(name))
    assert fewer.vocabulary is not None
    assert len(fewer.vocabulary) < sizes_of(model).vocabulary
    torch.testing.assert_close(logits(fewer.model, name, fewer.vocabulary), full, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("name", BY_KIND)
def test_initialised_from_the_teacher_is_closer_to_it_than_random(name: str) -> None:
    model = teacher(name)
    full = logits(model, name, None)
    sizes = {"hidden": 12, "layers": 2, "heads": 2, "intermediate": 24}

    def distance(init: str) -> float:
        made = derive(model, [Manual(**sizes, init=init)], calibration(name)).model.eval()  # type: ignore[arg-type]
        return float((logits(made, name, None) - full).square().mean())

    assert distance("teacher") < distance("random")
    same = derive(model, [Manual(16, 3, 4, 32, init="teacher")], calibration(name)).model
    assert torch.equal(logits(same, name, None), full)


def test_each_familys_tokenizer_is_its_own_kind() -> None:
    kinds = {name: type(tokenizer_of(name).backend_tokenizer.model).__name__ for name in NAMES}
    assert set(kinds.values()) == {"WordPiece", "BPE", "Unigram"}
    assert isinstance(tokenizer_of("roberta"), PreTrainedTokenizerBase)
