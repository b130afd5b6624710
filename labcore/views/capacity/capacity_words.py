"""The capacity gap as a table and in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from labcore.evaluate.capacity_gap import SizeResult, helped_by_teacher, probability_within, smallest_within
from labcore.views.evaluate.seed_table import accuracy_in_words, points_in_words
from labcore.views.words import millions, percent, student_in_words


def smallest_in_words(sizes: Sequence[SizeResult], loss: float) -> str:
    """The smallest student within an acceptable loss of accuracy, with its probability."""
    smallest = smallest_within(sizes, loss)
    points = f"{100 * loss:g} point{'' if math.isclose(loss, 0.01) else 's'}"
    if smallest.student is None:
        probability = percent(smallest.probability)
        return f"Of these sizes **none is within {points}** of its teacher (probability {probability})."
    others = " or ".join(f"{percent(size.ratio)} ({percent(each)})" for size, each in smallest.others)
    rest = f" It may also be the one with {others}." if others else ""
    return (
        f"The smallest student within {points} of its teacher has **{percent(smallest.student.ratio)} of its size** "
        f"({millions(smallest.student.parameters)} parameters; probability {percent(smallest.probability)}).{rest}"
        f"{_larger_in_words(smallest.student, sizes[-1])}"
    )


def _larger_in_words(smallest: SizeResult, largest: SizeResult) -> str:
    """The gain of the largest student over the smallest acceptable one; empty if they are the same."""
    if smallest is largest:
        return ""
    return (
        f" The largest student here saves only {percent(1 - largest.ratio)} of the teacher's size, and has "
        f"{100 * (smallest.gap - largest.gap):+.1f} points compared with that one."
    )


def gain_in_words(sizes: Sequence[SizeResult]) -> str:
    """At how many of the sizes the teacher adds significantly, over these seeds."""
    both = "Both students are initialised from the teacher, so the one without a teacher has much of it, too."
    helped = helped_by_teacher(sizes)
    if not helped:
        return f"Over these seeds the difference is **not significant at any size**. {both}"
    which = ", ".join(percent(size.ratio) for size in helped)
    return (
        f"Over these seeds the difference is significant **at {len(helped)} of {len(sizes)} sizes** ({which}). {both}"
    )


def capacity_table(sizes: Sequence[SizeResult], loss: float | None = None) -> pd.DataFrame:
    """A row for each size: accuracy with and without the teacher, retention, and what the teacher adds.

    All have their 95 % intervals. loss: an acceptable loss of accuracy; its column has the probability to be within it.
    """
    rows = []
    for size, probability in zip(sizes, probability_within(sizes, loss or 0.0), strict=True):
        row = {
            "size": percent(size.ratio, 1),
            "with the teacher": accuracy_in_words(size.distilled_mean),
            "without a teacher": accuracy_in_words(size.no_teacher_mean),
            "retention": percent(size.retention, 1),
            "the teacher adds": points_in_words(size.gain),
        }
        if loss is not None:
            row[f"within {100 * loss:g} points"] = percent(probability)
        seeds, student = len(size.distilled), student_in_words(size.spec)
        rows.append(row | {"steps": f"{size.steps:,}", "seeds": seeds, "student": student})
    return pd.DataFrame(rows)
