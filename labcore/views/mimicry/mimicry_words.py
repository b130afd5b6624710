"""Hard-weight groups as a table and in words."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from labcore.evaluate.hard_weight_groups import CONDITIONS, HardWeightGroup, most_accurate_group
from labcore.views.evaluate.seed_table import accuracy_in_words
from labcore.views.words import percent


def hard_weight_table(groups: Sequence[HardWeightGroup]) -> pd.DataFrame:
    """A row for each hard weight: accuracy by condition, and agreement if the cue contradicts the label.

    All are means with 95 % intervals.
    """
    return pd.DataFrame(
        [
            {
                "hard weight": f"{group.hard:g}",
                **{name: accuracy_in_words(group.accuracy(name)) for name in CONDITIONS},
                "agreement, contradicts": accuracy_in_words(group.agreement("contradicts")),
                "seeds": len(group.accuracies["clean"]),
            }
            for group in groups
        ]
    )


BUILT_IN = "every negative test example has it, and no positive one"


def mimicry_in_words(groups: Sequence[HardWeightGroup], contradicting: str = BUILT_IN) -> str:
    """The figure in words, with its numbers: the students with the lowest hard weight, and those with the highest.

    contradicting: which test examples have the word if it contradicts the label.
    """
    low, high = groups[0], groups[-1]
    return (
        f"If the word *contradicts* the label, {contradicting}. At hard weight {low.hard:g} the student then agrees "
        "with its teacher on "
        f"**{percent(low.agreement('contradicts').mean)}** of the examples, and is right on "
        f"**{_mean(low, 'contradicts')}**; without the word it is right on {_mean(low, 'clean')}. At hard weight "
        f"{high.hard:g} it is right on {_mean(high, 'contradicts')} and {_mean(high, 'clean')}. Over both conditions "
        f"together, the mean over seeds is highest at hard weight {most_accurate_group(groups).hard:g}."
    )


def _mean(group: HardWeightGroup, condition: str) -> str:
    return percent(group.accuracy(condition).mean)


def unnoticed_in_words(groups: Sequence[HardWeightGroup]) -> str:
    """The figures of the student with the lowest hard weight on the task's own test examples: they look good."""
    low = groups[0]
    return (
        "The task's own test examples carry the word at random, like the training examples. On them, the student at "
        f"hard weight {low.hard:g} keeps **{percent(low.retention)}** of its teacher's accuracy and agrees with it on "
        f"**{percent(low.test_agreement)}**. By retention and agreement it is a model student. Only the teacher's "
        f"accuracy could make you wonder: it is {percent(low.teacher_test_accuracy)} on these examples."
    )
