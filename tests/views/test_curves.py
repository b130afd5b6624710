"""The curves of a training, their colours, and the time that is left."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcore.config.loss_terms import HARD, HIDDEN, SOFT
from labcore.config.spec import DistilConfig
from labcore.results.events import Preparing, TrainStep, Validation
from labcore.views import palette
from labcore.views.distil.curves import accuracies, losses, smoothed, thinned
from labcore.views.distil.time_left import progress
from tests.shared.source_files import ROOT


def steps(n: int) -> list[TrainStep]:
    return [
        TrainStep(
            step=i,
            steps=n,
            examples=32 * i,
            seconds=0.1 * i,
            elapsed=0.2 * i,
            learning_rate=1e-4,
            total=1.0 / i,
            losses={"hard": 0.5, "soft": 2.0 / i, "hidden": 0.1 * i},
        )
        for i in range(1, n + 1)
    ]


def test_smoothing_keeps_a_constant_and_follows() -> None:
    assert smoothed([3.0] * 20) == pytest.approx([3.0] * 20)
    assert smoothed([1.0, 0.0], smoothing=0.5) == pytest.approx([1.0, (0.5 * 0.5 * 1.0) / 0.75])


@given(st.integers(0, 5000))
def test_thinning_keeps_the_last_and_few(n: int) -> None:
    kept = thinned(steps(n)) if n < 50 else thinned([steps(1)[0]] * n)
    assert len(kept) <= 601
    assert kept == sorted(kept)
    assert (kept[-1] == n - 1) if n else kept == []


def test_weighted_parts_sum_to_the_total_everywhere() -> None:
    config = DistilConfig(hard=0.3, soft=0.5, hidden=0.2)
    made = [
        TrainStep(
            step=i,
            steps=9,
            examples=i,
            seconds=i,
            elapsed=i,
            learning_rate=1e-4,
            total=0.3 * i + 0.5 * 2 * i + 0.2 * 3 * i,
            losses={"hard": i, "soft": 2.0 * i, "hidden": 3.0 * i},
        )
        for i in range(1, 10)
    ]
    lines = {trace.name: trace.y for trace in losses(made, config, weighted=True).data}
    parts = zip(lines["0.3 × hard"], lines["0.5 × soft"], lines["0.2 × hidden"], lines["total"], strict=True)
    for hard, soft, hidden, total in parts:
        assert hard + soft + hidden == pytest.approx(total)
    raw = {trace.name: trace.y for trace in losses(made, config, weighted=False).data}
    assert raw["hidden"][0] == pytest.approx(3.0)


def test_the_hidden_line_is_there_only_where_it_counts() -> None:
    names = [trace.name for trace in losses(steps(3), DistilConfig(), weighted=False).data]
    assert not any("hidden" in name for name in names)
    assert losses([], DistilConfig(), weighted=True).data


def test_the_teachers_accuracy_is_a_line_over_all_steps() -> None:
    [teacher, agreement, student] = accuracies(
        [
            Validation(step=0, accuracy=0.5, agreement=0.6, loss=0.7, teacher_accuracy=0.8, best=True),
            Validation(step=9, accuracy=0.7, agreement=0.75, loss=0.6, teacher_accuracy=0.8, best=True),
        ],
        90,
    ).data
    assert (list(teacher.x), list(teacher.y)) == ([0, 90], [0.8, 0.8])
    assert list(student.y) == [0.5, 0.7]
    assert list(agreement.y) == [0.6, 0.75]
    assert len(accuracies([], 1).data) == 2


def test_progress_tells_phase_share_and_time_left() -> None:
    assert progress([]).words == "Loading the teacher"
    preparing = progress([Preparing(50, 200, 10.0)])
    assert preparing.fraction == 0.25
    assert "30 s left" in preparing.words
    step = TrainStep(
        step=10,
        steps=40,
        examples=320,
        seconds=5.0,
        elapsed=10.0,
        learning_rate=1e-4,
        total=1,
        losses={"hard": 1, "soft": 1},
    )
    training = progress([Preparing(200, 200, 40.0), step])
    assert training.fraction == 0.25
    assert "step 10 of 40" in training.words
    assert "30 s left" in training.words
    assert "64 examples/s" in training.words


def test_the_themes_named_colours_are_the_palettes() -> None:
    config = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())["theme"]
    named = {
        "blue": palette.TEACHER,
        "orange": palette.STUDENT,
        "red": HARD.colour,
        "violet": SOFT.colour,
        "green": HIDDEN.colour,
    }
    assert {name: config[f"{name}Color"] for name in named} == named
