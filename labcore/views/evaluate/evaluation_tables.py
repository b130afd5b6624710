"""Tables of an evaluation: the examples on which student and teacher differ most, and who is right in a comparison."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from labcore.data.examples import Examples
from labcore.results.evaluation import DivergentExample, Pair


def differences_table(differences: Sequence[DivergentExample], test: Examples, names: Sequence[str]) -> pd.DataFrame:
    """The examples on which the two differ most: the true label, and each one's prediction and probability of it."""
    rows = []
    for each in differences:
        label = test.labels[each.index]
        rows.append(
            {
                "example": test.text[each.index],
                "true label": names[label],
                "teacher predicts": _predicted(each.teacher, names),
                "student predicts": _predicted(each.student, names),
                "teacher, of the true label": 100 * each.teacher[label],
                "student, of the true label": 100 * each.student[label],
                "divergence": each.divergence,
            }
        )
    return pd.DataFrame(rows)


def _predicted(values: Sequence[float], names: Sequence[str]) -> str:
    return names[max(range(len(values)), key=values.__getitem__)]


def pair_table(pair: Pair, first: str, second: str) -> pd.DataFrame:
    """Who is right: a row for the first right and wrong, a column for the second right and wrong."""
    return pd.DataFrame(
        {
            "": [f"{first} right", f"{first} wrong"],
            f"{second} right": [pair.both, pair.only_second],
            f"{second} wrong": [pair.only_first, pair.neither],
        }
    )
