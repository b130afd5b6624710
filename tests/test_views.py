"""Figures and words out of records: what is drawn is what was counted."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcore.record import Preparing, TrainStep, Validation
from labcore.spec import Distil, Factorise, KeepLayers, Manual, Prune, Spec
from labcore.student.count import compare
from labcore.teacher.architecture import BUILT_IN
from labcore.views import palette
from labcore.views.anatomy import alternative_text, blocks, towers
from labcore.views.curves import accuracies, losses, smoothed, thinned
from labcore.views.frontier import Point, pareto_front, standard_error
from labcore.views.progress import progress
from labcore.views.tables import parts_table
from labcore.views.words import duration, millions, percent, student_in_words

STUDENTS = [
    (KeepLayers(count=2),),
    (Factorise(16),),
    (Prune(0.8),),
    (Prune(0.5, "global"),),
    (Prune(0.5, embeddings=True),),
    (Manual(),),
    (KeepLayers(layers=(1, 3, 5)), Factorise(64), Prune(0.3)),
]


@pytest.mark.parametrize("steps", STUDENTS, ids=str)
def test_area_is_parameters(steps: tuple[object, ...]) -> None:
    """Width times height of every block, on the one scale, is its parameters; solid ones are those that live."""
    comparison = compare(BUILT_IN["reviews"], steps)  # type: ignore[arg-type]
    figure = towers(comparison.teacher, {"Student": comparison.student})
    widest = figure.data[0].width
    for side, counts in enumerate((comparison.teacher, comparison.student)):
        solid, hollow = figure.data[2 * side], figure.data[2 * side + 1]
        unit = solid.width * comparison.teacher.hidden / widest
        assert sum(solid.y) * unit + sum(hollow.y) * unit == pytest.approx(counts.total)
        assert sum(solid.y) * unit == pytest.approx(counts.nonzero)
        for parameters, block in zip(solid.y, blocks(counts), strict=True):
            if block.live is not None:
                assert parameters * unit == pytest.approx(block.live)
        tops = [base + height for base, height in zip(hollow.base, hollow.y, strict=True)]
        assert tops[:-1] == pytest.approx(solid.base[1:])  # no gaps, no overlaps
    assert f"{100 * comparison.ratio:.0f} %" in alternative_text(comparison)


def test_the_table_of_parts_adds_up() -> None:
    comparison = compare(BUILT_IN["reviews"], (KeepLayers(count=2), Prune(0.5)))
    table = parts_table(comparison).set_index("part")
    for side in ("teacher", "student"):
        assert table.loc[["embeddings", "encoder", "pooler", "classifier"], side].sum() == table.loc["total", side]
        assert table.loc[[f"– layer {i}" for i in range(1, 7)], side].sum() == table.loc["encoder", side]
    assert table.loc["non-zero", "student"] == comparison.student.nonzero


# -- curves ------------------------------------------------------------------------------------------


def steps(n: int) -> list[TrainStep]:
    return [TrainStep(i, n, 32 * i, 0.1 * i, 0.2 * i, 1e-4, 1.0 / i, 0.5, 2.0 / i, 0.1 * i) for i in range(1, n + 1)]


def test_smoothing_keeps_a_constant_and_follows() -> None:
    assert smoothed([3.0] * 20) == pytest.approx([3.0] * 20)
    assert smoothed([1.0, 0.0], keep=0.5) == pytest.approx([1.0, (0.5 * 0.5 * 1.0) / 0.75])


@given(st.integers(0, 5000))
def test_thinning_keeps_the_last_and_few(n: int) -> None:
    kept = thinned(steps(n)) if n < 50 else thinned([steps(1)[0]] * n)
    assert len(kept) <= 601
    assert kept == sorted(kept)
    assert (kept[-1] == n - 1) if n else kept == []


def test_weighted_parts_sum_to_the_total_everywhere() -> None:
    how = Distil(hard=0.3, soft=0.5, hidden=0.2)
    made = [
        TrainStep(i, 9, i, i, i, 1e-4, 0.3 * i + 0.5 * 2 * i + 0.2 * 3 * i, i, 2.0 * i, 3.0 * i) for i in range(1, 10)
    ]
    lines = {trace.name: trace.y for trace in losses(made, how, weighted=True).data}
    parts = zip(lines["0.3 × hard"], lines["0.5 × soft"], lines["0.2 × hidden"], lines["total"], strict=True)
    for hard, soft, hidden, total in parts:
        assert hard + soft + hidden == pytest.approx(total)
    raw = {trace.name: trace.y for trace in losses(made, how, weighted=False).data}
    assert raw["hidden"][0] == pytest.approx(3.0)


def test_the_hidden_line_is_there_only_where_it_counts() -> None:
    names = [trace.name for trace in losses(steps(3), Distil(), weighted=False).data]
    assert not any("hidden" in name for name in names)
    assert losses([], Distil(), weighted=True).data


def test_the_teachers_accuracy_is_a_line_over_all_steps() -> None:
    [teacher, agreement, student] = accuracies(
        [Validation(0, 0.5, 0.6, 0.7, 0.8, True), Validation(9, 0.7, 0.75, 0.6, 0.8, True)], 90
    ).data
    assert (list(teacher.x), list(teacher.y)) == ([0, 90], [0.8, 0.8])
    assert list(student.y) == [0.5, 0.7]
    assert list(agreement.y) == [0.6, 0.75]
    assert len(accuracies([], 1).data) == 2


# -- the frontier ------------------------------------------------------------------------------------

point_lists = st.lists(
    st.builds(Point, st.just("r"), st.just("n"), st.integers(1, 9), st.sampled_from([0.5, 0.6, 0.7, 0.8])), max_size=12
)


@given(point_lists)
def test_the_front_is_what_nothing_beats(found: list[Point]) -> None:
    front = pareto_front(found)
    for point in found:
        beaten = any(
            other.size <= point.size
            and other.accuracy >= point.accuracy
            and (other.size, other.accuracy) != (point.size, point.accuracy)
            for other in found
        )
        assert beaten == ((point.size, point.accuracy) not in {(p.size, p.accuracy) for p in front})


def test_standard_error_of_facts() -> None:
    assert standard_error(0.84, 765) == pytest.approx(0.0133, abs=1e-4)


# -- words -------------------------------------------------------------------------------------------


def test_words() -> None:
    assert [millions(n) for n in (770, 147_840, 7_331_330, 22_713_986)] == ["770", "0.15 M", "7.33 M", "22.7 M"]
    assert [duration(s) for s in (0.4, 59.4, 60, 185)] == ["0 s", "59 s", "1 min 00 s", "3 min 05 s"]
    assert percent(0.7656, 1) == "76.6 %"
    assert student_in_words(Spec()) == "a copy of the teacher"
    spec = Spec(steps=(KeepLayers(layers=(1, 3, 5)), Factorise(64), Prune(0.5, "global")))
    assert student_in_words(spec) == "layers 2, 4, 6 → rank 64 → 50 % sparse (global)"
    assert (
        student_in_words(Spec(steps=(KeepLayers(count=1, pick="last"), Manual())))
        == "1 layer, the last → manual: half of everything (random start)"
    )


def test_progress_tells_phase_share_and_time_left() -> None:
    assert progress([]).words == "Loading the teacher"
    reading = progress([Preparing(50, 200, 10.0)])
    assert reading.share == 0.25
    assert "30 s left" in reading.words
    learning = progress([Preparing(200, 200, 40.0), TrainStep(10, 40, 320, 5.0, 10.0, 1e-4, 1, 1, 1, None)])
    assert learning.share == 0.25
    assert "step 10 of 40" in learning.words
    assert "30 s left" in learning.words
    assert "64 sentences/s" in learning.words


def test_the_themes_named_colours_are_the_palettes() -> None:
    config = tomllib.loads((Path(__file__).resolve().parents[1] / ".streamlit/config.toml").read_text())["theme"]
    named = {
        "blue": palette.TEACHER,
        "orange": palette.STUDENT,
        "red": palette.HARD,
        "violet": palette.SOFT,
        "green": palette.HIDDEN,
    }
    assert {name: config[f"{name}Color"] for name in named} == named
