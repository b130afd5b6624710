"""Each family in the lab's forward pass is what transformers computes from the same random weights."""

from __future__ import annotations

import copy

import pytest
import torch

from labcore.compress.student import Student
from labcore.count.parameters import count
from labcore.models import classifier, encoder
from labcore.models.architecture import Architecture, LayerShape, Structure
from labcore.models.family import FAMILIES, architecture_in
from labcore.models.structure import build, structure_of
from tests.shared.tiny_families import NAMES, family_examples, kind_of, padded, sizes_of, tiny_family


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("short", [0, 48])  # torch's kernel, and our own two matrix products
@pytest.mark.parametrize("typed", [False, True])
def test_logits_and_states(name: str, short: int, typed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "SHORT", short)
    model = tiny_family(name)
    ids, mask = padded(family_examples(model))
    types = (torch.arange(ids.shape[1]) > 4).long().expand_as(ids) if typed else None
    has_types = sizes_of(model).token_types > 1
    with torch.no_grad():
        given = {"token_type_ids": types} if typed and has_types else {}
        expected = model(input_ids=ids, attention_mask=mask.long(), output_hidden_states=True, **given)
        at_cls = encoder.forward(model, ids, mask, types)
        at_all = encoder.forward(model, ids, mask, types, all_tokens=True)
        untyped = encoder.forward(model, ids, mask)
    for output in (at_cls, at_all):
        torch.testing.assert_close(output.logits, expected.logits, atol=2e-5, rtol=1e-5)
    for cls, everywhere, state in zip(at_cls.states, at_all.states, expected.hidden_states[1:], strict=True):
        torch.testing.assert_close(cls, state[:, 0], atol=2e-5, rtol=1e-5)
        torch.testing.assert_close(everywhere[mask], state[mask], atol=2e-5, rtol=1e-5)
    assert torch.equal(untyped.logits, at_cls.logits) != (typed and has_types)
    assert expected.logits.std() > 0.01


@pytest.mark.parametrize("name", NAMES)
def test_gradients(name: str) -> None:
    model = tiny_family(name)
    other = copy.deepcopy(model)
    ids, mask = padded(family_examples(model, 4))
    encoder.forward(model, ids, mask).logits.square().sum().backward()
    other(input_ids=ids, attention_mask=mask.long()).logits.square().sum().backward()
    for (path, first), second in zip(model.named_parameters(), other.parameters(), strict=True):
        assert first.grad is not None, path
        torch.testing.assert_close(
            first.grad, second.grad, atol=1e-4, rtol=1e-3, msg=lambda m, path=path: f"{path} {m}"
        )


@pytest.mark.parametrize("name", NAMES)
def test_dropout_falls_in_the_same_places(name: str) -> None:
    """With each dropout in turn leaving out everything, the lab and transformers compute the same logits."""
    model = tiny_family(name).train()
    ids, mask = padded(family_examples(model, 3))
    dropouts = [path for path, module in model.named_modules() if isinstance(module, torch.nn.Dropout)]
    assert dropouts
    for path in dropouts:
        classifier.set_dropout(model, 0.0)
        model.get_submodule(path).p = 1.0  # type: ignore[assignment]
        drawn = encoder.forward(model, ids, mask).logits
        expected = model(input_ids=ids, attention_mask=mask.long()).logits
        torch.testing.assert_close(drawn, expected, atol=2e-5, rtol=1e-5, msg=lambda m, path=path: f"{path} {m}")


@pytest.mark.parametrize("name", NAMES)
def test_counts_and_names(name: str) -> None:
    model = tiny_family(name)
    counts = count(Student(model))
    assert counts.total == sum(p.numel() for p in model.parameters())
    assert counts.nonzero == sum(int(torch.count_nonzero(p)) for p in model.parameters())
    assert len(counts.layers) == 3
    in_final_norm = sum(p.numel() for p in encoder.final_norm(model).parameters())
    assert sum(counts.layers) + in_final_norm == counts.parts["encoder"]
    assert sum(counts.layers) == sum(p.numel() for p in encoder.layer_list(model).parameters())
    pooled, logits = encoder.head(model)
    in_head_norm = sum(p.numel() for p in encoder.head_norm(model).parameters())
    assert counts.parts["pooler"] == sum(p.numel() for p in pooled.parameters()) + in_head_norm
    assert counts.parts["classifier"] == sum(p.numel() for p in logits.parameters())
    assert count(Student(build(structure_of(model), model.config))).parts == counts.parts
    family = FAMILIES[model.config.model_type]
    sizes = family.sizes_from({path: tuple(tensor.shape) for path, tensor in model.state_dict().items()})
    assert sizes.pop("num_labels") == 2
    assert sizes == {field: getattr(model.config, field) for field in sizes}


@pytest.mark.parametrize("name", NAMES)
def test_as_many_tokens_as_there_are_positions_are_read(name: str) -> None:
    model = tiny_family(name)
    positions = sizes_of(model).positions
    ids = torch.randint(5, 60, (1, positions), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = model(input_ids=ids).logits
        torch.testing.assert_close(encoder.forward(model, ids, None).logits, expected, atol=2e-5, rtol=1e-5)
        explicit = encoder.embed(model, ids, positions=torch.arange(positions)[None])
        torch.testing.assert_close(explicit, encoder.embed(model, ids))
        if FAMILIES[kind_of(name)].embeddings.positions is None:
            return  # rotations have no table that could end
        with pytest.raises((IndexError, RuntimeError)):
            encoder.embed(model, torch.cat([ids, ids[:, :1]], 1), positions=torch.arange(positions + 1)[None])


@pytest.mark.parametrize("name", NAMES)
def test_the_sum_of_the_tables_is_what_is_normalised(name: str) -> None:
    model = tiny_family(name)
    ids = torch.randint(5, 60, (2, 9), generator=torch.Generator().manual_seed(0))
    types = (torch.arange(9) > 4).long().expand_as(ids)
    with torch.no_grad():
        for given in (None, types):
            summed = encoder.embedding_sum(model, ids, torch.arange(9).expand_as(ids), given)
            vectors = encoder.embedding_norm(model)(summed)
            projection = encoder.embedding_projection(model)
            states = vectors if projection is None else projection(vectors)
            torch.testing.assert_close(states, encoder.embed(model, ids, given))


# Tables and their norm, projection, layers: four matrices of the attention, two of the feed-forward network, two norms.
SMALL_ELECTRA = (30_522 + 512 + 2 + 2) * 128 + 129 * 256 + 12 * (4 * 257 * 256 + 257 * 1024 + 1025 * 256 + 4 * 256)


@pytest.mark.parametrize(
    ("sizes", "published"),
    [
        # Without the classifier's two matrices: of distilbert-base, roberta-base, xlm-roberta-base, and by hand.
        (Architecture(768, 6, 12, 3072, family="distilbert"), 66_362_880),
        (Architecture(768, 12, 12, 3072, vocabulary=50_265, token_types=1, family="roberta"), 124_055_040),
        (Architecture(768, 12, 12, 3072, vocabulary=250_002, token_types=1, family="xlm-roberta"), 277_453_056),
        (Architecture(256, 12, 4, 1024, embedding=128, family="electra"), SMALL_ELECTRA),
    ],
)
def test_counts_are_the_published_ones(sizes: Architecture, published: int) -> None:
    counts = count(Student(build(Structure(sizes, (LayerShape(sizes.heads, sizes.intermediate),) * sizes.layers))))
    assert counts.parts["embeddings"] + counts.parts["encoder"] == published
    assert counts.cost is not None
    layer = 4 * sizes.hidden**2 + 2 * sizes.hidden * sizes.intermediate + 2 * sizes.hidden * counts.cost.tokens
    around = (sizes.embedding or 0) * sizes.hidden * counts.cost.tokens + sizes.hidden**2 + 2 * sizes.hidden
    assert counts.cost.macs == sizes.layers * layer * counts.cost.tokens + around


def test_counts_of_modernbert_are_the_published_ones() -> None:
    """149 million without the classifier's matrices and the norm in its head; gates double `up`, one norm is absent."""
    sizes = Architecture(768, 22, 12, 1152, vocabulary=50_368, positions=8192, token_types=0, family="modernbert")
    counts = count(Student(build(Structure(sizes, (LayerShape(12, 1152),) * 22))))
    assert counts.parts["embeddings"] + counts.parts["encoder"] == 149_014_272
    assert counts.layers[1] - counts.layers[0] == 768
    assert counts.cost is not None
    tokens = counts.cost.tokens
    layer = 4 * 768**2 + 3 * 768 * 1152 + 2 * 768 * tokens  # sliding attention computes all products, too
    assert counts.cost.macs == 22 * layer * tokens + 768**2 + 2 * 768


@pytest.mark.parametrize("name", NAMES)
def test_random_weights_are_the_familys(name: str) -> None:
    """By the same rule as transformers': normal matrices, zero biases and padding rows, LayerNorm of ones."""
    config = copy.deepcopy(tiny_family(name).config)
    config.num_labels = 64  # enough rows in every matrix for its deviation to be measured
    drawn = classifier.initialise_randomly(classifier.build(architecture_in(config), config))
    torch.manual_seed(0)
    expected = classifier.class_for(config)(config)
    for (path, first), (_, second) in zip(drawn.named_parameters(), expected.named_parameters(), strict=True):
        assert torch.equal((first == 0).sum(), (second == 0).sum()), path
        assert float(first.detach().std()) == pytest.approx(float(second.detach().std()), abs=0.02), path
    zeros = classifier.initial_zeros(drawn)
    counted = {path: int((p == 0).sum()) for path, p in drawn.named_parameters()}
    assert {path: int(rows.sum()) for path, rows in zeros.items()} == {path: n for path, n in counted.items() if n}
