"""The report's chart: what is drawn where, and that nothing leaves the drawing."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as some

from labcore.views.exercise.report_chart import HEIGHT, WIDTH, Axis, Level, StudentMark, accuracy_chart, ticks

LEVELS = [Level("teacher", 0.84, "teacher"), Level("acceptable", 0.81, "acceptable"), Level("chance", 0.5, "chance")]


def mark(name: str, parameters: int, accuracy: float, *, chosen: bool = False) -> StudentMark:
    return StudentMark(name=name, parameters=parameters, accuracy=accuracy, half=0.02, chosen=chosen)


def drawn(*students: StudentMark) -> ET.Element:
    return ET.fromstring(accuracy_chart(students, LEVELS, 22_000_000, 'A "quoted" <text>'))


def elements(svg: ET.Element, kind: str) -> list[dict[str, str]]:
    return [each.attrib for each in svg if each.get("class") == kind]


def test_larger_is_further_right_and_more_accurate_is_higher() -> None:
    svg = drawn(mark("A", 17_000_000, 0.8, chosen=True), mark("B", 2_000_000, 0.7))
    b, a = elements(svg, "student")  # the chosen one is drawn last, over the others
    assert float(a["cx"]) > float(b["cx"])
    assert float(a["cy"]) < float(b["cy"])
    [ring] = elements(svg, "chosen")
    assert (ring["cx"], ring["cy"]) == (a["cx"], a["cy"])
    teacher, acceptable, chance = (float(elements(svg, level.kind)[0]["y1"]) for level in LEVELS)
    assert teacher < acceptable < chance
    assert svg.get("aria-label") == 'A "quoted" <text>'
    assert [each.text for each in svg if each.get("class") == "letter"] == ["B", "A"]


def test_an_interval_has_the_length_of_its_axis() -> None:
    svg = drawn(mark("A", 17_000_000, 0.8))
    interval = elements(svg, "interval")[0]
    y = {level.accuracy: float(elements(svg, level.kind)[0]["y1"]) for level in LEVELS}
    a_point = (y[0.5] - y[0.84]) / 34
    assert float(interval["y1"]) - float(interval["y2"]) == pytest.approx(4 * a_point, abs=0.2)


@given(some.lists(some.tuples(some.integers(1, 22_000_000), some.floats(0, 1)), min_size=3, max_size=3))
def test_nothing_leaves_the_drawing(students: list[tuple[int, float]]) -> None:
    svg = drawn(*(mark(name, *one) for name, one in zip("ABC", students, strict=True)))
    for element in svg:
        for name, value in element.attrib.items():
            if name in ("x", "x1", "x2", "cx"):
                assert -6 <= float(value) <= WIDTH
            if name in ("y", "y1", "y2", "cy"):
                assert 0 <= float(value) <= HEIGHT


@given(some.floats(-1e9, 1e9), some.floats(1e-3, 1e9))
def test_ticks_are_round_few_and_within(low: float, width: float) -> None:
    values = ticks(low, low + width)
    assert 1 <= len(values) <= 5
    assert all(low - 1e-6 * width <= value <= low + width * (1 + 1e-6) for value in values)


def test_an_axis_needs_a_length() -> None:
    with pytest.raises(ValueError, match="higher end"):
        ticks(1, 1)
    assert Axis(0, 10, 100, 0).at(5) == 50
