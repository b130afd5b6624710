"""Balanced weights: by hand, for any norms, and against autograd on the tiny BERT."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import BertForSequenceClassification, PreTrainedTokenizerBase

from labcore.compress.calibration import Calibration
from labcore.compress.derive import derive
from labcore.compress.student import Student
from labcore.config.loss_terms import LOSS_TERMS
from labcore.config.spec import Spec, SpecError
from labcore.config.steps import KeepLayers, Manual, Prune, Step, TrimVocabulary
from labcore.config.training import DistilConfig, Final
from labcore.data.batches import batch_of
from labcore.data.examples import Examples
from labcore.data.tasks import TransferSet
from labcore.distil.balance import balanced, gradient_norms
from labcore.distil.layer_map import Projections
from labcore.distil.layer_similarity import mean_states
from labcore.distil.live_teacher import LiveTeacher
from labcore.distil.losses import UNLABELLED
from labcore.distil.objective import Objective
from labcore.distil.targets import compute_targets
from labcore.results.events import GradientNorms
from labcore.runs import training_data
from labcore.runs.cache import cached_student, gradients_at_start
from labcore.system.progress import finish
from tests.shared.tiny import bytes_of, tiny_examples
from tests.shared.tiny_tasks import give_task, task_with

NAMES = [term.name for term in LOSS_TERMS]

# -- weights -----------------------------------------------------------------------------------------


def test_a_part_with_twice_the_gradient_gets_half_the_weight() -> None:
    new = balanced({"hard": 0.2, "soft": 0.7}, {"hard": 1.0, "soft": 2.0}, {"hard": 1, "soft": 1})
    assert new == pytest.approx({"hard": 0.6, "soft": 0.3})
    three_to_one = balanced({"hard": 0.2, "soft": 0.6}, {"hard": 1.0, "soft": 1.0}, {"hard": 75, "soft": 25})
    assert three_to_one == pytest.approx({"hard": 0.6, "soft": 0.2})
    assert balanced({"hard": 0.2, "soft": 0.6}, {"hard": 4.0, "soft": 2.0}, {"hard": 0, "soft": 50}) == {
        "hard": 0,
        "soft": 0.8,
    }


positive = st.floats(1e-3, 1e3)
norm = st.floats(1e-2, 1e3)  # none negligible beside another


@given(st.lists(st.tuples(positive, norm, positive), min_size=1, max_size=6))
def test_shares_are_those_that_were_wanted(parts: list[tuple[float, float, float]]) -> None:
    names = NAMES[: len(parts)]
    weights, norms, wanted = (dict(zip(names, values, strict=True)) for values in zip(*parts, strict=True))
    new = balanced(weights, norms, wanted)  # type: ignore[arg-type]
    shares = GradientNorms(0, norms, new).shares  # type: ignore[arg-type]
    assert shares == pytest.approx({name: share / sum(wanted.values()) for name, share in wanted.items()})
    assert sum(new.values()) == pytest.approx(sum(weights.values()))


def test_what_can_not_be_balanced_is_said() -> None:
    with pytest.raises(SpecError, match="the soft loss has no gradient"):
        balanced({"hard": 1, "soft": 1}, {"hard": 1.0, "soft": 1e-9}, {"hard": 1, "soft": 1})
    with pytest.raises(SpecError, match="all shares are 0"):
        balanced({"hard": 1, "soft": 1}, {"hard": 1.0, "soft": 1.0}, {"hard": 0, "soft": 0})


# -- norms -------------------------------------------------------------------------------------------

ALL = DistilConfig(
    hard=0.3, soft=0.2, logit=0.4, hidden=0.5, cosine=0.6, relation=0.7, hidden_at="tokens", temperature=3.0
)


def objective(
    teacher: BertForSequenceClassification, config: DistilConfig, steps: list[Step], calibration: Calibration
) -> Objective:
    train = tiny_examples(96)
    student = derive(teacher, steps, calibration)
    student.model.train()  # a measure is without dropout all the same
    return Objective(
        student, train, finish(compute_targets(teacher, train, states=True)), config, LiveTeacher(teacher, train)
    )


@pytest.mark.parametrize("embeddings", [True, False], ids=["embeddings trained", "embeddings fixed"])
@pytest.mark.parametrize("steps", [[KeepLayers(count=2)], [Manual()]], ids=str)
def test_balanced_terms_have_the_wanted_shares_by_autograd(
    tiny: BertForSequenceClassification, calibration: Calibration, steps: list[Step], embeddings: bool
) -> None:
    config = DistilConfig(
        **{**{name: getattr(ALL, name) for name in (*NAMES, "hidden_at", "temperature")}, "embeddings": embeddings}
    )
    made = objective(tiny, config, steps, calibration)
    batch = batch_of(made.train, range(40, 72))
    before = bytes_of(made.model)
    norms = gradient_norms(made, [batch])
    assert bytes_of(made.model) == before
    wanted = {"hard": 10, "soft": 20, "logit": 5, "hidden": 30, "cosine": 15, "relation": 20}
    weights = balanced({part: getattr(config, part) for part in NAMES}, norms, wanted)

    lengths = {}
    for part, weight in weights.items():  # by hand: each weighted part alone, with dense gradients
        model = made.model.eval()
        model.zero_grad(set_to_none=True)
        (weight * made.losses(batch, 3.0)[part]).backward()
        gradients = {name: p.grad for name, p in model.named_parameters() if p.grad is not None}
        used = [g for name, g in gradients.items() if embeddings or "word_embeddings" not in name]
        lengths[part] = float(torch.cat([g.flatten() for g in used]).norm())
    shares = {part: length / sum(lengths.values()) for part, length in lengths.items()}
    assert shares == pytest.approx({part: share / 100 for part, share in wanted.items()}, abs=1e-3)
    assert sum(weights.values()) == pytest.approx(2.7)


def test_norms_are_means_over_the_batches_that_have_the_part(
    tiny: BertForSequenceClassification, calibration: Calibration
) -> None:
    made = objective(tiny, DistilConfig(), [KeepLayers(count=1)], calibration)
    first, second = batch_of(made.train, range(8)), batch_of(made.train, range(8, 16))
    one, other, both = (gradient_norms(made, batches) for batches in ([first], [second], [first, second]))
    assert both == pytest.approx({part: (one[part] + other[part]) / 2 for part in ("hard", "soft")})
    unlabelled = copy.copy(second)
    object.__setattr__(unlabelled, "labels", torch.full((8,), UNLABELLED))
    assert gradient_norms(made, [first, unlabelled])["hard"] == one["hard"]
    assert gradient_norms(made, [unlabelled])["hard"] == 0.0
    again = made.model.bert.embeddings.word_embeddings
    assert not again.sparse  # as it was


# -- at the start of a spec's training ------------------------------------------------------------------


def test_the_start_of_a_training_is_measured_and_nothing_shared_is_changed() -> None:
    config = DistilConfig(hidden=0.1, relation=0.1, dropout=0.5)
    spec = Spec(steps=(KeepLayers(count=1), Manual(hidden=96, layers=1, heads=6, intermediate=96)), distil=config)
    shared = cached_student(spec)
    before, mode = bytes_of(shared.model), shared.model.training
    torch.manual_seed(3)
    drawn = torch.get_rng_state()
    measured = gradients_at_start(spec)
    assert torch.equal(torch.get_rng_state(), drawn)  # a run that trains meanwhile draws its dropout from it
    assert bytes_of(shared.model) == before
    assert shared.model.training == mode
    assert not any(p.grad is not None for p in shared.model.parameters())
    assert measured == gradients_at_start(spec)
    assert measured.weights == {"hard": 0.2, "soft": 0.8, "hidden": 0.1, "relation": 0.1}
    weights = balanced(measured.weights, measured.norms, dict.fromkeys(measured.norms, 1))
    reweighted = DistilConfig(**weights, dropout=0.5)  # type: ignore[arg-type]
    again = gradients_at_start(Spec(steps=spec.steps, distil=reweighted))
    assert again.shares == pytest.approx(dict.fromkeys(measured.norms, 0.25), abs=1e-3)


def test_a_gradual_pruning_has_not_begun_at_the_start() -> None:
    steps = (KeepLayers(count=1), Prune(0.9))
    dense = gradients_at_start(Spec(steps=steps[:1])).norms
    assert gradients_at_start(Spec(steps=steps, distil=DistilConfig(gradual=True))).norms == dense
    assert gradients_at_start(Spec(steps=steps)).norms != dense


def test_a_scheduled_part_has_its_first_weight() -> None:
    config = DistilConfig(schedule="linear", logit=0.0, final=Final(logit=1.0))
    measured = gradients_at_start(Spec(steps=(KeepLayers(count=1),), distil=config))
    assert measured.weights["logit"] == 0.0
    assert measured.norms["logit"] > 0


# -- the examples ------------------------------------------------------------------------------------


def test_a_sample_is_of_all_training_examples(
    tiny: BertForSequenceClassification, tokenizer: PreTrainedTokenizerBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    every_text = tuple(f"w{a}{b} a" for a in "abcde" for b in "abcdefghij")
    examples = Examples(every_text[:20], tuple(range(20)))
    task = task_with({"train": examples})
    give_task(monkeypatch, replace(task, transfer=TransferSet(lambda: every_text[20:], "")))
    spec = Spec(steps=(TrimVocabulary(size=40),), distil=DistilConfig(hidden=0.1, transfer=30))
    ranked = tuple(range(40))
    data = training_data.sample(spec, Student(tiny), tokenizer, ranked, 40)
    read, targets = data.encoded["train"], data.targets["train"]
    assert len(read) == len(targets.logits) == len(data.teacher.encoded) == 40
    labels = read.labels.tolist()
    assert 10 < labels.count(UNLABELLED) < 30
    for row, label in zip(data.teacher.encoded.tokens, labels, strict=True):  # a label is its own example's
        text = tokenizer.decode(row[1:-1])
        assert label == (every_text.index(text) if every_text.index(text) < 20 else UNLABELLED)
    assert targets.states is not None
    assert data.teacher.same_tokens is not None
    kept = [all(token < 40 for token in row) for row in data.teacher.encoded.tokens]
    assert data.teacher.same_tokens.tolist() == kept
    assert 0 < sum(kept) < 40
    assert training_data.sample(spec, Student(tiny), tokenizer, ranked, 40).encoded["train"].tokens == read.tokens
    plain = training_data.sample(Spec(), Student(tiny), tokenizer, None, 7)
    assert plain.teacher.same_tokens is None
    assert plain.targets["train"].states is None


def test_maps_of_states_draw_nothing_from_the_global_generator() -> None:
    before = torch.get_rng_state()
    Projections(2, 8, 16)
    assert torch.equal(torch.get_rng_state(), before)


def test_mean_states_are_those_of_each_example_by_itself(tiny: BertForSequenceClassification) -> None:
    encoded = tiny_examples(150)
    index = torch.randperm(150, generator=torch.Generator().manual_seed(2))[:130]  # more than are read in one batch
    means = mean_states(tiny, encoded, index)
    assert [tuple(layer.shape) for layer in means] == [(130, 16)] * 4
    for row in (0, 64, 129):
        tokens = torch.tensor([encoded.tokens[int(index[row])]])
        with torch.no_grad():
            states = tiny(tokens, output_hidden_states=True).hidden_states[1:]
        for mean, of_tokens in zip(means, states, strict=True):
            torch.testing.assert_close(mean[row], of_tokens[0].mean(0), atol=1e-5, rtol=1e-4)
