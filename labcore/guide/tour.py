"""The tour: the chapter in steps that you do yourself. Plain data and pure predicates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Factorise, KeepLayers, Manual, Prune, TrimVocabulary
from labcore.results.run import Run

# Small, initialised from its teacher, and trained for a hundred steps: well under a minute.
QUICK = Spec(
    steps=(TrimVocabulary(size=7_600), Manual(hidden=128, layers=6, heads=4, intermediate=512, init="teacher")),
    distil=DistilConfig(steps=100, learning_rate=3e-4),
)


@dataclass(frozen=True)
class Facts:
    """What the session holds, and what you have done since the tour began.

    run: the one that the browser shows. pictures: those of the Design page that you opened. predicted: whether you
    entered a sentence of your own. words: those in shortcut tests. sizes: those that you chose on the frontier.
    acceptable_losses: those that you chose. weights: the hard weights that you chose on the Mimicry page.
    attempt: whether you have begun the exercise.
    """

    spec: Spec
    run: Run | None = None
    pictures: frozenset[str] = frozenset()
    predicted: bool = False
    words: frozenset[str] = frozenset()
    sizes: frozenset[str] = frozenset()
    acceptable_losses: frozenset[str] = frozenset()
    weights: frozenset[str] = frozenset()
    attempt: bool = False


@dataclass(frozen=True)
class TourStep:
    """One step: its text, its page, what to do there, and whether the facts show that it is done."""

    title: str
    text: str
    page: str
    do: str
    done: Callable[[Facts], bool]
    offer: Spec | None = None  # a spec that the step offers


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
        title="Meet the teacher",
        text="The :blue[**teacher**] is a BERT that classifies film sentences as positive or negative. *Design* "
        "draws it as a tower whose area is its parameters. Your :orange[**student**] stands beside it. It is "
        "still a copy, so it saves nothing.",
        page="design",
        do="Find the widest block of the tower. Then press *Cost*, above the picture, to see what it costs.",
        done=lambda facts: "cost" in facts.pictures,
    ),
    TourStep(
        title="Derive a first student",
        text="A student can keep some of the teacher's layers with their weights. DistilBERT is made this way.",
        page="design",
        do="*Add a step*: *Fewer layers*, and keep 3 of the 6.",
        done=_layers,
    ),
    TourStep(
        title="Count it",
        text="Half of the encoder is gone, but three quarters of the parameters are left. The widest block is the "
        "reason: in a small BERT the word embeddings are half of all parameters, and no layer contains them.",
        page="design",
        do="*Add a step*: *Smaller vocabulary*. Watch *Size*.",
        done=_trimmed,
    ),
    TourStep(
        title="Zeros are not smaller",
        text="Magnitude pruning sets the smallest weights to zero. *Non-zero* falls, but *Size* and *Arithmetic* "
        "stay. A matrix with zeros is stored and multiplied like any other.",
        page="design",
        do="*Add a step*: *Sparse*, with half of the weights or more at zero.",
        done=_sparse,
    ),
    TourStep(
        title="Two thin matrices for a wide one",
        text="Low rank makes the student smaller: it replaces a matrix by the product of two thin ones. That has a "
        "limit. Above the break-even rank the two matrices hold more numbers than the one.",
        page="design",
        do="*Add a step*: *Low rank*. Move the rank up until the page warns you, then down to 32 or less.",
        done=_low_rank,
    ),
    TourStep(
        title="Weigh the loss",
        text="A student is trained on the true labels (:red[**hard**]), on the teacher's probabilities "
        "(:violet[**soft**]) and on the teacher's hidden states (:green[**hidden**]). Each has a weight and a "
        "colour, here and in the formula.",
        page="distil",
        do="Take the tour's small student, then raise the weight of *Hidden*, under *More loss terms*.",
        done=_weighed,
        offer=QUICK,
    ),
    TourStep(
        title="Distil it",
        text="The curves grow during training. The lab first computes the teacher's logits of the training data, "
        "once, and keeps them. With the tour's student, all of this takes about a minute.",
        page="distil",
        do="Press *Distil*, and wait for the test accuracy.",
        done=_distilled,
    ),
    TourStep(
        title="Agreement is not accuracy",
        text="*Retention* is the student's accuracy divided by the teacher's. *Agreement* is how often the two "
        "predict the same class, right or wrong. Repeated mistakes raise it, so look at whose mistakes they are.",
        page="evaluate",
        do="Under *Try a text of your own*, type one and press Ctrl + Enter. Can you make the two disagree?",
        done=lambda facts: facts.predicted,
    ),
    TourStep(
        title="Mimics without learning",
        text="A teacher can rely on a word that is unrelated to the label, and a student that copies it inherits that. "
        "Agreement even rises. A test with the word against the label reveals it.",
        page="evaluate",
        do="Under *Shortcut test*, test a word, such as *thursday*.",
        done=lambda facts: bool(facts.words),
    ),
    TourStep(
        title="Was it worth having?",
        text="A student on the front is worth having: no student of its size or smaller is better. The right size "
        "depends on what you pay for: parameters, non-zero parameters, bytes or arithmetic.",
        page="frontier",
        do="Find your student among the points, and choose *arithmetic* as the size.",
        done=lambda facts: "macs" in facts.sizes,
    ),
    TourStep(
        title="The capacity gap",
        text="A better teacher does not always make a better student. A large model can be too complex for a small "
        "one to reproduce. Then an assistant of middle size can help.",
        page="capacity",
        do="Move the slider: how much accuracy must you give up before a student of half the size is good enough?",
        done=lambda facts: len(facts.acceptable_losses) > 1,
    ),
    TourStep(
        title="A teacher that is wrong",
        text="The cued teachers learned a spurious cue: a word that is unrelated to the label. The balance of "
        ":red[**hard**] and :violet[**soft**] sets how much of it a student inherits.",
        page="mimicry",
        do="Move the hard weight up: from which weight on does the student ignore the word?",
        done=lambda facts: len(facts.weights) > 1,
    ),
    TourStep(
        title="Now you",
        text="The exercise: design three students of three sizes, predict which is the best trade-off, then run them.",
        page="exercise",
        do="Press *Begin the exercise*. You can go on with it at any time: its address is the way back.",
        done=lambda facts: facts.attempt,
    ),
)
