"""Terms of training a student. Standard library only."""

from __future__ import annotations

from labcore.guide.term import Term

DISTILLATION_TERMS: tuple[Term, ...] = (
    # -- distil ----------------------------------------------------------------------------------------------
    Term(
        name="hard weight",
        page="distil",
        definition=(
            "How much the true labels count, by cross-entropy. One class is correct, and all others are equally wrong."
        ),
        idea="hard",
    ),
    Term(
        name="soft weight",
        page="distil",
        definition=(
            "How much the teacher's probabilities count, the soft targets. They also show which wrong classes "
            "come close."
        ),
        idea="soft",
        source="https://arxiv.org/abs/1503.02531",
    ),
    Term(
        name="temperature",
        page="distil",
        definition="The number that divides the logits before the softmax. Above 1 it brings the probabilities closer "
        "together, so the small ones count in the loss.",
        idea="soft",
        source="https://arxiv.org/abs/1503.02531",
    ),
    Term(
        name="logits",
        page="distil",
        definition="A classifier's outputs, one for each class. The softmax turns them into probabilities.",
    ),
    Term(
        name="hidden states",
        page="distil",
        definition="A model's representation of each token after a layer: a vector of the hidden size.",
        idea="hidden",
        source="https://arxiv.org/abs/1412.6550",
    ),
    Term(
        name="gradient norm",
        page="distil",
        definition=(
            "The length of the gradient of one loss term. Two terms with equal weights can have very different "
            "norms; the larger one steers the training."
        ),
        source="https://arxiv.org/abs/1711.02257",
    ),
    Term(
        name="seed",
        page="distil",
        definition=(
            "The number that starts the random generator. The same seed gives the same student; several seeds "
            "show the effect of chance."
        ),
    ),
    Term(
        name="transfer set",
        page="distil",
        definition="Examples without labels, on which the student is trained towards the teacher's targets alone.",
        source="https://arxiv.org/abs/1503.02531",
    ),
)
