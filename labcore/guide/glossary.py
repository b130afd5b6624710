"""The field's terms in plain words, each where the lab first uses it. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Idea = Literal["teacher", "student", "hard", "soft", "hidden"]


@dataclass(frozen=True)
class Term:
    """A term: the page on which it is met first, what it says, the idea whose colour it has, and where it comes from."""

    name: str
    page: str
    says: str
    idea: Idea | None = None
    source: str | None = None


GLOSSARY: tuple[Term, ...] = (
    # -- start -------------------------------------------------------------------------------------------
    Term(
        "teacher",
        "start",
        "The model that knows the task already: here a BERT that was fine-tuned on it. It is never changed.",
        "teacher",
    ),
    Term(
        "student",
        "start",
        "The smaller model that is derived from the teacher, and learns to answer in its place.",
        "student",
    ),
    Term(
        "distillation",
        "start",
        "Training a student on its teacher's answers, beside or instead of the true labels. The answers say more than a "
        "label: how sure the teacher is, and what it nearly said.",
        source="https://arxiv.org/abs/1503.02531",
    ),
    Term(
        "capacity gap",
        "start",
        "A student too small for its teacher can't follow it, and may learn more from a weaker one.",
        source="https://arxiv.org/abs/1902.03393",
    ),
    Term(
        "mimics without learning",
        "start",
        "A student that repeats its teacher's answers, mistakes too, without what would make them right. It agrees, and is "
        "no wiser.",
        source="https://arxiv.org/abs/2106.05945",
    ),
    # -- design ------------------------------------------------------------------------------------------
    Term(
        "parameters",
        "design",
        "The numbers in a model that training could change. How many there are is its size.",
    ),
    Term(
        "non-zero",
        "design",
        "Parameters whose value is not 0. A zero still takes its place in memory and in a multiplication, "
        "unless file and hardware know how to leave it out.",
    ),
    Term(
        "multiply-accumulates",
        "design",
        "MACs: one multiplication and one addition, the work that matrix products are made of. A measure of arithmetic, not "
        "of time.",
    ),
    Term(
        "hidden size",
        "design",
        "How many numbers stand for each word piece between the layers: the width of a BERT.",
    ),
    Term(
        "attention head",
        "design",
        "A part of a layer that decides for each word piece which others it looks at. A layer has several, side by side.",
        source="https://arxiv.org/abs/1706.03762",
    ),
    Term(
        "feed-forward",
        "design",
        "The other part of a layer: two matrices that widen each word piece's state, usually fourfold, and narrow it again.",
    ),
    Term(
        "structural pruning",
        "design",
        "Whole layers, heads or neurons go, so that matrices get smaller: it saves size, arithmetic and time alike.",
        source="https://arxiv.org/abs/1905.10650",
    ),
    Term(
        "magnitude pruning",
        "design",
        "The weights nearest to zero are set to zero and stay so. The matrices keep their shape.",
        source="https://arxiv.org/abs/1506.02626",
    ),
    Term(
        "low rank",
        "design",
        "A matrix as the product of two thin ones. The rank is how thin: with a low one few numbers are left, and less of what "
        "the matrix did.",
        source="https://doi.org/10.1007/BF02288367",
    ),
    # -- distil ------------------------------------------------------------------------------------------
    Term(
        "hard weight",
        "distil",
        "How much the true label counts, by cross-entropy: one answer is right, all others are equally wrong.",
        "hard",
    ),
    Term(
        "soft weight",
        "distil",
        "How much the teacher's probabilities count, as soft targets: they also say which wrong answers are nearly right.",
        "soft",
        "https://arxiv.org/abs/1503.02531",
    ),
    Term(
        "temperature",
        "distil",
        "What logits are divided by before the softmax. Above 1 the probabilities come closer together, so that small ones "
        "can be seen and learned from.",
        "soft",
        "https://arxiv.org/abs/1503.02531",
    ),
    Term(
        "logits",
        "distil",
        "What a classifier gives for each label before the softmax makes probabilities of it.",
    ),
    Term(
        "hidden states",
        "distil",
        "What a model knows of each word piece after a layer: as many numbers as the hidden size.",
        "hidden",
        "https://arxiv.org/abs/1412.6550",
    ),
    Term(
        "seed",
        "distil",
        "The number from which all chance is drawn. The same seed gives the same student; another seed shows how much was luck.",
    ),
    # -- judge -------------------------------------------------------------------------------------------
    Term("retention", "evaluate", "The student's accuracy over the teacher's: how much of it is left."),
    Term(
        "agreement",
        "evaluate",
        "How often student and teacher give the same answer, right or wrong. It is not accuracy: it rises with every mistake "
        "that is repeated.",
        source="https://arxiv.org/abs/2106.05945",
    ),
    Term(
        "calibration error",
        "evaluate",
        "How far confidence and accuracy are apart. A model that is 90 % sure should be right nine times in ten.",
        source="https://arxiv.org/abs/1706.04599",
    ),
    Term(
        "interval",
        "evaluate",
        "How far chance may have moved a figure: made anew from other sentences or seeds, 95 of 100 such intervals hold the true "
        "value. Two figures within each other's intervals may not differ at all.",
    ),
    Term(
        "mislead",
        "evaluate",
        "A spurious cue misleads: a word that goes with a label in the training texts and means nothing. Models lean on it, "
        "and are wrong where it contradicts the label.",
        source="https://arxiv.org/abs/2004.07780",
    ),
    # -- frontier ----------------------------------------------------------------------------------------
    Term(
        "Pareto front",
        "frontier",
        "The students than which none is as small or smaller and does better. All others are dominated: another costs less "
        "and is no worse.",
    ),
    Term(
        "standard error",
        "frontier",
        "How far an accuracy would typically move on another test split of this size.",
    ),
    # -- capacity ----------------------------------------------------------------------------------------
    Term(
        "teacher assistant",
        "capacity",
        "A model of middle size that learns from the teacher and then teaches the student: one wide gap becomes two narrow ones.",
        "teacher",
        "https://arxiv.org/abs/1902.03393",
    ),
    # -- mimicry -----------------------------------------------------------------------------------------
    Term(
        "monitor",
        "mimicry",
        "A rule that tells a student misled by its teacher from one that is not, from what anybody has: labelled texts, a word "
        "that is suspected, and the answers of both models.",
    ),
)


def terms_of(page: str) -> tuple[Term, ...]:
    """The terms that are met first on this page, in the order in which they are met."""
    return tuple(term for term in GLOSSARY if term.page == page)


def search(text: str) -> tuple[Term, ...]:
    """The terms in whose name or words each word of the text is found, those with it in their name first; all for none."""
    words = text.lower().split()
    found = [term for term in GLOSSARY if all(word in f"{term.name} {term.says}".lower() for word in words)]
    return tuple(sorted(found, key=lambda term: not all(word in term.name.lower() for word in words)))
