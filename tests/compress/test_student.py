"""Deriving a student, each way against another way of doing the same sum."""

from __future__ import annotations

import contextlib
import copy
import tempfile
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import prune as torch_prune
from transformers import AutoModelForSequenceClassification, AutoTokenizer, BertForSequenceClassification

from labcore.compress.calibration import Calibration
from labcore.compress.derive import derive
from labcore.compress.steps.factorisation import decompose
from labcore.compress.steps.magnitude_pruning import prunable, smallest
from labcore.compress.student import Student, WeightsNeeded
from labcore.compress.student_folder import load_student, save
from labcore.compress.zeros import zeros_in as natural_zeros
from labcore.config.spec import Spec, SpecError
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
from labcore.config.steps.factorise import break_even_rank
from labcore.config.steps.keep_layers import picked_layers
from labcore.count.parameters import count
from labcore.data.batches import encode
from labcore.data.tokenizers import trimmed
from labcore.evaluate.metrics import predict
from labcore.models import classifier, encoder
from labcore.models.structure import structure_of
from labcore.results.counts import Comparison
from tests.shared.tiny import TINY, bytes_of, tiny_examples

# -- layers ------------------------------------------------------------------------------------------


def test_picked_layers() -> None:
    assert picked_layers(6, 3, "even") == (1, 3, 5)
    assert picked_layers(6, 2, "even") == (2, 5)
    assert picked_layers(12, 4, "even") == (2, 5, 8, 11)
    assert picked_layers(6, 4, "even") == (0, 2, 3, 5)
    assert picked_layers(6, 2, "first") == (0, 1)
    assert picked_layers(6, 2, "last") == (4, 5)
    assert picked_layers(6, 6, "even") == tuple(range(6))


@given(st.integers(1, 24), st.data())
def test_even_layers_rise_and_end_with_the_last(available: int, data: st.DataObject) -> None:
    kept = picked_layers(available, data.draw(st.integers(1, available)), "even")
    assert kept == tuple(sorted(set(kept)))
    assert kept[-1] == available - 1


def test_kept_layers_are_the_teachers_and_are_used(tiny: BertForSequenceClassification) -> None:
    student = derive(tiny, [KeepLayers(layers=(1, 3))]).model
    of_teacher, of_student = tiny.state_dict(), student.state_dict()
    assert all(
        torch.equal(of_student[f"bert.encoder.layer.0.{rest}"], of_teacher[f"bert.encoder.layer.1.{rest}"])
        for rest in ("output.dense.weight", "attention.self.query.bias")
    )
    by_hand = copy.deepcopy(tiny)
    by_hand.bert.encoder.layer = nn.ModuleList([by_hand.bert.encoder.layer[1], by_hand.bert.encoder.layer[3]])
    ids = torch.tensor([[2, 7, 9, 11, 3]])
    assert torch.equal(student(ids).logits, by_hand(ids).logits)
    assert student.config.num_hidden_layers == 2


# -- our forward is transformers' forward --------------------------------------------------------------


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("short", [0, 48])  # our own two matrix products, and torch's kernel
def test_forward_is_that_of_transformers(
    tiny: BertForSequenceClassification, attention: str, short: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder, "SHORT", short)
    tiny.set_attn_implementation(attention)
    encoded = tiny_examples(40)
    width = max(map(len, encoded.tokens))
    ids = torch.tensor([row + (0,) * (width - len(row)) for row in encoded.tokens])
    mask = ids != 0
    with torch.no_grad():
        expected = tiny(input_ids=ids, attention_mask=mask.long(), output_hidden_states=True)
        at_cls, at_all = encoder.forward(tiny, ids, mask), encoder.forward(tiny, ids, mask, all_tokens=True)
    for output in (at_cls, at_all):
        torch.testing.assert_close(output.logits, expected.logits)
    for cls, everywhere, state in zip(at_cls.states, at_all.states, expected.hidden_states[1:], strict=True):
        torch.testing.assert_close(cls, state[:, 0])
        torch.testing.assert_close(everywhere[mask], state[mask])
    attention_of_last = tiny.bert.encoder.layer[-1].attention.self
    below = expected.hidden_states[-2][mask]
    for output, matrix in zip(at_all.relations, ("query", "key", "value"), strict=True):
        torch.testing.assert_close(output[mask], getattr(attention_of_last, matrix)(below).detach())
    torch.testing.assert_close(predict(tiny, encoded), expected.logits)


def test_gradients_are_those_of_transformers(tiny: BertForSequenceClassification) -> None:
    ids = torch.tensor([[2, 7, 9, 11, 3, 0, 0], [2, 8, 8, 40, 41, 42, 3]])
    mask = ids != 0
    other = copy.deepcopy(tiny)
    encoder.forward(tiny, ids, mask).logits.square().sum().backward()
    other(input_ids=ids, attention_mask=mask.long()).logits.square().sum().backward()
    for (name, first), second in zip(tiny.named_parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(first.grad, second.grad, msg=lambda text, name=name: f"{name}: {text}")


# -- low rank ----------------------------------------------------------------------------------------


@given(st.integers(1, 12), st.integers(1, 12), st.data())
def test_svd_error_is_the_root_of_the_dropped_squares(n_out: int, n_in: int, data: st.DataObject) -> None:
    torch.manual_seed(data.draw(st.integers(0, 999)))
    weight = torch.randn(n_out, n_in, dtype=torch.float64)
    rank = data.draw(st.integers(1, min(n_out, n_in)))
    up, down = decompose(weight).factors(rank)
    assert up.shape == (n_out, rank)
    assert down.shape == (rank, n_in)
    dropped = torch.linalg.svdvals(weight)[rank:]
    torch.testing.assert_close(
        torch.linalg.norm(weight - up @ down), dropped.square().sum().sqrt(), atol=1e-9, rtol=1e-9
    )


def test_full_rank_is_the_original(tiny: BertForSequenceClassification) -> None:
    student = derive(tiny, [Factorise(TINY.hidden)]).model
    encoded = tiny_examples(20)
    torch.testing.assert_close(predict(student, encoded), predict(tiny, encoded), atol=1e-4, rtol=1e-4)


def test_a_low_rank_student_is_not_the_original(tiny: BertForSequenceClassification) -> None:
    encoded = tiny_examples(20)
    assert not torch.allclose(predict(derive(tiny, [Factorise(2)]).model, encoded), predict(tiny, encoded), atol=1e-2)


@given(st.integers(1, 4000), st.integers(1, 4000))
def test_break_even_rank_is_the_last_that_saves(n_out: int, n_in: int) -> None:
    rank = break_even_rank(n_out, n_in)
    assert rank * (n_out + n_in) < n_out * n_in or rank == 0
    assert (rank + 1) * (n_out + n_in) >= n_out * n_in


def test_break_even_of_known_matrices() -> None:
    # At m·n/(m+n) itself both are equally large, so the last rank that saves is one below where that is whole.
    assert [break_even_rank(768, 768), break_even_rank(768, 3072), break_even_rank(384, 384)] == [383, 614, 191]


# -- pruning -----------------------------------------------------------------------------------------


def zeros_in(model: nn.Module, names: list[str]) -> dict[str, int]:
    return {name: int((model.get_parameter(name) == 0).sum()) for name in names}


@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.99])
def test_each_matrix_has_exactly_its_zeros(tiny: BertForSequenceClassification, sparsity: float) -> None:
    student = derive(tiny, [Prune(sparsity)])
    weights = prunable(student, embeddings=False)
    assert len(weights) == 6 * TINY.layers
    assert zeros_in(student.model, list(weights)) == {n: round(sparsity * w.numel()) for n, w in weights.items()}
    assert count(student).nonzero == sum(int((p != 0).sum()) for p in student.model.parameters())


@pytest.mark.parametrize("sparsity", [0.0, 0.5, 0.99])
@pytest.mark.parametrize("scope", ["matrix", "global"])
def test_zeros_are_exact_where_all_weights_tie(
    tiny: BertForSequenceClassification, sparsity: float, scope: str
) -> None:
    with torch.no_grad():
        for module in encoder.encoder_matrices(tiny).values():
            module.weight.fill_(0.25)
    student = derive(tiny, [Prune(sparsity, scope)])  # type: ignore[arg-type]
    weights = prunable(student, embeddings=False)
    expected = (
        sum(round(sparsity * w.numel()) for w in weights.values())
        if scope == "matrix"
        else round(sparsity * sum(w.numel() for w in weights.values()))
    )
    assert sum(zeros_in(student.model, list(weights)).values()) == expected == sum(student.zeros.values())


def test_the_smallest_go_as_in_torch_prune(tiny: BertForSequenceClassification) -> None:
    student = derive(tiny, [Prune(0.3)])
    for name, module in encoder.encoder_matrices(copy.deepcopy(tiny)).items():
        torch_prune.l1_unstructured(module, "weight", amount=0.3)
        assert torch.equal(student.model.get_parameter(f"{name}.weight"), module.weight)


def test_global_pruning_is_that_of_torch_prune(tiny: BertForSequenceClassification) -> None:
    student = derive(tiny, [Prune(0.4, "global")])
    modules = encoder.encoder_matrices(copy.deepcopy(tiny))
    torch_prune.global_unstructured([(m, "weight") for m in modules.values()], torch_prune.L1Unstructured, amount=0.4)
    for name, module in modules.items():
        assert torch.equal(student.model.get_parameter(f"{name}.weight"), module.weight)


@given(st.lists(st.sampled_from([0.0, 0.5, 0.5, 1.0, 2.0]), min_size=1, max_size=30), st.data())
def test_smallest_chooses_exactly_k_and_none_larger(values: list[float], data: st.DataObject) -> None:
    magnitudes = torch.tensor(values)
    k = data.draw(st.integers(0, len(values)))
    chosen = smallest(magnitudes, k)
    assert int(chosen.sum()) == k
    if 0 < k < len(values):
        assert magnitudes[chosen].max() <= magnitudes[~chosen].min()


def test_layernorm_biases_pooler_and_embeddings_are_not_pruned(tiny: BertForSequenceClassification) -> None:
    student = derive(tiny, [Prune(0.9)])
    for name, parameter in student.model.named_parameters():
        if name not in student.masks:
            assert torch.equal(parameter, tiny.get_parameter(name)), name
    with_embeddings = derive(tiny, [Prune(0.9, embeddings=True)])
    assert set(with_embeddings.masks) - set(student.masks) == {"bert.embeddings.word_embeddings.weight"}


def test_zeros_stay_through_twenty_adamw_steps(tiny: BertForSequenceClassification) -> None:
    def zeros_after_training(student: Student, hold: bool) -> int:
        torch.manual_seed(0)
        student.model.train()
        optimiser = torch.optim.AdamW(student.model.parameters(), lr=1e-2)
        for _ in range(20):
            loss = student.model(torch.randint(5, 60, (8, 9)), labels=torch.randint(0, 2, (8,))).loss
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            if hold:
                student.after_step()
        return sum(zeros_in(student.model, list(student.masks)).values())

    held = derive(tiny, [Prune(0.5)])
    assert zeros_after_training(held, hold=True) == sum(held.zeros.values())
    assert zeros_after_training(derive(tiny, [Prune(0.5)]), hold=False) < 0.05 * sum(held.zeros.values())


# -- manual ------------------------------------------------------------------------------------------


def test_manual_halves_what_is_left_out(tiny: BertForSequenceClassification) -> None:
    student = derive(tiny, [Manual()]).model
    assert encoder.architecture_of(student).__dict__ == TINY.__dict__ | {
        "hidden": 8,
        "layers": 2,
        "heads": 2,
        "intermediate": 16,
    }
    assert student.bert.encoder.layer[0].intermediate.dense.weight.shape == (16, 8)


def test_manual_of_the_teachers_own_sizes_is_the_teacher(tiny: BertForSequenceClassification) -> None:
    same = Manual(
        hidden=TINY.hidden, layers=TINY.layers, heads=TINY.heads, intermediate=TINY.intermediate, init="teacher"
    )
    assert bytes_of(derive(tiny, [same]).model) == bytes_of(tiny)


def test_a_random_start_is_fixed_by_the_seed(tiny: BertForSequenceClassification) -> None:
    def made(seed: int) -> dict[str, str]:
        return bytes_of(derive(tiny, [Manual()], seed=seed).model)

    assert made(3) == made(3)
    assert made(3) != made(4)


def test_a_random_start_is_as_transformers_draws_it(tiny: BertForSequenceClassification) -> None:
    """The same spread of each parameter, the same zeros and ones, and the same buffers; from a generator of its own."""
    before = torch.get_rng_state()
    student = derive(tiny, [Manual(hidden=128, heads=4, intermediate=256)]).model
    assert torch.equal(torch.get_rng_state(), before)
    drawn = type(student)(student.config)
    for (name, a), (_, b) in zip(student.named_parameters(), drawn.named_parameters(), strict=True):
        if float(b.std(correction=0)) == 0:
            assert torch.equal(a, b), name
        else:
            assert float(a.std()) == pytest.approx(float(b.std()), rel=0.15), name
            assert abs(float(a.mean())) < 0.005, name
    for (name, a), (_, b) in zip(student.named_buffers(), drawn.named_buffers(), strict=True):
        assert torch.equal(a, b), name
    assert not student.bert.embeddings.word_embeddings.weight[0].any()  # padding


def test_no_step_draws_from_the_generator_of_a_run_that_trains(
    tiny: BertForSequenceClassification, calibration: Calibration
) -> None:
    for step in (Manual(), Manual(init="teacher"), Factorise(3), FactoriseEmbeddings(3), PruneHeads(2, "taylor"),
                 Factorise(3, method="activation"), TrimVocabulary(task=True), Prune(0.5)):  # fmt: skip
        before = torch.get_rng_state()
        derive(tiny, [step], calibration)
        assert torch.equal(torch.get_rng_state(), before), step


def test_a_teacher_in_training_mode_makes_the_same_student(
    tiny: BertForSequenceClassification, calibration: Calibration
) -> None:
    for step in (Manual(init="teacher"), PruneHeads(2, "taylor"), Factorise(3, method="activation")):
        quiet = derive(tiny.eval(), [step], calibration).model
        learning = derive(tiny.train(), [step], calibration).model
        assert bytes_of(learning) == bytes_of(quiet)
        assert learning.training


# -- stacks of steps ---------------------------------------------------------------------------------


def any_step() -> st.SearchStrategy[Step]:
    return st.one_of(
        st.builds(KeepLayers, count=st.integers(1, 2), pick=st.sampled_from(["even", "first", "last"])),
        st.builds(KeepLayers, layers=st.sampled_from([(0,), (0, 1), (1,)])),
        st.builds(Factorise, rank=st.integers(1, 8)),
        st.builds(
            Prune, sparsity=st.floats(0, 0.99), scope=st.sampled_from(["matrix", "global"]), embeddings=st.booleans()
        ),
        st.builds(PruneHeads, heads=st.integers(1, 4), by=st.sampled_from(["magnitude", "taylor"])),
        st.builds(PruneNeurons, intermediate=st.integers(1, 20), by=st.sampled_from(["magnitude", "taylor"])),
        st.builds(Factorise, energy=st.floats(0.1, 1), method=st.sampled_from(["svd", "activation"])),
        st.builds(Factorise, rank=st.integers(1, 8), method=st.just("activation")),
        st.builds(FactoriseEmbeddings, rank=st.integers(1, 20)),
        st.builds(TrimVocabulary, size=st.integers(1, 70)),
        st.just(TrimVocabulary(task=True)),
        st.just(Prune(0.5, pattern="2:4")),
        st.just(Manual()),
        st.just(Manual(hidden=8, heads=2, init="teacher")),
    )


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(any_step(), max_size=4))
def test_a_stack_of_steps_is_what_it_was_counted_to_be(
    tiny: BertForSequenceClassification, calibration: Calibration, steps: list[Step]
) -> None:
    before = bytes_of(tiny)
    blueprint = Student(classifier.build(TINY), natural=natural_zeros(tiny))
    try:
        planned = count(derive(blueprint, steps, calibration))
    except WeightsNeeded:
        with contextlib.suppress(SpecError):  # of a later step, which was not looked at
            came_back_whole(derive(tiny, steps, calibration), tiny, steps, calibration)  # can be made, not foreseen
        return
    except SpecError:
        with pytest.raises(SpecError):
            derive(tiny, steps, calibration)
        return
    student = derive(tiny, steps, calibration)
    built = count(student)
    assert (planned.total, planned.nonzero, planned.parts, planned.layers, planned.cost) == (
        built.total,
        built.nonzero,
        built.parts,
        built.layers,
        built.cost,
    )
    assert sum(built.parts.values()) == built.total
    assert sum(built.layers) == built.parts["encoder"]
    assert built.total == sum(p.numel() for p in student.model.parameters())
    assert built.nonzero == sum(int(torch.count_nonzero(p)) for p in student.model.parameters())
    held = {name: student.model.get_parameter(name)[~mask] for name, mask in student.masks.items()}
    assert built.total - built.nonzero >= sum(weights.numel() for weights in held.values())
    assert not any(weights.any() for weights in held.values())
    assert bytes_of(tiny) == before
    assert student.steps == tuple(steps)
    came_back_whole(student, tiny, steps, calibration)
    shared = {p.data_ptr() for p in tiny.parameters()} & {p.data_ptr() for p in student.model.parameters()}
    assert not shared


def came_back_whole(
    student: Student, teacher: BertForSequenceClassification, steps: list[Step], calibration: Calibration
) -> None:
    """The student predicts, and predicts the same logits, bit for bit, after it was saved and loaded."""
    read = calibration.sample(student.vocabulary)
    logits = predict(student.model, read)
    assert logits.isfinite().all()
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "student"
        counts = Comparison(count(Student(teacher)), count(student))
        save(student, folder, Spec(steps=tuple(steps)), calibration.tokenizer, counts)
        again = load_student(folder)
        assert torch.equal(predict(again.model, read), logits)
        assert count(again) == counts.student
        assert again.masks.keys() == student.masks.keys()
        assert again.vocabulary == student.vocabulary
        tokenizer = AutoTokenizer.from_pretrained(folder)
        assert (
            encode(tokenizer, calibration.examples, 24).tokens[:5]
            == encode(trimmed(calibration.tokenizer, student.vocabulary), calibration.examples, 24).tokens[:5]
        )
        if structure_of(student.model).plain:
            ids, mask = torch.tensor([[2, 3, 4, 1]]), torch.tensor([[1, 1, 1, 0]])
            usual = AutoModelForSequenceClassification.from_pretrained(folder)
            expected, loaded = (model(ids, attention_mask=mask).logits for model in (usual, student.model))
            torch.testing.assert_close(expected, loaded, atol=1e-6, rtol=1e-5)  # mapped memory is aligned otherwise
        else:
            with pytest.raises((OSError, ValueError)):
                AutoModelForSequenceClassification.from_pretrained(folder)


def test_steps_act_in_order(tiny: BertForSequenceClassification) -> None:
    student = derive(tiny, [KeepLayers(count=2), KeepLayers(count=1, pick="first")]).model
    assert torch.equal(
        student.bert.encoder.layer[0].output.dense.weight, tiny.bert.encoder.layer[1].output.dense.weight
    )


def test_masks_follow_their_layer(tiny: BertForSequenceClassification) -> None:
    student = derive(tiny, [Prune(0.5), KeepLayers(layers=(3,))])
    with torch.no_grad():
        for parameter in student.model.parameters():
            parameter.fill_(1.0)
    student.after_step()
    assert sum(zeros_in(student.model, list(student.masks)).values()) == count(student).total - count(student).nonzero


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([KeepLayers(layers=(4,))], "0 to 3"),
        ([KeepLayers(count=5)], "1 to 4"),
        ([KeepLayers(count=1), KeepLayers(layers=(1,))], "0 to 0"),
        ([Factorise(17)], "1 to 16"),
        ([Factorise(4), Factorise(2)], "twice"),
        ([Manual(hidden=9)], "heads"),
        ([Manual(hidden=32, init="teacher")], "at most 16"),
        ([Factorise(4), Manual(init="teacher")], "before 'factorise'"),
        ([PruneHeads(2), Manual(init="teacher")], "'prune_heads'"),
        ([Manual(init="teacher")], "training examples"),
        ([Prune(0.5), Factorise(4)], "last"),
        ([Prune(0.5), Manual()], "last"),
    ],
)
def test_what_this_teacher_does_not_allow_is_refused(
    tiny: BertForSequenceClassification, steps: list[Step], words: str
) -> None:
    before = bytes_of(tiny)
    with pytest.raises(SpecError, match=words):
        derive(tiny, steps)
    assert bytes_of(tiny) == before
