"""The frontier in words and figures by its axes: units, lower anchors of several teachers, and the table of points."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labcore.config.spec import Spec
from labcore.config.steps import KeepLayers
from labcore.evaluate.frontier_axes import COSTS, Axes, CostAxis
from labcore.evaluate.pareto_front import Point
from labcore.evaluate.provenance import teacher_of
from labcore.results.run import FinishedRun
from labcore.views.frontier.anchor_lines import MAJORITY, TOKEN_VECTORS, AnchorLine, anchor_lines, encoder_in_words
from labcore.views.frontier.axis_words import COST_NAMES, cost_in_words, cost_title
from labcore.views.frontier.frontier_chart import frontier
from labcore.views.frontier.points_table import ERROR, FRONT, points_table
from tests.shared.evaluations import ANCHOR, evaluation, measured
from tests.shared.runs import finished_run


@pytest.mark.parametrize(
    ("cost", "axis", "words"),
    [
        (9_032_962, "total", "9.03 M parameters"),
        (770, "nonzero", "770 non-zero parameters"),
        (36_131_848, "stored", "36.1 MB stored bytes"),
        (120_400, "stored", "0.120 MB stored bytes"),
        (1_500_000, "sparse", "1.5 MB stored bytes, zeros left out"),
        (2_724_000_000, "macs", "2.72 G multiply-accumulates"),
        (768, "macs", "768 multiply-accumulates"),
        (12.34, "milliseconds", "12.3 ms"),
        (93_000_000, "memory", "93.0 MB of memory"),
    ],
)
def test_a_cost_has_its_unit(cost: float, axis: CostAxis, words: str) -> None:
    assert cost_in_words(cost, axis) == words


def test_axes_of_bytes_are_in_megabytes() -> None:
    assert [cost_title(axis) for axis in COSTS if cost_title(axis).endswith(", MB")] == [
        f"{COST_NAMES[axis]}, MB" for axis in ("stored", "sparse", "memory")
    ]


def run_of_teacher(teacher: str) -> FinishedRun:
    spec = Spec(teacher=teacher, task="cued", steps=(KeepLayers(count=1),))
    run = finished_run(teacher, spec, 0.7)
    return replace(run, result=replace(run.result, evaluation=evaluation(0.6)))


def test_anchors_of_several_teachers_have_their_names_and_equal_ones_are_one() -> None:
    runs = [run_of_teacher("cued-95"), run_of_teacher("cued-80")]
    first, second = map(teacher_of, runs)
    results = {first: ANCHOR, second: replace(ANCHOR, accuracy=0.6)}
    lines = anchor_lines(runs, Axes(), results, {})
    assert [(line.kind, line.quality) for line in lines] == [
        (TOKEN_VECTORS, 0.7),
        (MAJORITY, 0.5),
        (TOKEN_VECTORS, 0.6),
    ]
    assert [line.name for line in lines] == [
        "mean of token vectors of cued-95",
        "majority class",
        "mean of token vectors of cued-80",
    ]
    agreement = anchor_lines(runs, Axes("milliseconds", "agreement"), results, {first: measured(0.1, 9)})
    assert [line.cost for line in agreement if line.kind == TOKEN_VECTORS] == [0.1, None]
    assert [line.kind for line in anchor_lines(runs, Axes(quality="loyalty"), results, {})] == [TOKEN_VECTORS] * 2
    assert anchor_lines([finished_run("1", Spec(), 0.5)], Axes(), {}, {}) == []


def test_the_chart_has_a_line_for_each_anchor_and_a_cross_for_each_model() -> None:
    lines = [
        AnchorLine(kind=TOKEN_VECTORS, name="<b>mean</b>", quality=0.7, cost=2_000_000),
        AnchorLine(kind=MAJORITY, name=MAJORITY, quality=0.5),
    ]
    figure = frontier([], [], 100, Axes("stored"), None, lines)
    assert [(shape.y0, shape.name) for shape in figure.layout.shapes] == [
        (0.7, "&lt;b&gt;mean&lt;/b&gt;, 70.0 %"),
        (0.5, "majority class, 50.0 %"),
    ]
    [cross] = [trace for trace in figure.data if trace.name == "without an encoder"]
    assert (list(cross.x), list(cross.y)) == ([2.0], [0.7])
    assert "2.0 MB stored bytes" in cross.hovertext[0]


def test_a_sentence_says_what_the_encoder_buys_or_costs() -> None:
    buys = encoder_in_words(ANCHOR, 0.5, 0.011)
    assert buys.startswith("The encoder buys **10.0 points** of accuracy over the mean of token vectors.")
    assert "The teacher has 80.0 % (standard error 1.1), a model without an encoder 70.0 %, and the majority" in buys
    costs = encoder_in_words(replace(ANCHOR, teacher_accuracy=0.6), None, 0.01, "cued-95")
    assert costs.startswith("The encoder of cued-95 costs **10.0 points** of accuracy")
    assert "majority" not in costs


def test_the_table_has_what_the_chart_shows() -> None:
    small, worse, large = (
        Point(id=f"{i}", name=name, cost=cost, quality=quality, seeds=(quality,), teacher_accuracy=0.8)
        for i, (name, cost, quality) in enumerate((("small", 1e6, 0.7), ("worse", 2e6, 0.6), ("large", 3e6, 0.9)))
    )
    line = AnchorLine(kind=MAJORITY, name=MAJORITY, quality=0.5)
    table = points_table([large, worse], [small], [line], 400, Axes("stored", "retention"))
    assert list(table.columns) == ["name", "stored bytes, MB", "retention, %", ERROR, "seeds", FRONT]
    assert list(table["name"]) == ["small", "worse", "large", MAJORITY]
    assert list(table["stored bytes, MB"][:3]) == [1, 2, 3]
    assert list(table[FRONT]) == [True, False, True, False]
    assert list(table["retention, %"]) == pytest.approx([70, 60, 90, 50])
    error = large.error(Axes("stored", "retention"), 400)
    assert error is not None
    assert table[ERROR][2] == pytest.approx(100 * error)
