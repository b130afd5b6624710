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
                **_shown_example(test, each.index),
                "true label": names[label],
                "teacher predicts": _predicted(each.teacher, names),
                "student predicts": _predicted(each.student, names),
                "teacher, of the true label": 100 * each.teacher[label],
                "student, of the true label": 100 * each.student[label],
                "divergence": each.divergence,
            }
        )
    return pd.DataFrame(rows)


def _shown_example(test: Examples, index: int) -> dict[str, str]:
    """The text of an example; of a pair, both."""
    if test.second is None:
        return {"example": test.text[index]}
    return {"first text": test.text[index], "second text": test.second[index]}


def confusions_table(
    teacher: Sequence[Sequence[int]], student: Sequence[Sequence[int]], names: Sequence[str], most: int = 20
) -> pd.DataFrame:
    """The most frequent wrong predictions of the student, and how often the teacher makes each."""
    labels = range(len(names))
    wrong = [(student[i][j], teacher[i][j], i, j) for i in labels for j in labels if i != j and student[i][j]]
    wrong.sort(key=lambda row: (-row[0], -row[1], row[2], row[3]))
    rows = [(names[i], names[j], of_student, of_teacher) for of_student, of_teacher, i, j in wrong[:most]]
    return pd.DataFrame(rows, columns=["true label", "predicted label", "student", "teacher"])


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
