"""The towers, the flow and the table of parts account for every parameter."""

from __future__ import annotations

from itertools import pairwise

import plotly.graph_objects as go
import pytest

from labcore.config.presets import PUBLISHED_STUDENTS, PublishedStudent
from labcore.config.steps import Factorise, KeepLayers, Manual, Prune, Step
from labcore.count.parameters import compare
from labcore.teacher.built_in import BUILT_IN
from labcore.views.design.flow import flow
from labcore.views.design.towers import alternative_text, blocks, towers
from labcore.views.tables import parts_table

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
    figure = go.Figure(towers(comparison.teacher, {"Student": comparison.student}))  # checks it
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


@pytest.mark.parametrize("known", PUBLISHED_STUDENTS, ids=lambda known: known.name)
def test_published_students_have_their_published_size(known: PublishedStudent) -> None:
    student = compare(BUILT_IN[known.spec.teacher], known.spec.steps).student
    assert student.total - student.parts["classifier"] - known.omits == known.parameters
    assert float(known.published.split()[0]) * 1e6 == pytest.approx(known.parameters, rel=0.04)
