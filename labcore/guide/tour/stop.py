"""A stop of the tour: one claim of the chapter, a guess, an act, and what your own number shows of it. Plain data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from labcore.config.spec import Spec
from labcore.results.evaluation import SeedMean

Own = tuple[float, ...]  # what you measured at a stop
Verdict = Literal["higher", "lower", "no difference"]  # of the first arm beside the second, at 95 %


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a session holds, as far as the tour looks at it.

    spec: the session's. ratio: its student's size over its teacher's; None if it can't be counted. accuracies, ratios:
    test accuracy and size of each finished arm, by its name. validations: accuracy of your student on validation
    examples, before training and at its best. chosen: what you chose or measured at a stop, by the stop's name.
    """

    spec: Spec
    ratio: float | None = None
    accuracies: Mapping[str, float] = field(default_factory=dict)
    ratios: Mapping[str, float] = field(default_factory=dict)
    validations: tuple[float, float] | None = None
    chosen: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class AtSize:
    """A student of the *Capacity* page.

    ratio: its size over its teacher's. steps: of its training. accuracy: on test examples. gain: what its teacher adds.
    """

    ratio: float
    steps: int
    accuracy: SeedMean
    gain: SeedMean


@dataclass(frozen=True, kw_only=True)
class ReferenceFigures:
    """What the reference results show, as means over seeds with their 95 % intervals.

    teacher: its test accuracy. seeds: of each arm. accuracies, ratios: test accuracy, and size over the teacher's, by
    arm. differences: first arm minus second, paired by seed, with their verdicts. validations: accuracy on validation
    examples before training and at its best, by arm. best_step: after how many steps the validation loss of the long
    training is lowest. losses: its lowest and its last validation loss, by arm. misled: accuracy if the cue contradicts
    the label, by hard weight. by_size: the students of *Capacity*, from small to large.
    """

    teacher: float
    seeds: int
    verdicts: Mapping[tuple[str, str], Verdict]
    accuracies: Mapping[str, SeedMean]
    ratios: Mapping[str, float]
    differences: Mapping[tuple[str, str], SeedMean]
    validations: Mapping[str, tuple[float, float]]
    best_step: int
    losses: Mapping[str, tuple[float, float]]
    misled: Mapping[float, SeedMean]
    by_size: tuple[AtSize, ...]


@dataclass(frozen=True)
class Change:
    """An act on the Design page: done if the student shows it."""

    shown_by: Callable[[Spec], bool]


@dataclass(frozen=True)
class Distil:
    """The training of your student, by the button of the Distil page."""


@dataclass(frozen=True)
class Compare:
    """A run of one arm more, at equal training: `first` beside `second`.

    labels: what the panel calls them. meanings: what each verdict of the reference runs means. button: what starts the
    run.
    """

    first: str
    second: str
    labels: tuple[str, str]
    meanings: Mapping[Verdict, str]
    button: str

    @property
    def arms(self) -> tuple[str, str]:
        """Both arms."""
        return self.first, self.second


@dataclass(frozen=True)
class Measure:
    """A button of the tour that measures the teacher."""

    label: str


@dataclass(frozen=True)
class Choose:
    """A value that you choose: in the tour's panel among `options`, or by the page's own control called `control`.

    button: what takes the value in the panel. needs: the arms that must have finished before.
    """

    label: str
    options: tuple[float, ...] = ()
    control: str = ""
    unit: str = ""
    button: str = ""
    needs: tuple[str, ...] = ()


Act = Change | Distil | Compare | Measure | Choose


@dataclass(frozen=True, kw_only=True)
class Stop:
    """One claim of the chapter.

    name: its name in the journal and in the address. page: where its act is. question: the guess that it asks for,
    with its `choices`; `right` returns the index of the one that the reference results support. do: the act in words.
    targets: CSS selectors of the controls to mark, the first one that the page has. measured: your own numbers, None
    until the act is done. statement: the result in words. limits: what the stop does not show.
    """

    name: str
    title: str
    claim: str
    page: str
    question: str
    choices: tuple[str, ...]
    right: Callable[[ReferenceFigures], int]
    do: str
    act: Act
    measured: Callable[[Facts], Own | None]
    statement: Callable[[Own, ReferenceFigures], str]
    limits: str
    targets: tuple[str, ...] = ()


def always(index: int) -> Callable[[ReferenceFigures], int]:
    """The right choice of a question whose wording fixes it; a test compares it with the reference results."""
    return lambda figures: index
