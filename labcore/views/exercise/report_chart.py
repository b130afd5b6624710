"""The report's chart as SVG markup: accuracy against parameters, with intervals and levels to compare with.

It needs no script. Colours and type are the page's: the report's style sheet has the classes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

WIDTH, HEIGHT = 480, 320  # units of the drawing, which grows and shrinks with its page
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 14, 46  # margins
TICKS = 5  # at most, on each axis
STEPS = (1, 2, 2.5, 5, 10)  # distances of ticks, times a power of ten


@dataclass(frozen=True, kw_only=True)
class StudentMark:
    """A student: its letter, parameters, test accuracy as a fraction, and half of the width of its 95 % interval."""

    name: str
    parameters: int
    accuracy: float
    half: float
    chosen: bool = False


@dataclass(frozen=True)
class Level:
    """A horizontal line at an accuracy. `kind` is its class in the style sheet: teacher, acceptable or chance."""

    kind: str
    accuracy: float
    label: str


@dataclass(frozen=True)
class Axis:
    """A linear scale from a value to its place in the drawing."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The place of a value, in units of the drawing."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def accuracy_chart(students: Sequence[StudentMark], levels: Sequence[Level], largest: int, alt: str) -> Markup:
    """The chart as one `svg` element. largest: the teacher's parameters, where the axis ends. alt: it in words."""
    x = Axis(0, 1.04 * largest, LEFT, WIDTH - RIGHT)
    y = Axis(*_range(students, levels), HEIGHT - BOTTOM, TOP)
    parts = [*_x_ticks(x), *_y_ticks(y), *(_level(level, y) for level in levels)]
    parts += [_student(student, x, y) for student in sorted(students, key=lambda each: each.chosen)]
    parts.append(_text(LEFT + (WIDTH - LEFT - RIGHT) / 2, HEIGHT - 8, "parameters", "axis", "middle"))
    return Markup(
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(alt)}">' + "".join(parts) + "</svg>"
    )


def line_sample(kind: str) -> Markup:
    """A short sample of a level's line, for the key below the chart."""
    return Markup(f'<svg class="sample" viewBox="0 0 32 10" aria-hidden="true">{_line(kind, (1, 5), (31, 5))}</svg>')


def ticks(low: float, high: float) -> list[float]:
    """Round values from `low` to `high`, at most `TICKS` of them, evenly spaced. Raises ValueError if low ≥ high."""
    if low >= high:
        raise ValueError(f"an axis from {low:g} to {high:g} has no ticks; give a higher end")
    power = 10 ** math.floor(math.log10((high - low) / TICKS))
    step = next(
        step * power for step in STEPS if math.floor(high / (step * power)) - math.ceil(low / (step * power)) < TICKS
    )
    first, last = math.ceil(low / step), math.floor(high / step)
    return [count * step for count in range(first, last + 1)]


def _range(students: Sequence[StudentMark], levels: Sequence[Level]) -> tuple[float, float]:
    """The accuracies that the axis shows: everything drawn, and some room."""
    lows = [*(each.accuracy - each.half for each in students), *(level.accuracy for level in levels)]
    highs = [*(each.accuracy + each.half for each in students), *(level.accuracy for level in levels)]
    room = max(0.01, 0.05 * (max(highs) - min(lows)))
    return min(lows) - room, max(highs) + room


def _x_ticks(x: Axis) -> list[str]:
    return [
        _line("grid", (x.at(value), TOP), (x.at(value), HEIGHT - BOTTOM))
        + _text(x.at(value), HEIGHT - BOTTOM + 18, _millions(value), "tick", "middle")
        for value in ticks(x.low, x.high)
    ]


def _y_ticks(y: Axis) -> list[str]:
    return [
        _line("grid", (LEFT, y.at(value)), (WIDTH - RIGHT, y.at(value)))
        + _text(LEFT - 6, y.at(value) + 4, f"{100 * value:.3g} %", "tick", "end")
        for value in ticks(y.low, y.high)
    ]


def _millions(parameters: float) -> str:
    return "0" if parameters == 0 else f"{parameters / 1e6:.3g} M"


def _level(level: Level, y: Axis) -> str:
    return _line(level.kind, (LEFT, y.at(level.accuracy)), (WIDTH - RIGHT, y.at(level.accuracy)))


def _student(student: StudentMark, x: Axis, y: Axis) -> str:
    """The interval with its ends, a ring if it is chosen, the point, and the letter beside it."""
    across, along = x.at(student.parameters), y.at(student.accuracy)
    low, high = (y.at(student.accuracy + side * student.half) for side in (-1, 1))
    parts = [_line("interval", (across, low), (across, high))]
    parts += [_line("interval", (across - 5, end), (across + 5, end)) for end in (low, high)]
    if student.chosen:
        parts.append(f'<circle class="chosen" cx="{across:.1f}" cy="{along:.1f}" r="9"/>')
    parts.append(f'<circle class="student" cx="{across:.1f}" cy="{along:.1f}" r="5.5"/>')
    return "".join(parts) + _text(across + 12, along + 5, student.name, "letter", "start")


def _line(kind: str, start: tuple[float, float], end: tuple[float, float]) -> str:
    (x1, y1), (x2, y2) = start, end
    return f'<line class="{escape(kind)}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, words: str, kind: str, anchor: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
