"""The results of evaluating a finished student: plain data, in and out of JSON. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from labcore.results.json_keys import as_tuples, fields_from_json, stored_as

# -- a student beside its teacher --------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ErrorOverlap:
    """How many test examples have each combination of teacher right or wrong and student right or wrong.

    `kept`: both are right. `new`: the teacher is right, the student wrong. `corrected`: the teacher is wrong, the
    student right. `inherited`: both make the same wrong prediction. `other`: they make different wrong predictions.
    """

    kept: int
    new: int
    corrected: int
    inherited: int
    other: int

    @property
    def accuracy_if_teacher_right(self) -> float | None:
        """The student's accuracy on the examples that the teacher gets right; None if there are none."""
        return _fraction(self.kept, self.kept + self.new)

    @property
    def accuracy_if_teacher_wrong(self) -> float | None:
        """The student's accuracy on the examples that the teacher gets wrong; None if there are none."""
        return _fraction(self.corrected, self.corrected + self.inherited + self.other)


def _fraction(count: int, total: int) -> float | None:
    return count / total if total else None


@dataclass(frozen=True)
class ConfidenceCalibration:
    """How well a model's confidence matches its accuracy, over bins of equal width from 0 to 1.

    For each bin: how many examples have their confidence in it, and their mean confidence and accuracy (0 if there are
    none). `error` is the mean gap between the two, weighted by examples.
    """

    error: float
    examples: tuple[int, ...] = field(metadata=stored_as("sentences"))
    confidence: tuple[float, ...]
    accuracy: tuple[float, ...]


@dataclass(frozen=True)
class DivergentExample:
    """A test example by its index, with the probabilities of student and teacher.

    divergence: Jensen–Shannon, in bits, from 0 to 1.
    """

    index: int = field(metadata=stored_as("sentence"))
    divergence: float
    student: tuple[float, ...]
    teacher: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """A student beside its teacher on the test split, as labcore.evaluate.against_teacher computes it.

    A confusion matrix has a row for each true label and a column for each predicted one. `most_divergent`: the examples
    with the greatest divergence, the greatest first.
    """

    probability_loyalty: float = field(metadata=stored_as("loyalty"))
    error_overlap: ErrorOverlap = field(metadata=stored_as("fates"))
    student_calibration: ConfidenceCalibration
    teacher_calibration: ConfidenceCalibration
    student_confusion: tuple[tuple[int, ...], ...]
    teacher_confusion: tuple[tuple[int, ...], ...]
    most_divergent: tuple[DivergentExample, ...] = field(metadata=stored_as("differences"))

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Evaluation:
        """The inverse of `labcore.results.json_keys.to_json`, also if JSON made lists of the tuples."""
        given = as_tuples(fields_from_json(Evaluation, data))
        for side in ("student_calibration", "teacher_calibration"):
            given[side] = ConfidenceCalibration(**fields_from_json(ConfidenceCalibration, given[side]))
        given["error_overlap"] = ErrorOverlap(**given["error_overlap"])
        given["most_divergent"] = tuple(
            DivergentExample(**fields_from_json(DivergentExample, each)) for each in given["most_divergent"]
        )
        return Evaluation(**given)


# -- one student beside another ----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two students on the same examples: how many each got right, and whether their accuracies differ.

    `p`: the probability of so uneven a split if the two are equally good (exact McNemar, two-sided).
    `difference`: the first's accuracy minus the second's; `low` and `high` are its 95 % interval.
    """

    both: int
    only_first: int
    only_second: int
    neither: int
    p: float
    difference: float
    low: float
    high: float


@dataclass(frozen=True)
class MeanDifference:
    """The difference between the mean accuracies of two designs with several seeds each, on the same examples.

    `difference`: the first's minus the second's; `low` and `high` are its 95 % interval, over examples.
    """

    difference: float
    low: float
    high: float


@dataclass(frozen=True)
class SeedMean:
    """The mean over `n` seeds; `half` of the width of its 95 % interval, None for a single seed."""

    n: int
    mean: float
    half: float | None


@dataclass(frozen=True)
class PairedComparison:
    """Two runs of one task compared, and their designs if these were run with other seeds, too.

    `first` and `second`: each design's accuracies over its seeds. `mean_difference` is None if each has
    one seed, or if both are of the same design.
    """

    pair: Pair
    first: SeedMean
    second: SeedMean
    mean_difference: MeanDifference | None


# -- a suspected word --------------------------------------------------------------------------------

# Accuracy lost if the word contradicts the label: significantly more is harm, significantly less is none.
HARM = 0.05
MAX_CHARACTERS = 5000  # of a text for both models: far more than they read of it
MAX_WORD = 40  # characters of a suspected word or phrase
FOLLOWS = 0.5  # of the teacher's mistakes due to the word: a student that repeats more of them follows it


@dataclass(frozen=True, kw_only=True)
class Effect:
    """The effect of a word on a model: its predictions for the same labelled examples without the word and with it.

    towards: the label whose predictions increase most with the word. moved: the fraction of predictions that it
    changes.
    Three accuracies over all examples. clean: none has the word. agrees: those of the label `towards` have it.
    contradicts: all others have it. `low` and `high` are the 95 % interval of the harm.
    """

    towards: int
    moved: float
    clean: float
    agrees: float
    contradicts: float
    low: float
    high: float

    @property
    def harm(self) -> float:
        """The accuracy that is lost if the word contradicts the label."""
        return self.clean - self.contradicts


Verdict = Literal["not misled", "mimics", "misled by its texts", "cannot tell"]  # stored: they stay as they are


@dataclass(frozen=True, kw_only=True)
class ShortcutTest:
    """The effect of a suspected word on a student, on its teacher and, if it was run, on the no-teacher baseline.

    misled: how many of the `examples` the teacher gets right without the word and wrong with it. followed: the
    fraction of these for which the student makes the same wrong prediction; None if there are none.
    """

    word: str
    examples: int = field(metadata=stored_as("texts"))
    student: Effect
    teacher: Effect
    no_teacher: Effect | None = field(metadata=stored_as("alone"))
    misled: int
    followed: float | None
    verdict: Verdict

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> ShortcutTest:
        """The inverse of `labcore.results.json_keys.to_json`."""
        given = fields_from_json(ShortcutTest, data)
        models = ("student", "teacher", "no_teacher")
        return ShortcutTest(**given | {name: given[name] and Effect(**given[name]) for name in models})


# -- a text of one's own -----------------------------------------------------------------------------


@dataclass(frozen=True)
class TextPrediction:
    """A model's prediction for one text.

    tokens: those that it read, without [CLS] and [SEP]. unknown: the fraction of them that is [UNK].
    unread: the end of the text beyond its token limit. probabilities: one a label; None if there was no token to read.
    """

    tokens: tuple[str, ...]
    unknown: float
    unread: str
    probabilities: tuple[float, ...] | None
