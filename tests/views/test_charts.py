"""Figures and words of events and counts: what is drawn is what was counted."""

from __future__ import annotations

import tomllib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcore.config.loss_terms import HARD, HIDDEN, SOFT
from labcore.config.presets import PUBLISHED_STUDENTS, PublishedStudent
from labcore.config.spec import DistilConfig, Spec
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
from labcore.count.parameters import compare
from labcore.models.architecture import ROLES
from labcore.results.events import Preparing, TrainStep, Validation
from labcore.results.measurements import Latency
from labcore.runs.cache import (
    cached_student,
    calibration_for,
    histogram_of_step,
    matrices_of_design,
    spectrum_of_step,
)
from labcore.teacher.built_in import BUILT_IN
from labcore.views import palette
from labcore.views.design.cost_table import cost_table, not_reduced
from labcore.views.design.flow import flow
from labcore.views.design.towers import alternative_text, blocks, towers
from labcore.views.design.weight_pictures import kept_share, matrix_map, singular_values, weights_histogram
from labcore.views.distil.curves import accuracies, losses, smoothed, thinned
from labcore.views.distil.time_left import progress
from labcore.views.tables import parts_table
from labcore.views.words import design_in_words, duration, millions, percent, student_in_words
from tests.shared.source_files import ROOT

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


# -- words -------------------------------------------------------------------------------------------


def test_words() -> None:
    assert [millions(n) for n in (770, 147_840, 7_331_330, 22_713_986)] == ["770", "0.15 M", "7.33 M", "22.7 M"]
    assert [duration(s) for s in (0.4, 59.4, 60, 185)] == ["0 s", "59 s", "1 min 00 s", "3 min 05 s"]
    assert percent(0.7656, 1) == "76.6 %"
    assert student_in_words(Spec()) == "an unchanged copy of the teacher"
    assert design_in_words(Spec(distil=DistilConfig(start="random"))) == "the teacher's shapes, random start"
    spec = Spec(steps=(KeepLayers(layers=(1, 3, 5)), Factorise(64), Prune(0.5, "global")))
    assert student_in_words(spec) == "layers 2, 4, 6 → rank 64 → 50 % sparse (global)"
    assert (
        student_in_words(Spec(steps=(KeepLayers(count=1, pick="last"), Manual())))
        == "1 layer, the last → manual: half of everything (random start)"
    )


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


# -- costs, flow and what is inside ------------------------------------------------------------------


def test_the_cost_table_says_what_was_counted() -> None:
    comparison = compare(BUILT_IN["reviews"], (KeepLayers(count=3),))
    fast, slow = (
        Latency(batch=1, tokens=128, threads=2, runs=20, median_ms=10.0, p95_ms=12.0),
        Latency(batch=1, tokens=128, threads=2, runs=20, median_ms=20.0, p95_ms=22.0),
    )
    table = cost_table(
        comparison.teacher, {"Student": comparison.student}, {"Teacher": [slow], "Student": [fast]}
    ).set_index("")
    assert list(table.loc["parameters"]) == ["22.7 M", "17.4 M · 76.6 %"]
    assert list(table.loc["multiply-accumulates"]) == ["1,435 M", "717 M · 50.0 %"]
    assert list(table.loc["stored, fp32"]) == ["90.9 MB", "69.6 MB · 76.6 %"]
    assert list(table.loc["time, batch 1"]) == ["20.0 ms", "10.0 ms · 50.0 %"]
    assert list(table.loc["examples a second, batch 1"]) == ["50", "100 · 2.00 ×"]
    unmeasured = cost_table(comparison.teacher, {"Student": comparison.student}, {"Teacher": [slow]}).set_index("")
    assert unmeasured.loc["time, batch 1", "Student"] == ""


@pytest.mark.parametrize(
    ("steps", "bites", "silent"),
    [
        ((KeepLayers(count=3),), ["Embeddings dominate"], ["Zeros", "number of heads"]),
        (
            (Prune(0.5),),
            ["Zeros save no time", "Sparsity has a base.** 50 % of the encoder's matrices is 23 %"],
            ["Embeddings"],
        ),
        (
            (Manual(hidden=384, layers=6, heads=6, intermediate=1536),),
            ["number of heads changes no parameter"],
            ["Zeros"],
        ),
        ((TrimVocabulary(size=4000),), ["saves bytes, not arithmetic"], ["dominate"]),
        ((FactoriseEmbeddings(64),), ["add a little arithmetic"], ["dominate"]),
        ((), [], ["Zeros", "Embeddings", "heads"]),
    ],
    ids=str,
)
def test_what_is_not_reduced_is_said_where_it_bites(
    steps: tuple[Step, ...], bites: list[str], silent: list[str]
) -> None:
    calibration = calibration_for("reviews", "reviews")
    words = " ".join(not_reduced(compare(BUILT_IN["reviews"], steps, calibration), steps))
    assert all(text in words for text in bites), words
    assert not any(text in words for text in silent), words


@pytest.mark.parametrize("steps", STUDENTS, ids=str)
def test_the_flow_accounts_for_every_parameter(steps: tuple[Step, ...]) -> None:
    stages = [("Teacher", compare(BUILT_IN["reviews"], ()).teacher)]
    stages += [(str(i), compare(BUILT_IN["reviews"], steps[: i + 1]).student) for i in range(len(steps))]
    figure = flow(stages)
    stored = [bar for bar in figure.data if bar.name != "removed"]
    for i, (name, counts) in enumerate(stages):
        live = sum(bar.y[i] for bar in stored if "zeros" not in bar.name)
        zeros = sum(bar.y[i] for bar in stored if "zeros" in bar.name)
        assert (live, live + zeros) == (counts.nonzero, counts.total), name
    removed = {bar.x[0]: bar.y[0] for bar in figure.data if bar.name == "removed"}
    for (_, was), (name, now) in pairwise(stages):
        assert removed.get(name, 0) == max(0, was.total - now.total)


def test_the_map_of_matrices_shows_zeros_and_energy() -> None:
    spec = Spec(steps=(KeepLayers(layers=(1, 4)), Factorise(64), Prune(0.5)))
    matrices = matrices_of_design(spec)
    assert [(m.layer, m.role) for m in matrices] == [(layer, role) for layer in (0, 1) for role in ROLES]
    square, wide = 64 * (384 + 384), 64 * (384 + 1536)
    assert [m.elements for m in matrices[:6]] == [square] * 4 + [wide] * 2
    assert all(m.zeros == m.elements // 2 for m in matrices)
    figure = matrix_map(matrices, "kept", matrices_of_design(Spec()))
    assert figure.data[0].z[1][0] == pytest.approx(square / 2 / 384**2)
    energy = matrix_map(matrices, "energy", matrices_of_design(Spec())).data[0].z
    assert all(0 < share < 1 for row in energy for share in row)
    tiny = Spec(teacher="bert-tiny", steps=(Prune(0.5, "global"),))
    unknown = matrix_map(matrices_of_design(tiny), "kept", matrices_of_design(Spec(teacher="bert-tiny")))
    assert all(share is None for row in unknown.data[0].z for share in row)


def test_what_was_removed_is_missing_from_the_map() -> None:
    matrices = matrices_of_design(Spec(steps=(PruneHeads(3), PruneNeurons(384))))
    kept = matrix_map(matrices, "kept", matrices_of_design(Spec())).data[0].z
    assert kept[2] == pytest.approx([0.25] * 6)
    energy = matrix_map(matrices, "energy", matrices_of_design(Spec())).data[0].z
    assert all(0.1 < share < 0.9 for share in energy[2])
    made_new = matrices_of_design(Spec(steps=(Manual(),)))
    assert {m.energy for m in made_new} == {None}
    assert kept_share(made_new[0], 384**2) == 0.25


def test_a_random_student_is_looked_at_as_one() -> None:
    """What a step did to a random start is drawn of one and the same start."""
    histogram = histogram_of_step(Spec(steps=(Manual(), Prune(0.5))), 1, 0, "query")
    assert histogram.threshold is not None
    inner = [
        n for edge, n in zip(histogram.edges[1:], histogram.kept, strict=True) if abs(edge) < histogram.threshold / 2
    ]
    assert sum(inner) == 0


@pytest.mark.parametrize("step", [Prune(0.7), Prune(0.7, "global"), Prune(0.5, pattern="2:4")], ids=str)
def test_the_histogram_has_every_weight_once_and_the_true_threshold(step: Prune) -> None:
    spec = Spec(steps=(step,))
    histogram = histogram_of_step(spec, 0, 2, "value")
    after = cached_student(spec)
    name = "bert.encoder.layer.2.attention.self.value.weight"
    assert (sum(histogram.kept), sum(histogram.zeroed)) == (384**2 - after.zeros[name], after.zeros[name])
    if step.pattern == "2:4":
        assert histogram.threshold is None
    else:
        assert histogram.threshold is not None
        left = after.model.get_parameter(name).detach().abs()
        assert histogram.threshold <= float(left[after.masks[name]].min())
    assert {trace.name for trace in weights_histogram(histogram).data} == {"kept", "set to zero"}


def test_the_spectrum_says_what_a_rank_keeps() -> None:
    spec = Spec(steps=(Factorise(64),))
    spectrum = spectrum_of_step(spec, 0, 3, "up")
    assert len(spectrum.singular) == 384
    assert (spectrum.rank, spectrum.break_even) == (64, 307)
    kept = cached_student(spec).energy["bert.encoder.layer.3.intermediate.dense"]
    assert spectrum.energy(64) == pytest.approx(kept, abs=1e-5)
    curve = next(trace for trace in singular_values(spectrum).data if trace.type == "scatter")
    assert curve.y[63] == pytest.approx(kept, abs=1e-5)
    assert curve.y[-1] == pytest.approx(1)


@pytest.mark.parametrize("known", PUBLISHED_STUDENTS, ids=lambda known: known.name)
def test_published_students_have_their_published_size(known: PublishedStudent) -> None:
    student = compare(BUILT_IN[known.spec.teacher], known.spec.steps).student
    assert student.total - student.parts["classifier"] - known.omits == known.parameters
    assert float(known.published.split()[0]) * 1e6 == pytest.approx(known.parameters, rel=0.04)
