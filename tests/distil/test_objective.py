"""The loss of a batch: its terms one by one, over all tokens, with and without the cache; and the gradient norms."""

from __future__ import annotations

import copy

import pytest
import torch
from torch.nn import functional as F
from transformers import BertForSequenceClassification

from labcore.compress.derive import derive
from labcore.config.spec import DistilConfig
from labcore.config.steps import FactoriseEmbeddings, KeepLayers, Step
from labcore.data.batches import Encoded, batch_of
from labcore.distil.live_teacher import LiveTeacher
from labcore.distil.losses import UNLABELLED, relation_loss
from labcore.distil.objective import Objective
from labcore.distil.optimiser import Optimiser, gradient_norm, sparse_embeddings
from labcore.distil.targets import compute_targets
from labcore.models import encoder
from labcore.results.events import GradientNorms
from labcore.system.progress import finish
from tests.shared.tiny import tiny_examples


def objective(
    teacher: BertForSequenceClassification,
    config: DistilConfig,
    train: Encoded,
    steps: list[Step],
    live: LiveTeacher | None = None,
) -> Objective:
    targets = finish(compute_targets(teacher, train, states=True))
    return Objective(derive(teacher, steps), train, targets, config, live or LiveTeacher(teacher, train))


# -- parts ---------------------------------------------------------------------------------------------


def test_states_of_cls_are_the_same_cached_or_computed(tiny: BertForSequenceClassification) -> None:
    """What the cache holds at [CLS] is what the live teacher computes there."""
    train = tiny_examples(20)
    made = objective(tiny, DistilConfig(hidden=1.0), train, [KeepLayers(count=2)])
    batch = batch_of(train, [3, 1, 7])
    _, cached = made._outputs(batch, 1.0, None).states
    output, _ = made.teacher.outputs(batch.index)  # type: ignore[union-attr]
    for states, (_, layer) in zip(cached, made.pairs, strict=True):
        torch.testing.assert_close(states, output.states[layer][:, 0], atol=1e-5, rtol=1e-4)


def test_terms_over_all_tokens_are_means_over_real_tokens(tiny: BertForSequenceClassification) -> None:
    train = tiny_examples(20)
    config = DistilConfig(hidden=1.0, cosine=1.0, relation=1.0, hidden_at="tokens", layer_map="last_only")
    made = objective(tiny, config, train, [KeepLayers(layers=(0, 2))])
    index = [4, 9, 2]
    parts = made.losses(batch_of(train, index), 2.0)
    student_states, teacher_states = [], []
    for i in index:  # one sentence at a time, so nothing is padded
        row = torch.tensor([train.tokens[i]])
        student_states.append(encoder.forward(made.model, row, None, all_tokens=True).states[-1][0])
        teacher_states.append(encoder.forward(tiny, row, None, all_tokens=True).states[-1][0])
    a, b = torch.cat(student_states), torch.cat(teacher_states)
    torch.testing.assert_close(parts["hidden"], (a - b).square().mean(), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(parts["cosine"], (1 - F.cosine_similarity(a, b)).mean(), atol=1e-5, rtol=1e-4)
    batch = batch_of(train, index)
    assert batch.mask is not None
    outputs = [encoder.forward(model, batch.ids, batch.mask, all_tokens=True) for model in (made.model, tiny)]
    expected = relation_loss(outputs[0].relations, outputs[1].relations, batch.mask, 4)
    torch.testing.assert_close(parts["relation"], expected)


def test_only_examples_with_the_same_tokens_are_compared_token_by_token(
    tiny: BertForSequenceClassification,
) -> None:
    train = tiny_examples(20)
    config = DistilConfig(hidden=1.0, relation=1.0, hidden_at="tokens")
    same = torch.zeros(20, dtype=torch.bool)
    same[[2, 5]] = True
    made = objective(tiny, config, train, [KeepLayers(count=2)], LiveTeacher(tiny, train, same))
    mixed, only_same = (made.losses(batch_of(train, rows), 2.0) for rows in ([2, 7, 5], [2, 5]))
    for part in ("hidden", "relation"):
        torch.testing.assert_close(mixed[part], only_same[part], atol=1e-5, rtol=1e-4)
    assert not {"hidden", "relation"} & set(made.losses(batch_of(train, [7, 8]), 2.0))


def test_a_batch_without_labels_has_no_hard_loss(tiny: BertForSequenceClassification) -> None:
    train = tiny_examples(8)
    train.labels[:4] = UNLABELLED
    made = objective(tiny, DistilConfig(), train, [KeepLayers(count=1)])
    assert set(made.losses(batch_of(train, [0, 1]), 2.0)) == {"soft"}
    assert set(made.losses(batch_of(train, [0, 5]), 2.0)) == {"hard", "soft"}


def test_a_loss_over_all_tokens_needs_the_teacher(tiny: BertForSequenceClassification) -> None:
    targets = finish(compute_targets(tiny, tiny_examples(8), states=False))
    student = derive(tiny, [KeepLayers(count=1)])
    for config, words in (
        (DistilConfig(relation=1.0), "needs a live teacher"),
        (DistilConfig(hidden=1.0), "targets with states"),
    ):
        with pytest.raises(ValueError, match=words):
            Objective(student, tiny_examples(8), targets, config, None)


# -- the gradient --------------------------------------------------------------------------------------


def test_gradient_norms_are_those_of_autograd(tiny: BertForSequenceClassification) -> None:
    train, config = tiny_examples(16), DistilConfig(hidden=0.5, logit=0.1)
    made = objective(tiny, config, train, [KeepLayers(count=2)])
    batch = batch_of(train, range(16))
    with sparse_embeddings(made.model, True):
        parameters = list(made.model.parameters())
        parts = made.losses(batch, 2.0)
        norms = {name: gradient_norm(part, parameters) for name, part in parts.items()}
    for name in parts:
        made.model.zero_grad()
        made.losses(batch, 2.0)[name].backward()
        squares = sum(float(p.grad.square().sum()) for p in made.model.parameters() if p.grad is not None)
        assert norms[name] == pytest.approx(squares**0.5, rel=1e-4)


def test_shares_weigh_the_norms() -> None:
    shares = GradientNorms(1, {"hard": 2.0, "soft": 1.0}, {"hard": 0.5, "soft": 3.0}).shares
    assert shares == pytest.approx({"hard": 0.25, "soft": 0.75})
    assert GradientNorms(1, {"hard": 0.0}, {"hard": 1.0}).shares == {"hard": 0.0}


@pytest.mark.parametrize("steps", [[KeepLayers(count=1)], [KeepLayers(count=1), FactoriseEmbeddings(4)]], ids=str)
def test_a_step_moves_the_rows_that_the_batch_uses_as_adam_does(
    tiny: BertForSequenceClassification, steps: list[Step]
) -> None:
    """The first step of Adam is −rate · g / (|g| + ε) for every number; rows not used stay, bit for bit."""
    student = derive(tiny, steps)
    with sparse_embeddings(student.model, True) as [rows]:
        before = rows.detach().clone()
        batch = batch_of(tiny_examples(4), range(4))
        optimiser = Optimiser(student.model.parameters(), [rows], 0.01, 0.0)
        others = [p.detach().clone() for p in optimiser.dense]
        loss = encoder.forward(student.model, batch.ids, batch.mask).logits.square().mean()
        optimiser.backward(loss)
        optimiser.step(0.5)
        used = batch.ids.unique()
        unused = torch.ones(len(rows), dtype=torch.bool).index_fill(0, used, False)
        assert torch.equal(rows[unused], before[unused])
        moved = (rows - before)[used[used != 0]].abs()  # the padding's row has no gradient
        assert float(moved.max()) == pytest.approx(0.005, rel=1e-2)
        assert float(moved.median()) == pytest.approx(0.005, rel=1e-2)
        assert any(not torch.equal(p, q) for p, q in zip(optimiser.dense, others, strict=True))
    assert not any(m.sparse for m in student.model.modules() if isinstance(m, torch.nn.Embedding))


def test_dense_and_rows_are_clipped_together(tiny: BertForSequenceClassification) -> None:
    batch = batch_of(tiny_examples(4), range(4))
    reference = copy.deepcopy(tiny)
    (100 * encoder.forward(reference, batch.ids, batch.mask).logits.square().mean()).backward()
    norm = torch.nn.utils.clip_grad_norm_(reference.parameters(), 1.0)
    assert norm > 1
    with sparse_embeddings(tiny, True) as [rows]:
        optimiser = Optimiser(tiny.parameters(), [rows], 1e-12, 0.0)
        optimiser.backward(100 * encoder.forward(tiny, batch.ids, batch.mask).logits.square().mean())
        optimiser.step(1.0)
        for (name, parameter), dense in zip(tiny.named_parameters(), reference.parameters(), strict=True):
            assert parameter.grad is not None
            torch.testing.assert_close(parameter.grad.to_dense(), dense.grad, atol=1e-6, rtol=1e-4, msg=name)
