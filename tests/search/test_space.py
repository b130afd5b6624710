"""The designs that a search may propose: every point is a student of the lab, counted as the lab counts it."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from labcore.config.checks import SpecError
from labcore.config.spec import Spec
from labcore.runs.cache import counted
from labcore.search.design_measures import size_of
from labcore.search.proposing import propose
from labcore.search.search_settings import Goal, SearchSettings, Size
from labcore.search.space import Space, space_of
from labcore.teacher.built_in import MINILM
from tests.shared.simulated_search import SPACE, simulated


def drawn(space: Space, number: int) -> dict[str, int]:
    generator = random.Random(number)
    return {name: generator.randrange(len(grid)) for name, grid in space.grids.items()}


@pytest.mark.parametrize("size", ["parameters", "macs", "bytes"])
def test_points_are_students_whose_size_is_the_one_that_the_lab_counts(size: Size) -> None:
    space = space_of(MINILM, size)
    assert ("bits" in space.grids) == (size == "bytes")
    checked = 0
    for number in range(6):
        try:
            spec = Spec(steps=space.steps(drawn(space, number)))
            counts = counted(spec).student
        except SpecError:
            continue
        assert counts.cost is not None
        figures = {"parameters": counts.total, "macs": counts.cost.macs, "bytes": counts.cost.bytes["stored"]}
        assert size_of(spec, size) == figures[size]
        checked += 1
    assert checked >= 3


def test_the_largest_point_is_the_teacher_and_anchors_shrink() -> None:
    space = space_of(MINILM, "parameters")
    assert space.steps({name: len(grid) - 1 for name, grid in space.grids.items()}) == ()
    sizes = [size_of(Spec(steps=space.steps(point)), "parameters") for point in space.anchors]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < 1e6


def test_every_other_proposal_is_a_new_point_beside_a_good_design() -> None:
    search = SearchSettings(goal=Goal(within=3.0), steps=2_000)
    history, _ = simulated(search)
    near = 0
    for place in range(11, len(history.designs), 2):
        until_then = replace(history, designs=history.designs[:place])
        point = propose(search, SPACE, until_then)
        assert propose(search, SPACE, until_then) == point
        assert dict(point) not in [dict(design.point) for design in until_then.designs]
        moves = [[abs(point[name] - design.point[name]) for name in point] for design in until_then.designs]
        near += any(max(each) <= 2 and sum(step > 0 for step in each) <= 3 for each in moves)
    assert near == len(range(11, len(history.designs), 2)) > 0
