"""What was found when a finished student was judged: plain data, in and out of JSON. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

# -- a student beside its teacher --------------------------------------------------------------------


@dataclass(frozen=True)
class ErrorOverlap:
    """What became of the teacher's answers: how many sentences of each kind. The five make up the test split.

    `kept`: both are right. `new`: the teacher is right, the student wrong. `corrected`: the teacher is wrong, the
    student right. `inherited`: both are wrong, with the same answer. `other`: both are wrong, each in its own way.
    """

    kept: int
    new: int
    corrected: int
    inherited: int
    other: int

    @property
    def where_right(self) -> float | None:
        """The student's accuracy where the teacher is right; None where it never is."""
        return _share(self.kept, self.kept + self.new)

    @property
    def where_wrong(self) -> float | None:
        """The student's accuracy where the teacher is wrong; None where it never is."""
        return _share(self.corrected, self.corrected + self.inherited + self.other)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True)
class Calibration:
    """Whether a model's confidence is its accuracy.

    For each bin of equal width from 0 to 1: how many sentences have their confidence in it, and their mean confidence
    and accuracy (0 where there are none). `error` is the mean gap between the two, weighed by sentences.
    """

    error: float
    sentences: tuple[int, ...]
    confidence: tuple[float, ...]
    accuracy: tuple[float, ...]


@dataclass(frozen=True)
class Difference:
    """A sentence, by its place in the test split; how far the two differ on it (Jensen–Shannon divergence in bits,
    0 to 1); and each one's probabilities."""

    sentence: int
    divergence: float
    student: tuple[float, ...]
    teacher: tuple[float, ...]


@dataclass(frozen=True)
class Evaluation:
    """A student beside its teacher on the test split, as labcore.evaluate.against_teacher finds it.

    A confusion matrix has a row for each true label: how often each answer was given. `differences` are the sentences
    on which the two differ most, the greatest first.
    """

    loyalty: float
    fates: ErrorOverlap
    student_calibration: Calibration
    teacher_calibration: Calibration
    student_confusion: tuple[tuple[int, ...], ...]
    teacher_confusion: tuple[tuple[int, ...], ...]
    differences: tuple[Difference, ...]

    @staticmethod
    def from_dict(data: dict[str, Any]) -> Evaluation:
        """The inverse of `asdict`, also where JSON made lists of the tuples."""
        given = {name: _as_tuples(value) for name, value in data.items()}
        parts = {f"{side}_calibration": Calibration(**given[f"{side}_calibration"]) for side in ("student", "teacher")}
        differences = tuple(Difference(**each) for each in given["differences"])
        return Evaluation(**given | parts | {"fates": ErrorOverlap(**given["fates"]), "differences": differences})


def _as_tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _as_tuples(item) for name, item in value.items()}
    return tuple(map(_as_tuples, value)) if isinstance(value, list | tuple) else value


# -- one student beside another ----------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """Two students on the same sentences: how many each got right, alone or with the other, and whether they differ.

    `p`: that right and wrong fall so unevenly by chance where the two are equally good (exact McNemar, two-sided).
    `difference`: the first's accuracy less the second's; `low` and `high` bound it with 95 % confidence.
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
class Groups:
    """The mean accuracies of several seeds each of two designs, on the same sentences.

    `difference`: the first's less the second's; `low` and `high` bound it with 95 % confidence, over sentences.
    """

    difference: float
    low: float
    high: float


@dataclass(frozen=True)
class Seeds:
    """The mean of `n` seeds' values; `half` of the width of its 95 % interval, None where one seed can't tell."""

    n: int
    mean: float
    half: float | None


@dataclass(frozen=True)
class PairedComparison:
    """Two runs of one task compared, and their designs where other seeds of these were run, too.

    `first` and `second`: each design's accuracies over its seeds. `groups` is None where each has one seed, or both
    are of the same design.
    """

    pair: Pair
    first: Seeds
    second: Seeds
    groups: Groups | None


# -- a word that is suspected ------------------------------------------------------------------------

HARM = 0.05  # accuracy lost where the word contradicts the label: surely more is harm, surely less is none
MAX_CHARACTERS = 5000  # of a text that both models are asked about: far more than they read of it
MAX_WORD = 40  # characters of a suspected word, or of a few
FOLLOWS = 0.5  # of the teacher's mistakes by the word: who makes more of them follows it


@dataclass(frozen=True)
class Effect:
    """What a word does to a model: its answers to the same labelled texts without the word and with it.

    towards: the label that more texts are given once they hold the word than any other. moved: the share of texts whose
    answer the word changes. clean, agrees, contradicts: accuracy over all texts without the word; with it in the texts of that
    label alone; with it in all the others alone. `low` and `high` bound clean − contradicts, the harm, with 95 % confidence.
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
        """The accuracy that is lost where the word contradicts the label."""
        return self.clean - self.contradicts


Verdict = Literal["not misled", "mimics", "misled by its texts", "cannot tell"]


@dataclass(frozen=True)
class ShortcutTest:
    """What a suspected word does to a student, its teacher and, where there is one, the same student without its teacher.

    followed: of the `misled` texts to which the teacher gives a wrong answer once they hold the word, and a right one before,
    the share to which the student gives the same wrong answer; None where there are none.
    """

    word: str
    texts: int
    student: Effect
    teacher: Effect
    alone: Effect | None
    misled: int
    followed: float | None
    verdict: Verdict

    @staticmethod
    def from_dict(data: dict[str, Any]) -> ShortcutTest:
        """The inverse of `asdict`."""
        effects = {name: data[name] and Effect(**data[name]) for name in ("student", "teacher", "alone")}
        return ShortcutTest(**data | effects)


# -- a sentence of one's own -------------------------------------------------------------------------


@dataclass(frozen=True)
class Reading:
    """What a model makes of a text.

    pieces: the word pieces that it read, without [CLS] and [SEP]. unknown: the share of them that is [UNK].
    cut: the end of the text that it did not read. probabilities: one a label; None where there was no piece to read.
    """

    tokens: tuple[str, ...]
    unknown: float
    cut: str
    probabilities: tuple[float, ...] | None
