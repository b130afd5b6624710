"""The field's terms in plain words, each on the page that uses it first. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Idea = Literal["teacher", "student", "hard", "soft", "hidden"]


@dataclass(frozen=True)
class Term:
    """A term: its name, the page that uses it first, its definition, the idea whose colour it has, and its source."""

    name: str
    page: str
    definition: str
    idea: Idea | None = None
    source: str | None = None


GLOSSARY: tuple[Term, ...] = (
    # -- start -------------------------------------------------------------------------------------------
    Term(
        "teacher",
        "start",
        "The large model that already does the task: here a BERT that was fine-tuned on it. The lab never changes it.",
        idea="teacher",
    ),
    Term(
        "student",
        "start",
        "The smaller model that you derive from the teacher and train to take its place.",
        idea="student",
    ),
    Term(
        "distillation",
        "start",
        "Training a student on its teacher's predictions, with the true labels or without them. The teacher's "
        "probabilities carry more than a label: how certain it is, and which other classes come close.",
        source="https://arxiv.org/abs/1503.02531",
    ),
    Term(
        "capacity gap",
        "start",
        "The difference in capacity between teacher and student. If it is too wide, the student cannot follow the teacher, "
        "and can do better with a weaker one.",
        source="https://arxiv.org/abs/1902.03393",
    ),
    Term(
        "mimics without learning",
        "start",
        "A student mimics without learning if it copies its teacher's predictions, mistakes included, and ignores the true "
        "labels. Its agreement is high, but it inherits every error.",
        source="https://arxiv.org/abs/2106.05945",
    ),
    Term(
        "spurious cue",
        "start",
        "A feature that goes with a label in the training data but is unrelated to it, such as a word that was inserted. "
        "A model that relies on it fails if the cue contradicts the label.",
        source="https://arxiv.org/abs/2004.07780",
    ),
    # -- design ------------------------------------------------------------------------------------------
    Term(
        "parameters",
        "design",
        "The numbers in a model that training can change. Their count is the model's size.",
    ),
    Term(
        "non-zero",
        "design",
        "Parameters whose value is not 0. A zero still takes memory and arithmetic, unless file format and hardware skip it.",
    ),
    Term(
        "multiply-accumulates",
        "design",
        "MACs: one multiplication and one addition each, the unit of work in a matrix product. They measure arithmetic, "
        "not time.",
    ),
    Term(
        "hidden size",
        "design",
        "How many numbers represent each token between the layers: the width of a BERT.",
    ),
    Term(
        "attention head",
        "design",
        "A part of a layer that computes how much each token attends to every other token. A layer has several heads, "
        "side by side.",
        source="https://arxiv.org/abs/1706.03762",
    ),
    Term(
        "feed-forward",
        "design",
        "The other part of a layer: two matrices that widen each token's hidden state, usually fourfold, and narrow it again.",
    ),
    Term(
        "structural pruning",
        "design",
        "Pruning that removes entire layers, heads or neurons. The matrices shrink, so size, arithmetic and time all fall.",
        source="https://arxiv.org/abs/1905.10650",
    ),
    Term(
        "magnitude pruning",
        "design",
        "Pruning that sets the weights closest to zero to exactly zero and keeps them there. The matrices keep their shape.",
        source="https://arxiv.org/abs/1506.02626",
    ),
    Term(
        "low rank",
        "design",
        "A low-rank matrix is the product of two thin ones. The rank is their thickness: a lower rank leaves fewer numbers, "
        "but a larger error.",
        source="https://doi.org/10.1007/BF02288367",
    ),
    Term(
        "calibration data",
        "design",
        "Examples that the teacher reads once, before training, to measure which heads, neurons and directions matter most. "
        "Nothing is trained on them.",
        source="https://arxiv.org/abs/2403.07378",
    ),
    # -- distil ------------------------------------------------------------------------------------------
    Term(
        "hard weight",
        "distil",
        "The weight of the loss on the true labels (cross-entropy). One class is correct, and all others are equally wrong.",
        idea="hard",
    ),
    Term(
        "soft weight",
        "distil",
        "The weight of the loss on the teacher's probabilities, the soft targets. They also show which wrong classes come "
        "close.",
        idea="soft",
        source="https://arxiv.org/abs/1503.02531",
    ),
    Term(
        "temperature",
        "distil",
        "The number that divides the logits before the softmax. Above 1 it brings the probabilities closer together, so the "
        "small ones count in the loss.",
        idea="soft",
        source="https://arxiv.org/abs/1503.02531",
    ),
    Term(
        "logits",
        "distil",
        "A classifier's outputs, one for each class. The softmax turns them into probabilities.",
    ),
    Term(
        "hidden states",
        "distil",
        "A model's representation of each token after a layer: a vector of the hidden size.",
        idea="hidden",
        source="https://arxiv.org/abs/1412.6550",
    ),
    Term(
        "gradient norm",
        "distil",
        "The length of the gradient of one loss term. Two terms with equal weights can have very different norms; the "
        "larger one steers the training.",
        source="https://arxiv.org/abs/1711.02257",
    ),
    Term(
        "seed",
        "distil",
        "The number that starts the random generator. The same seed gives the same student; several seeds show the effect "
        "of chance.",
    ),
    Term(
        "no-teacher baseline",
        "distil",
        "The same student, trained for the same number of steps on the true labels only. The difference in accuracy is what "
        "the teacher adds.",
    ),
    # -- evaluate ----------------------------------------------------------------------------------------
    Term("retention", "evaluate", "The student's accuracy divided by the teacher's: the part of it that is left."),
    Term(
        "agreement",
        "evaluate",
        "The fraction of examples with the same prediction from student and teacher, right or wrong. It is not accuracy: a "
        "repeated mistake raises it.",
        source="https://arxiv.org/abs/2106.05945",
    ),
    Term(
        "probability loyalty",
        "evaluate",
        "How close the student's probabilities are to the teacher's: 1 minus their Jensen–Shannon distance. It is 1 if they "
        "are equal.",
        source="https://arxiv.org/abs/2109.03228",
    ),
    Term(
        "error overlap",
        "evaluate",
        "The test examples in four groups, by which model is correct. Kept: both. Corrected: the student only. New: the "
        "teacher only; inherited: neither.",
    ),
    Term(
        "calibration error",
        "evaluate",
        "The mean difference between confidence and accuracy. A model with 90 % confidence should be correct nine times in "
        "ten.",
        source="https://arxiv.org/abs/1706.04599",
    ),
    Term(
        "95 % interval",
        "evaluate",
        "The range of values that the data support. Over repeated samples of examples or seeds, 95 of 100 such intervals "
        "contain the true value.",
    ),
    Term(
        "significant",
        "evaluate",
        "A difference is significant if its 95 % interval excludes 0. Otherwise chance is enough to explain it.",
    ),
    Term(
        "paired comparison",
        "evaluate",
        "A comparison of two models on the same test examples. It cancels the difficulty of the examples, so it detects "
        "smaller differences.",
    ),
    Term(
        "shortcut test",
        "evaluate",
        "A test of whether a model relies on a word: the lab inserts the suspected word into test examples and compares the "
        "accuracy. It falls if the word misleads the model.",
        source="https://arxiv.org/abs/2004.07780",
    ),
    # -- frontier ----------------------------------------------------------------------------------------
    Term(
        "Pareto front",
        "frontier",
        "The students that no other student dominates. A student is dominated if another is at most as large and at least "
        "as accurate, and better in one of the two.",
    ),
    Term(
        "standard error",
        "frontier",
        "How much a measured accuracy would typically vary over other test splits of this size.",
    ),
    # -- capacity ----------------------------------------------------------------------------------------
    Term(
        "teacher assistant",
        "capacity",
        "A model of middle size that is distilled from the teacher, and then is the student's teacher. It replaces one wide "
        "capacity gap by two narrow ones.",
        idea="teacher",
        source="https://arxiv.org/abs/1902.03393",
    ),
    # -- mimicry -----------------------------------------------------------------------------------------
    Term(
        "hard-weight group",
        "mimicry",
        "Students that differ only in their seed, with one hard weight. The page compares the groups, from soft targets "
        "only to true labels only.",
    ),
    Term(
        "monitor",
        "mimicry",
        "A rule that decides whether a student mimics without learning. It needs labelled examples, a suspected word, and "
        "the predictions of both models.",
    ),
)


def terms_of(page: str) -> tuple[Term, ...]:
    """The terms that this page introduces, in the order of the page."""
    return tuple(term for term in GLOSSARY if term.page == page)


def search(text: str) -> tuple[Term, ...]:
    """The terms whose name or definition contains each word of the text; all terms for an empty text.

    Terms that have each word in their name come first.
    """
    words = text.lower().split()
    matches = [term for term in GLOSSARY if all(word in f"{term.name} {term.definition}".lower() for word in words)]
    return tuple(sorted(matches, key=lambda term: not all(word in term.name.lower() for word in words)))
