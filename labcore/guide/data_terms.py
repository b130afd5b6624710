"""Terms of bringing data and making a teacher. Standard library only."""

from __future__ import annotations

from labcore.guide.term import Term

DATA_TERMS: tuple[Term, ...] = (
    Term(
        name="splits",
        page="data",
        definition=(
            "Training examples are learned from, validation examples choose between checkpoints, and test examples "
            "measure the result once. No example is in two of them."
        ),
    ),
    Term(
        name="majority baseline",
        page="data",
        definition="The accuracy of always predicting the most frequent class. A useful model is above it.",
    ),
    Term(
        name="fine-tuning",
        page="data",
        definition=(
            "Training a pre-trained model further on labelled examples of one task. It makes a BERT that knows the "
            "language into a classifier: a teacher."
        ),
        idea="teacher",
        source="https://arxiv.org/abs/1810.04805",
    ),
    Term(
        name="LoRA",
        page="data",
        definition=(
            "Fine-tuning that leaves each matrix as it is and trains a product of two thin ones beside it, which is "
            "added at the end."
        ),
        source="https://arxiv.org/abs/2106.09685",
    ),
)
