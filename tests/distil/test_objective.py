"""The loss of a batch: its parts one by one, over word pieces, with and without the cache; and its gradient's shares."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F
from transformers import BertForSequenceClassification

from labcore.compress.derive import derive
from labcore.config.spec import DistilConfig
from labcore.config.steps import FactoriseEmbeddings, KeepLayers, Manual, Step
from labcore.data.batches import Encoded, batch_of
from labcore.distil.live_teacher import LiveTeacher
from labcore.distil.losses import UNLABELLED, relation_loss
from labcore.distil.objective import Objective
from labcore.distil.optimiser import Optimiser, gradient_norm, sparse_embeddings
from labcore.distil.targets import Targets, compute_targets, teacher_targets
from labcore.distil.train import distil
from labcore.models import encoder
from labcore.results.events import GradientNorms, Similarity, TrainStep, Validation
from labcore.system.progress import finish
from tests.shared.tiny import bytes_of, sentences


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


def test_states_of_cls_are_the_same_cached_or_asked_anew(tiny: BertForSequenceClassification) -> None:
    """What the cache holds at [CLS] is what the teacher at hand says there."""
    train = sentences(20)
    lesson = objective(tiny, DistilConfig(hidden=1.0), train, [KeepLayers(count=2)])
    batch = batch_of(train, [3, 1, 7])
    _, cached = lesson._outputs(batch, 1.0, None).states
    output, _ = lesson.teacher.outputs(batch.index)  # type: ignore[union-attr]
    for answer, (_, layer) in zip(cached, lesson.pairs, strict=True):
        torch.testing.assert_close(answer, output.states[layer][:, 0], atol=1e-5, rtol=1e-4)


def test_parts_over_word_pieces_are_the_sums_over_real_pieces(tiny: BertForSequenceClassification) -> None:
    train = sentences(20)
    config = DistilConfig(hidden=1.0, cosine=1.0, relation=1.0, hidden_at="tokens", layer_map="last_only")
    lesson = objective(tiny, config, train, [KeepLayers(layers=(0, 2))])
    index = [4, 9, 2]
    parts = lesson.losses(batch_of(train, index), 2.0)
    ours, theirs = [], []
    for i in index:  # one sentence at a time, so nothing is padded
        row = torch.tensor([train.tokens[i]])
        ours.append(encoder.forward(lesson.model, row, None, all_tokens=True).states[-1][0])
        theirs.append(encoder.forward(tiny, row, None, all_tokens=True).states[-1][0])
    a, b = torch.cat(ours), torch.cat(theirs)
    torch.testing.assert_close(parts["hidden"], (a - b).square().mean(), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(parts["cosine"], (1 - F.cosine_similarity(a, b)).mean(), atol=1e-5, rtol=1e-4)
    batch = batch_of(train, index)
    assert batch.mask is not None
    readings = [encoder.forward(model, batch.ids, batch.mask, all_tokens=True) for model in (lesson.model, tiny)]
    expected = relation_loss(readings[0].relations, readings[1].relations, batch.mask, 4)
    torch.testing.assert_close(parts["relation"], expected)


def test_only_sentences_read_in_the_same_pieces_are_compared_piece_by_piece(
    tiny: BertForSequenceClassification,
) -> None:
    train = sentences(20)
    config = DistilConfig(hidden=1.0, relation=1.0, hidden_at="tokens")
    same = torch.zeros(20, dtype=torch.bool)
    same[[2, 5]] = True
    lesson = objective(tiny, config, train, [KeepLayers(count=2)], LiveTeacher(tiny, train, same))
    mixed, alone = (lesson.losses(batch_of(train, rows), 2.0) for rows in ([2, 7, 5], [2, 5]))
    for part in ("hidden", "relation"):
        torch.testing.assert_close(mixed[part], alone[part], atol=1e-5, rtol=1e-4)
    assert not {"hidden", "relation"} & set(lesson.losses(batch_of(train, [7, 8]), 2.0))


def test_a_batch_without_labels_has_no_hard_part(tiny: BertForSequenceClassification) -> None:
    train = sentences(8)
    train.labels[:4] = UNLABELLED
    lesson = objective(tiny, DistilConfig(), train, [KeepLayers(count=1)])
    assert set(lesson.losses(batch_of(train, [0, 1]), 2.0)) == {"soft"}
    assert set(lesson.losses(batch_of(train, [0, 5]), 2.0)) == {"hard", "soft"}


def test_a_loss_over_pieces_asks_for_the_teacher(tiny: BertForSequenceClassification) -> None:
    targets = finish(compute_targets(tiny, sentences(8), states=False))
    student = derive(tiny, [KeepLayers(count=1)])
    for config, words in (
        (DistilConfig(relation=1.0), "needs a live teacher"),
        (DistilConfig(hidden=1.0), "targets with states"),
    ):
        with pytest.raises(ValueError, match=words):
            Objective(student, sentences(8), targets, config, None)


# -- the gradient --------------------------------------------------------------------------------------


def test_gradient_norms_are_those_of_autograd(tiny: BertForSequenceClassification) -> None:
    train, config = sentences(16), DistilConfig(hidden=0.5, logit=0.1)
    lesson = objective(tiny, config, train, [KeepLayers(count=2)])
    batch = batch_of(train, range(16))
    with sparse_embeddings(lesson.model, True):
        parameters = list(lesson.model.parameters())
        parts = lesson.losses(batch, 2.0)
        found = {name: gradient_norm(part, parameters) for name, part in parts.items()}
    for name in parts:
        lesson.model.zero_grad()
        lesson.losses(batch, 2.0)[name].backward()
        squares = sum(float(p.grad.square().sum()) for p in lesson.model.parameters() if p.grad is not None)
        assert found[name] == pytest.approx(squares**0.5, rel=1e-4)


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
        batch = batch_of(sentences(4), range(4))
        optimiser = Optimiser(student.model.parameters(), [rows], 0.01, 0.0)
        others = [p.detach().clone() for p in optimiser.dense]
        loss = encoder.forward(student.model, batch.ids, batch.mask).logits.square().mean()
        optimiser.step(loss, 0.5)
        used = batch.ids.unique()
        unused = torch.ones(len(rows), dtype=torch.bool).index_fill(0, used, False)
        assert torch.equal(rows[unused], before[unused])
        moved = (rows - before)[used[used != 0]].abs()  # the padding's row has no gradient
        assert float(moved.max()) == pytest.approx(0.005, rel=1e-2)
        assert float(moved.median()) == pytest.approx(0.005, rel=1e-2)
        assert any(not torch.equal(p, q) for p, q in zip(optimiser.dense, others, strict=True))
    assert not any(m.sparse for m in student.model.modules() if isinstance(m, torch.nn.Embedding))


def test_dense_and_rows_are_clipped_together(tiny: BertForSequenceClassification) -> None:
    batch = batch_of(sentences(4), range(4))
    reference = copy.deepcopy(tiny)
    (100 * encoder.forward(reference, batch.ids, batch.mask).logits.square().mean()).backward()
    norm = torch.nn.utils.clip_grad_norm_(reference.parameters(), 1.0)
    assert norm > 1
    with sparse_embeddings(tiny, True) as [rows]:
        optimiser = Optimiser(tiny.parameters(), [rows], 1e-12, 0.0)
        optimiser.step(100 * encoder.forward(tiny, batch.ids, batch.mask).logits.square().mean(), 1.0)
        for (name, ours), theirs in zip(tiny.named_parameters(), reference.parameters(), strict=True):
            assert ours.grad is not None
            torch.testing.assert_close(ours.grad.to_dense(), theirs.grad, atol=1e-6, rtol=1e-4, msg=name)


# -- the lesson ----------------------------------------------------------------------------------------


def lesson(
    teacher: BertForSequenceClassification, config: DistilConfig, steps: tuple[Step, ...] = (KeepLayers(count=2),)
) -> tuple[list[TrainStep], list[Validation], list[object], BertForSequenceClassification]:
    train, validation = sentences(64), sentences(32, seed=5)
    targets, theirs = (finish(compute_targets(teacher, part, states=True)) for part in (train, validation))
    student = derive(teacher, list(steps))
    events = list(distil(student, train, validation, targets, theirs, config, teacher=LiveTeacher(teacher, train)))
    taken = [event for event in events if isinstance(event, TrainStep)]
    return taken, [e for e in events if isinstance(e, Validation)], events, student.model  # type: ignore[list-item]


def test_a_budget_in_steps_may_cut_an_epoch_or_last_several(tiny: BertForSequenceClassification) -> None:
    for steps in (1, 3, 9):
        taken, validations, _, _ = lesson(tiny, DistilConfig(steps=steps, batch_size=16))
        assert [step.step for step in taken] == list(range(1, steps + 1))
        assert taken[-1].steps == steps
        assert validations[-1].step == steps
        assert [step.progress for step in taken] == pytest.approx([i / steps for i in range(steps)])


def test_a_budget_in_seconds_ends_in_time(tiny: BertForSequenceClassification) -> None:
    taken, validations, _, _ = lesson(tiny, DistilConfig(seconds=1.5, batch_size=16))
    assert 1.2 < taken[-1].elapsed < 3
    assert taken[-1].step > 4  # several epochs
    assert validations[-1].step == taken[-1].step
    assert 0.5 < taken[-1].progress <= 1
    assert taken[-1].learning_rate < 0.5 * max(step.learning_rate for step in taken)


def test_patience_ends_a_lesson_that_gains_nothing(tiny: BertForSequenceClassification) -> None:
    still = DistilConfig(epochs=9, batch_size=16, learning_rate=1e-12, patience=2)  # the first validation is the best
    taken, validations, _, _ = lesson(tiny, still)
    assert taken[-1].step < taken[-1].steps
    assert len(validations) == 3


def test_word_embeddings_stay_where_they_are_not_trained(tiny: BertForSequenceClassification) -> None:
    train = sentences(16)
    targets = finish(compute_targets(tiny, train, states=False))
    for trained in (False, True):
        student = derive(tiny, [KeepLayers(count=2)])
        events = distil(student, train, train, targets, targets, DistilConfig(epochs=1, embeddings=trained))
        while not isinstance(next(events), TrainStep):
            pass
        ours, theirs = (encoder.word_embeddings(model)[1].weight for model in (student.model, tiny))
        assert torch.equal(ours, theirs) is not trained  # type: ignore[arg-type]
        events.close()  # type: ignore[attr-defined]
        assert all(p.requires_grad for p in student.model.parameters())


def test_shares_are_measured_along_the_way(tiny: BertForSequenceClassification) -> None:
    config = DistilConfig(hidden=0.5, epochs=6, batch_size=16, schedule="linear", temperature=2.0)
    _, _, events, _ = lesson(tiny, config)
    norms = [event for event in events if isinstance(event, GradientNorms)]
    assert len(norms) == 12
    assert norms[0].step == 1
    assert all(set(event.shares) == {"hard", "soft", "hidden"} for event in norms)
    assert all(sum(event.shares.values()) == pytest.approx(1) for event in norms)
    alone, _, events, _ = lesson(tiny, DistilConfig(hard=0.0, soft=1.0, epochs=1, batch_size=16))
    assert not any(isinstance(event, GradientNorms) for event in events)  # one part pulls alone
    assert "hard" in alone[0].losses  # it is told all the same


def test_likeness_is_told_before_and_after(tiny: BertForSequenceClassification) -> None:
    config = DistilConfig(hidden=0.5, layer_map="similar", epochs=1, batch_size=16)
    _, _, events, _ = lesson(tiny, config, (KeepLayers(layers=(0, 3)),))
    first, last = [event for event in events if isinstance(event, Similarity)]
    assert (first.step, last.step) == (0, 4)
    assert (len(first.table), len(first.table[0])) == (2, 4)
    assert first.table[0][0] == pytest.approx(1)  # the teacher's first layer is the student's
    assert first.pairs[0] == (0, 0)


@pytest.mark.parametrize(
    "config",
    [
        DistilConfig(hard=0, soft=0, relation=1.0),
        DistilConfig(hard=0, soft=0, cosine=1.0, hidden_at="tokens"),
        DistilConfig(hard=0, soft=0, logit=1.0),
        DistilConfig(hard=0, soft=0, hidden=1.0, hidden_at="tokens", layer_map="last"),
    ],
    ids=lambda config: config.terms[0].name,
)
def test_each_part_alone_can_be_learned(tiny: BertForSequenceClassification, config: DistilConfig) -> None:
    from dataclasses import replace

    for steps in ((KeepLayers(count=2),), (Manual(hidden=8, layers=2, heads=2, intermediate=16),)):
        taken, _, _, _ = lesson(tiny, replace(config, epochs=12, batch_size=16, learning_rate=3e-3), steps)
        assert sum(step.total for step in taken[-8:]) < 0.9 * sum(step.total for step in taken[:8])


def test_a_lesson_from_the_cache_is_the_one_without_it(tiny: BertForSequenceClassification, tmp_path: Path) -> None:
    train, config = sentences(48), DistilConfig(hidden=0.5, epochs=2, batch_size=16, learning_rate=3e-3, dropout=0.1)
    fresh = finish(compute_targets(tiny, train, states=True))
    finish(teacher_targets(tiny, train, tmp_path, states=True))
    cached = finish(teacher_targets(tiny, train, tmp_path, states=True))
    ends = []
    for targets in (fresh, cached):
        student = derive(tiny, [KeepLayers(count=2)])
        steps = [e.total for e in distil(student, train, train, targets, targets, config) if isinstance(e, TrainStep)]
        ends.append((steps, bytes_of(student.model)))
    assert ends[0] == ends[1]


def test_a_lesson_without_targets_of_states_needs_none(tiny: BertForSequenceClassification) -> None:
    train = sentences(32)
    targets = Targets(finish(compute_targets(tiny, train, states=False)).logits, None)
    student = derive(tiny, [KeepLayers(count=1)])
    events = list(distil(student, train, train, targets, targets, DistilConfig(epochs=1)))
    assert not any(isinstance(event, Similarity) for event in events)
