"""A training in words, as a formula and in charts: what is shown is what was measured."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcore.config.loss_terms import LOSS_TERMS
from labcore.config.training import DistilConfig, Final
from labcore.results.events import (
    ConditionAccuracy,
    GradientNorms,
    Preparing,
    Similarity,
    TrainStep,
    Validation,
    event_from_dict,
    event_to_dict,
)
from labcore.views.distil.cka_map import similarity_in_words, similarity_map
from labcore.views.distil.curves import condition_accuracies, gradient_shares, losses, schedules
from labcore.views.distil.formula import formula, set_by, symbols
from labcore.views.distil.time_left import early_end, progress
from labcore.views.palette import LOSS_COLOURS
from labcore.views.words import from_to, training_in_words

MOVING = DistilConfig(schedule="linear", hidden=0.1374, final=Final(hard=1.0, temperature=1.0, logit=0.5))


def test_a_training_is_described_by_what_differs() -> None:
    assert training_in_words(DistilConfig()) == "the defaults · trained 3 epochs"
    assert (
        training_in_words(DistilConfig(hard=0.5, soft=0.5, transfer=20_000, seconds=180.0))
        == "hard 0.5 · soft 0.5 · 20,000 transfer examples · trained 180 s"
    )
    assert training_in_words(DistilConfig(epochs=1)) == "the defaults · trained 1 epoch"
    assert training_in_words(DistilConfig(epochs=7, steps=1200)) == "the defaults · trained 1,200 steps"
    assert training_in_words(DistilConfig(temperature=4.0)) == "τ 4 · trained 3 epochs"
    hard = DistilConfig(hard=1.0, soft=0.0, temperature=4.0)
    assert training_in_words(hard) == "hard 1 · trained 3 epochs"  # τ softens nothing then
    moving = "hard 0.2→1 · soft 0.8 · logit 0→0.5 · hidden 0.137 · τ 2→1 · linear schedule · trained 3 epochs"
    assert training_in_words(MOVING) == moving
    still = DistilConfig(schedule="cosine", final=Final(hard=0.2))
    assert training_in_words(still) == "the defaults · trained 3 epochs"
    everything = DistilConfig(
        hidden=0.1, hidden_at="tokens", layer_map="similar", patience=2, dropout=0.1, weight_decay=0.0,
        embeddings=False, gradual=True, batch_size=64, learning_rate=3e-4, seed=7,
    )  # fmt: skip
    assert training_in_words(everything) == (
        "hard 0.2 · soft 0.8 · hidden 0.1 · states of all tokens · layers: the most similar · patience 2 · dropout "
        "0.1 · weight decay 0 · word embeddings fixed · gradual pruning · batches of 64 · learning rate 0.0003 · seed "
        "7 · trained 3 epochs"
    )
    assert "layers" not in training_in_words(DistilConfig(layer_map="last"))  # no part compares layers


def test_the_formula_has_the_parts_in_use_with_their_weights() -> None:
    usual = formula(DistilConfig())
    assert r"\underbrace{0.2}_{\text{hard}}\cdot\mathrm{CE}" in usual
    assert r"\underbrace{0.8}_{\text{soft}}\cdot\tau^2" in usual
    assert r"{\tau = 2}" in usual
    assert usual.count(r"\textcolor") == 3
    moving = formula(MOVING)
    assert r"{0.2\!\to\!1}_{\text{hard}}\cdot\mathrm{CE}" in moving
    assert r"{0\!\to\!0.5}_{\text{logit}}\cdot\mathrm{MSE}(z" in moving
    assert r"\tau = 2\!\to\!1" in moving
    every_term = formula(DistilConfig(logit=1, hidden=1, cosine=1, relation=1))
    assert all(colour in every_term for colour in LOSS_COLOURS.values())
    assert every_term.count("{") == every_term.count("}")


def test_each_symbol_names_the_control_that_sets_it() -> None:
    every_term = DistilConfig(logit=1, hidden=1, cosine=1, relation=1, schedule="linear", final=Final(hard=1))
    said = set_by(every_term)
    for part, colour in LOSS_COLOURS.items():
        assert f'**{part}**]{{foreground="{colour}"}} by *{part.capitalize()} weight*' in said
    assert all(control in said for control in ("*Temperature τ*", "*Hidden states at*", "*Layer map*", "*Schedule*"))
    assert set_by(DistilConfig(soft=0.0, hard=1.0)).count(" by ") == 1


def test_letters_are_explained_where_they_are_used() -> None:
    assert "*z*" not in symbols(DistilConfig())
    said = symbols(DistilConfig(soft=0, hard=0, logit=1, cosine=1, relation=1, hidden_at="tokens"))
    assert all(text in said for text in ("*z*", "all tokens", "*R*", "*W*"))
    assert "τ" not in said
    assert "*y*" not in said


# -- the share of the gradient -----------------------------------------------------------------------

norms = st.fixed_dictionaries({part: st.floats(0.01, 100) for part in ("hard", "soft", "hidden")})


@given(st.lists(st.tuples(norms, norms), min_size=1, max_size=5))
def test_shares_of_the_gradient_fill_the_whole_height(
    measured: list[tuple[dict[str, float], dict[str, float]]],
) -> None:
    events = [GradientNorms(10 * i, lengths, weights) for i, (lengths, weights) in enumerate(measured)]
    figure = gradient_shares(events, DistilConfig(hidden=0.1), 90)
    assert [trace.name for trace in figure.data] == ["hard", "soft", "hidden"]
    for i, (lengths, weights) in enumerate(measured):
        assert sum(trace.y[i] for trace in figure.data) == pytest.approx(1)
        soft = weights["soft"] * lengths["soft"]
        total = sum(weights[part] * lengths[part] for part in lengths)
        assert figure.data[1].y[i] == pytest.approx(soft / total)
        assert list(figure.data[1].customdata[i]) == [weights["soft"], lengths["soft"]]
    assert tuple(figure.layout.xaxis.range) == (0, 90)


def test_a_part_that_a_batch_lacks_has_no_share_there() -> None:
    events = [
        GradientNorms(0, {"soft": 2.0}, {"soft": 0.8}),
        GradientNorms(5, {"hard": 2.0, "soft": 2.0}, {"hard": 1, "soft": 1}),
    ]
    hard, soft = gradient_shares(events, DistilConfig(), 9).data
    assert (list(hard.y), list(soft.y)) == ([0, 0.5], [1, 0.5])
    assert len(gradient_shares([], DistilConfig(), 1).data) == 2


def test_scheduled_weights_are_drawn_and_weigh_the_losses() -> None:
    lines = {trace.name: trace for trace in schedules(MOVING).data}
    assert set(lines) == {term.name for term in MOVING.terms}
    assert (lines["hard"].y[0], lines["hard"].y[20], lines["hard"].y[-1]) == pytest.approx((0.2, 0.6, 1.0))
    made = [
        TrainStep(
            step=i,
            steps=5,
            examples=i,
            seconds=i,
            elapsed=i,
            learning_rate=1e-4,
            total=0.0,
            losses={"hard": 1.0, "soft": 1.0, "hidden": 1.0, "logit": 1.0},
            progress=(i - 1) / 4,
        )
        for i in range(1, 6)
    ]
    weighted = {trace.name: trace.y for trace in losses(made, MOVING, weighted=True).data}
    assert list(weighted["hard, batch"]) == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert "0.2→1 × hard" in weighted
    assert "0→0.5 × logit" in weighted


def test_weights_that_a_balance_made_are_short() -> None:
    assert from_to(DistilConfig(hard=0.04839), "hard") == "0.0484"


# -- layers ------------------------------------------------------------------------------------------


def test_the_map_of_layers_frames_the_pairs() -> None:
    event = Similarity(0, [[0.9, 0.3, 0.1], [0.2, 0.5, 0.8]], ((0, 0), (1, 2)))
    figure = similarity_map(event, "Before")
    assert [list(row) for row in figure.data[0].z] == event.table
    assert [list(row) for row in figure.data[0].text] == [["0.90", "0.30", "0.10"], ["0.20", "0.50", "0.80"]]
    framed = {((s.x0 + s.x1) / 2, (s.y0 + s.y1) / 2) for s in figure.layout.shapes}
    assert framed == {(0, 0), (2, 1)}  # x is the teacher's layer
    assert similarity_in_words(event, "after it").endswith(
        "layer 1 is most similar to the teacher's 1 (0.90); layer 2 is most similar to the teacher's 3 (0.80)."
    )
    assert set(similarity_map(Similarity(0, [[0.5] * 12], ()), "Before").data[0].text[0]) == {""}  # no room for numbers


def test_a_map_of_layers_comes_back_from_json_as_it_was() -> None:
    event = Similarity(3, [[0.5]], ((0, 0),))
    data = event_to_dict(event)
    assert event_from_dict({**data, "pairs": [[0, 0]]}) == event


# -- progress and its end ----------------------------------------------------------------------------


def step(i: int, steps: int, **more: float) -> TrainStep:
    return TrainStep(
        step=i,
        steps=steps,
        examples=32 * i,
        seconds=1.0 * i,
        elapsed=2.0 * i,
        learning_rate=1e-4,
        total=1.0,
        progress=(i - 1) / steps,
        **more,
    )


def test_progress_by_share() -> None:
    now = progress([Preparing(5, 5, 1.0), step(10, 40)])
    assert now.fraction == 0.25
    assert "step 10 of 40, about 1 min 00 s left, 32 examples/s" in now.words
    assert progress([step(40, 40)]).fraction == 1
    timed = TrainStep(
        step=1200, steps=3000, examples=9600, seconds=60.0, elapsed=72.0, learning_rate=1e-4, total=1.0, progress=0.399
    )
    now = progress([timed], seconds=180.0)
    assert now.fraction == pytest.approx(0.4, abs=2e-3)
    assert "step 1,200 of about 3,000, about 1 min 48 s left" in now.words
    late = TrainStep(
        step=3001,
        steps=3001,
        examples=9600,
        seconds=60.0,
        elapsed=180.2,
        learning_rate=1e-4,
        total=1.0,
        progress=0.9999,
    )
    assert progress([late], seconds=180.0).fraction == 1
    assert "nearly done" in progress([late], seconds=180.0).words


def validations(*best: bool) -> list[Validation]:
    return [
        Validation(step=10 * i, accuracy=0.5, agreement=0.5, loss=0.5, teacher_accuracy=0.8, best=good)
        for i, good in enumerate(best)
    ]


def test_an_early_end_is_shown_with_its_reason() -> None:
    config = DistilConfig(patience=2)
    events = [*validations(True, True, False, False), step(30, 90)]
    assert early_end(config, events) == (
        "Training ended early, after step 30 of 90: 2 validations in a row without a better student. "
        "The student of step 10 is kept."
    )
    assert early_end(DistilConfig(), events) is None
    assert early_end(config, [*validations(True, True, False, False), step(90, 90)]) is None  # its time was over
    assert early_end(config, [*validations(True, False, True, False), step(30, 90)]) is None  # it was stopped
    assert early_end(config, []) is None
    timed = early_end(DistilConfig(patience=1, seconds=45.0), [*validations(True, False), step(10, 17)])
    assert timed is not None
    assert "after 20 of 45 seconds: 1 validation without a better student. The untrained student is kept." in timed


def test_conditions_are_drawn_beside_the_teacher_and_agreement_if_it_misleads() -> None:
    teacher = {"clean": 0.65, "agrees": 0.99, "contradicts": 0.16}
    measured = [
        ConditionAccuracy(
            step, {"clean": 0.6, "agrees": of, "contradicts": 1 - of}, dict.fromkeys(teacher, of), teacher
        )
        for step, of in ((0, 0.5), (40, 0.9))
    ]
    drawn = {trace.name: (list(trace.x), list(trace.y)) for trace in condition_accuracies(measured, 80).data}
    assert drawn["contradicts"] == ([0, 40], [0.5, pytest.approx(0.1)])
    assert drawn["agrees"] == ([0, 40], [0.5, 0.9])
    assert drawn["teacher, contradicts"] == ([0, 80], [0.16, 0.16])
    assert drawn["agreement, contradicts"] == ([0, 40], [0.5, 0.9])
    assert len(drawn) == 7
    assert not condition_accuracies([], 80).data


def test_every_part_has_a_colour() -> None:
    assert list(LOSS_COLOURS) == [term.name for term in LOSS_TERMS]
