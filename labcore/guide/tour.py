"""The guided tour: the chapter in steps, each of them done by doing it. Plain data and pure predicates."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Factorise, KeepLayers, Manual, Prune, TrimVocabulary
from labcore.results.run import Run

# Small, cut out of its teacher, and taught for a hundred steps: a lesson of well under a minute.
QUICK = Spec(
    steps=(TrimVocabulary(size=7_600), Manual(hidden=128, layers=6, heads=4, intermediate=512, init="teacher")),
    distil=DistilConfig(steps=100, learning_rate=3e-4),
)


@dataclass(frozen=True)
class Facts:
    """What a person has at hand, and what they have done since the tour began.

    run: the one that they look at. pictures: those of the Design page that they looked at. asked: whether they put a
    sentence of their own to the student. words: those tested on it. sizes: those by which they looked at the frontier.
    distances: how far from its teacher they let a student be. weights: hard weights whose students they looked at.
    attempt: whether they have begun the exercise.
    """

    spec: Spec
    run: Run | None = None
    pictures: frozenset[str] = frozenset()
    asked: bool = False
    words: frozenset[str] = frozenset()
    sizes: frozenset[str] = frozenset()
    distances: frozenset[str] = frozenset()
    weights: frozenset[str] = frozenset()
    attempt: bool = False


@dataclass(frozen=True)
class TourStep:
    """One step: what it tells, the page that it is on, what to do there, and whether the facts say that it is done."""

    title: str
    text: str
    page: str
    do: str
    done: Callable[[Facts], bool]
    offer: Spec | None = None  # a spec that the step hands out


def tour(pages: Collection[str]) -> tuple[TourStep, ...]:
    """The steps whose page the lab has, in order."""
    return tuple(step for step in STEPS if step.page in pages)


def _layers(facts: Facts) -> bool:
    return any(
        isinstance(step, KeepLayers) and (step.count or len(step.layers or ())) == 3 for step in facts.spec.steps
    )


def _trimmed(facts: Facts) -> bool:
    return any(isinstance(step, TrimVocabulary) for step in facts.spec.steps)


def _sparse(facts: Facts) -> bool:
    return any(isinstance(step, Prune) and step.sparsity >= 0.5 for step in facts.spec.steps)


def _low_rank(facts: Facts) -> bool:
    return any(isinstance(step, Factorise) and step.rank is not None and step.rank <= 32 for step in facts.spec.steps)


def _weighed(facts: Facts) -> bool:
    config = facts.spec.distil
    return min(config.hard, config.soft, config.hidden) > 0


def _distilled(facts: Facts) -> bool:
    return facts.run is not None and facts.run.status == "finished"


STEPS: tuple[TourStep, ...] = (
    TourStep(
        "Meet the teacher",
        "The :blue[**teacher**] is a BERT that tells praise from blame in film reviews. On *Design* you see it as a tower in "
        "which area is parameters. Your :orange[**student**] stands beside it: so far a copy, so nothing is saved.",
        "design",
        "Find the broadest block of the tower, then see what it costs: press *Cost*, above the picture.",
        lambda facts: "cost" in facts.pictures,
    ),
    TourStep(
        "Derive a first student",
        "A student need not start from nothing: it can keep some of the teacher's layers, weights and all. That is what "
        "DistilBERT does.",
        "design",
        "*Add a step*: *Fewer layers*, and keep 3 of the 6.",
        _layers,
    ),
    TourStep(
        "Count it",
        "Half of the encoder is gone, and yet three quarters of the parameters are left. The broadest block is why: in a "
        "small BERT the table of word pieces is half of everything, and no layer holds it.",
        "design",
        "*Add a step*: *Smaller vocabulary*. Watch *Size*.",
        _trimmed,
    ),
    TourStep(
        "Zeros are not smaller",
        "Magnitude pruning sets the smallest weights to zero. *Non-zero* falls; *Size* and *Arithmetic* stay, for a matrix "
        "with holes is stored and multiplied like any other.",
        "design",
        "*Add a step*: *Sparse*, with half of the weights or more at zero.",
        _sparse,
    ),
    TourStep(
        "Two thin matrices for a wide one",
        "Low rank truly makes it smaller: a matrix becomes the product of two thin ones. Only up to a point, though: above the "
        "break-even rank the two hold more numbers than the one.",
        "design",
        "*Add a step*: *Low rank*. Move the rank up until the page warns you, then down to 32 or less.",
        _low_rank,
    ),
    TourStep(
        "Weigh the lesson",
        "A student learns from the true labels (:red[**hard**]), from what its teacher nearly answered (:violet[**soft**]) and from "
        "the teacher's inner states (:green[**hidden**]). Each has its weight and its colour, here as in the formula.",
        "distil",
        "Take the tour's small student, then give *Hidden* some weight too, under *More parts of the loss*.",
        _weighed,
        QUICK,
    ),
    TourStep(
        "Distil it",
        "The curves grow while it learns. The teacher reads the training sentences first, once; its answers are kept. With the "
        "tour's student all of it takes about a minute.",
        "distil",
        "Press *Distil*, and wait for the test accuracy.",
        _distilled,
    ),
    TourStep(
        "Agreement is not accuracy",
        "*Retention* says how much of the teacher's accuracy is left, *agreement* how often the two answer alike, right or "
        "wrong. A student may agree often because it repeats mistakes: look whose they are.",
        "evaluate",
        "Under *Try a sentence*, type one of your own and press Ctrl + Enter. Can you make the two disagree?",
        lambda facts: facts.asked,
    ),
    TourStep(
        "Mimics without learning",
        "A teacher may lean on a word that says nothing, and a student that copies its answers takes that over. Agreement "
        "only looks better for it; a word put where it contradicts the label tells.",
        "evaluate",
        "Under *Does a word mislead it?*, test a word, such as *thursday*.",
        lambda facts: bool(facts.words),
    ),
    TourStep(
        "Was it worth having?",
        "A student on the front is worth having: none that is as small does better. What is small depends on what you pay for: "
        "parameters, non-zero ones, bytes or arithmetic.",
        "frontier",
        "Find your student among the points, and look by *arithmetic* as well.",
        lambda facts: "macs" in facts.sizes,
    ),
    TourStep(
        "The capacity gap",
        "A better teacher does not always make a better student: what a large model knows may be more than a small one can "
        "hold. Then a teacher of middle size may help.",
        "capacity",
        "Move the slider: how far below its teacher must a student be let, until one half as large will do?",
        lambda facts: len(facts.distances) > 1,
    ),
    TourStep(
        "A teacher that is wrong",
        "The cued teachers learned a word that says nothing. How much of that a student takes over is in your hands: it is the "
        "balance of :red[**hard**] and :violet[**soft**].",
        "mimicry",
        "Move the hard weight up: at which balance does the student let go of the word?",
        lambda facts: len(facts.weights) > 1,
    ),
    TourStep(
        "Now you",
        "The exercise: three students of your own at three sizes, a guess which trades best, and then the runs that tell.",
        "exercise",
        "Press *Begin the exercise*. You can go on with it whenever you like: its address is the way back.",
        lambda facts: facts.attempt,
    ),
)
