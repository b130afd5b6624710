"""What only ModernBERT has: rotations of two bases, near and far tokens, norms before, a head that reads the mean."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
import torch
from torch import Tensor
from transformers import AutoModelForSequenceClassification

from labcore.compress.derive import derive
from labcore.compress.student import Student
from labcore.compress.student_folder import load_student, save, structure_in
from labcore.config.spec import Spec, SpecError
from labcore.config.steps import Factorise, KeepLayers, Manual, PruneHeads, PruneNeurons
from labcore.count.parameters import count
from labcore.models import classifier, encoder
from labcore.models.classifier import Classifier
from labcore.models.structure import build, structure_of
from labcore.results.counts import Comparison
from tests.shared.tiny_families import family_examples, padded, sizes_of, tiny_family
from tests.shared.tiny_tokenizers import calibration_of, tokenizer_of

KINDS = ("full_attention", "sliding_attention")


@torch.no_grad()
def logits(model: Classifier) -> Tensor:
    ids, mask = padded(family_examples(model))
    return encoder.forward(model, ids, mask).logits


@torch.no_grad()
def own_logits(model: Classifier) -> Tensor:
    """As transformers computes them."""
    ids, mask = padded(family_examples(model))
    return model(input_ids=ids, attention_mask=mask.long()).logits


@pytest.mark.parametrize("name", ["modernbert", "modernbert-mean"])
@pytest.mark.parametrize("change", ["window", "near base", "far base", "positions"])
def test_windows_and_both_bases_decide_the_logits(name: str, change: str) -> None:
    """Each of them changes the logits, and then they are transformers' again."""
    model = tiny_family(name)
    before = logits(model)
    config = copy.deepcopy(model.config)
    match change:
        case "window":
            config.local_attention = 4
        case "near base":
            config.rope_parameters["sliding_attention"]["rope_theta"] = 3.0
        case "far base":
            config.rope_parameters["full_attention"]["rope_theta"] = 3.0
        case "positions":
            config.layer_types = ["full_attention"] * 3
    other = classifier.initialise_randomly(classifier.build(sizes_of(model), config)).eval()
    other.load_state_dict(model.state_dict())
    assert not torch.allclose(logits(other), before, atol=1e-3)
    torch.testing.assert_close(logits(other), own_logits(other), atol=2e-5, rtol=1e-5)


def test_a_window_as_wide_as_the_text_changes_nothing() -> None:
    model = tiny_family("modernbert")
    ids = torch.randint(
        5, 60, (1, 5), generator=torch.Generator().manual_seed(0)
    )  # 4 apart at most, as local_attention/2
    states = encoder.embed(model, ids)
    assert not encoder.attention_context(model, states, None).windows
    longer = encoder.embed(model, torch.cat([ids, ids[:, :1]], 1))
    assert set(encoder.attention_context(model, longer, None).windows) == {"sliding_attention"}


def test_dropout_of_the_attention_weights_is_transformers() -> None:
    """It is a number there, and a module is made after it only if the number is above 0."""
    model = tiny_family("modernbert").train()
    ids, mask = padded(family_examples(model, 3))
    assert not any(module.p for module in model.modules() if isinstance(module, torch.nn.Dropout))
    classifier.set_dropout(model, 0.25)
    dropouts = {path: module for path, module in model.named_modules() if isinstance(module, torch.nn.Dropout)}
    assert {module.p for module in dropouts.values()} == {0.25}
    config = copy.deepcopy(model.config)
    for field in ("embedding_dropout", "attention_dropout", "mlp_dropout", "classifier_dropout"):
        setattr(config, field, 0.25)
    fresh = classifier.class_for(config)(config)
    assert dropouts.keys() == {path for path, module in fresh.named_modules() if isinstance(module, torch.nn.Dropout)}
    classifier.set_dropout(model, 0.0)
    paths = [f"model.layers.{i}.attn" for i in range(3)]
    for path in paths:
        model.get_submodule(path).attention_dropout = 1.0  # type: ignore[assignment]
        for short in (0, 48):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(encoder, "SHORT", short)
                drawn = encoder.forward(model, ids, mask).logits
            expected = model(input_ids=ids, attention_mask=mask.long()).logits
            torch.testing.assert_close(drawn, expected, atol=2e-5, rtol=1e-5)
        assert not torch.allclose(drawn, logits(model.eval())[:3], atol=1e-3)
        model.train().get_submodule(path).attention_dropout = 0.0  # type: ignore[assignment]


@pytest.mark.parametrize("name", ["modernbert", "modernbert-mean"])
def test_layers_without_the_first_keep_their_own_norm_and_kind(name: str, tmp_path: Path) -> None:
    """No plain ModernBERT: its first layer has a norm. The lab's folder carries that, bit for bit."""
    model = tiny_family(name)
    student = derive(model, [KeepLayers(layers=(1, 2))])
    assert student.model.config.layer_types == model.config.layer_types[1:]
    by_hand = copy.deepcopy(model)
    by_hand.model.layers = torch.nn.ModuleList([by_hand.model.layers[1], by_hand.model.layers[2]])
    assert torch.equal(own_logits(student.model), own_logits(by_hand))
    torch.testing.assert_close(logits(student.model), own_logits(by_hand), atol=2e-5, rtol=1e-5)
    structure = structure_of(student.model)
    assert [layer.extra_norm for layer in structure.layers] == [True, False]
    assert structure.complete
    assert not structure.plain
    with pytest.raises(SpecError, match="no plain member of its family"):
        student.model.save_pretrained(tmp_path / "plain")
    before = logits(student.model)
    counts = Comparison(count(Student(model)), count(student))
    assert counts.student.layers == tuple(counts.teacher.layers[1:])
    save(student, tmp_path / "student", Spec(steps=student.steps), tokenizer_of(name), counts)
    again = load_student(tmp_path / "student")
    assert torch.equal(logits(again.model), before)
    assert structure_of(again.model) == structure_in(tmp_path / "student") == structure
    shorter = derive(again, [KeepLayers(layers=(1,)), PruneHeads(2), Factorise(4)])  # the next teacher
    assert structure_of(shorter.model).layers[0].extra_norm
    narrow = derive(again, [Manual(8, 2, 2, 16, init="teacher")], calibration_of(name))
    assert structure_of(narrow.model).plain
    assert logits(narrow.model).isfinite().all()


def test_layers_with_the_first_are_a_plain_model(tmp_path: Path) -> None:
    student = derive(tiny_family("modernbert"), [KeepLayers(layers=(0, 2)), PruneNeurons(20)])
    student.model.save_pretrained(tmp_path)
    usual = AutoModelForSequenceClassification.from_pretrained(tmp_path).eval()
    assert usual.config.layer_types == list(KINDS)
    torch.testing.assert_close(own_logits(usual), logits(student.model), atol=2e-5, rtol=1e-5)


def test_a_folder_without_the_note_on_norms_is_read(tmp_path: Path) -> None:
    """Folders of earlier versions do not have it: their families have no such norm."""
    structure = structure_of(tiny_family("bert"))
    layers = [{"heads": 4, "intermediate": 32, "ranks": []} for _ in range(3)]
    shapes = {"architecture": vars(structure.architecture), "embedding_rank": None, "layers": layers}
    (tmp_path / "structure.json").write_text(json.dumps({"format": 1, "structure": shapes}))
    assert structure_in(tmp_path) == structure


def test_a_new_model_has_the_kinds_of_the_layers_that_it_is_made_of() -> None:
    model = tiny_family("modernbert-mean")
    two = derive(model, [Manual(8, 2, 2, 16, init="teacher")], calibration_of("modernbert-mean")).model
    assert two.config.layer_types == ["sliding_attention", "sliding_attention"]  # layers 1 and 3
    five = derive(model, [Manual(8, 5, 2, 16)]).model
    assert five.config.layer_types == [*model.config.layer_types, *model.config.layer_types[:2]]
    assert len(build(structure_of(five), five.config).config.layer_types) == 5
    for made in (two, five):
        torch.testing.assert_close(logits(made.eval()), own_logits(made), atol=2e-5, rtol=1e-5)


@pytest.mark.parametrize("sizes", [{"hidden": 12, "heads": 4}, {"hidden": 9, "heads": 1}])
def test_heads_that_no_rotation_fits_are_refused(sizes: dict[str, int]) -> None:
    with pytest.raises(SpecError, match="wide, and a ModernBERT rotates its dimensions in pairs"):
        derive(tiny_family("modernbert"), [Manual(layers=2, intermediate=16, **sizes)])


def test_wider_and_narrower_heads_get_the_nearest_angles() -> None:
    """From heads 4 wide to one of 8, or to heads 2 wide: better than random, and every row is the teacher's."""
    model = tiny_family("modernbert")
    full = logits(model)
    for hidden, heads in ((16, 2), (16, 8), (8, 1), (8, 4)):

        def distance(init: str, hidden: int = hidden, heads: int = heads) -> float:
            step = Manual(hidden, 3, heads, 32, init=init)  # type: ignore[arg-type]
            made = derive(model, [step], calibration_of("modernbert")).model.eval()
            return float((logits(made) - full).square().mean())

        assert distance("teacher") < distance("random")
