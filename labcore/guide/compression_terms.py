"""Terms of the first pages: models, and how a student becomes smaller. Standard library only."""

from __future__ import annotations

from labcore.guide.term import Term

COMPRESSION_TERMS: tuple[Term, ...] = (
    # -- start -----------------------------------------------------------------------------------------------
    Term(
        name="teacher",
        page="start",
        definition=(
            "The large model that already does the task: here a BERT that was fine-tuned on it. The lab never "
            "changes it."
        ),
        idea="teacher",
    ),
    Term(
        name="student",
        page="start",
        definition="The smaller model that you derive from the teacher and train to take its place.",
        idea="student",
    ),
    Term(
        name="distillation",
        page="start",
        definition=(
            "Training a student on its teacher's predictions, with the true labels or without them. The teacher's"
            " probabilities carry more than a label: how certain it is, and which other classes come close."
        ),
        source="https://arxiv.org/abs/1503.02531",
    ),
    Term(
        name="capacity gap",
        page="start",
        definition=(
            "The difference in capacity between teacher and student. If it is too wide, the student cannot follow"
            " the teacher, and can do better with a weaker one."
        ),
        source="https://arxiv.org/abs/1902.03393",
    ),
    Term(
        name="mimics without learning",
        page="start",
        definition=(
            "A student mimics without learning if it copies its teacher's predictions, mistakes included, and "
            "ignores the true labels. Its agreement is high, but it inherits every error."
        ),
        source="https://arxiv.org/abs/2106.05945",
    ),
    Term(
        name="spurious cue",
        page="start",
        definition=(
            "A feature that goes with a label in the training data but is unrelated to it, such as a word that "
            "was inserted. A model that relies on it fails if the cue contradicts the label."
        ),
        source="https://arxiv.org/abs/2004.07780",
    ),
    # -- design ----------------------------------------------------------------------------------------------
    Term(
        name="parameters",
        page="design",
        definition="The numbers in a model that training can change. Their count is the model's size.",
    ),
    Term(
        name="capacity",
        page="design",
        definition=(
            "How much a model can learn. The lab states it in three figures: the parameters, the bits that each "
            "takes, and the bytes of the file. Half the bits are half the bytes, and as many parameters."
        ),
    ),
    Term(
        name="quantisation",
        page="design",
        definition=(
            "Each weight is rounded to one of a few values, so that it can be stored in few bits. Neighbours share a "
            "scale, a number of 16 bits, which multiplies their values. Training can go on: it moves the weights as "
            "they were before rounding, by the gradient of the rounded ones (straight-through)."
        ),
        source="https://arxiv.org/abs/1806.08342",
    ),
    Term(
        name="non-zero",
        page="design",
        definition="Parameters whose value is not 0. A zero still takes memory and arithmetic, unless file format and "
        "hardware skip it.",
    ),
    Term(
        name="multiply-accumulates",
        page="design",
        definition="MACs: one multiplication and one addition each, the unit of work in a matrix product. They measure "
        "arithmetic, not time.",
    ),
    Term(
        name="hidden size",
        page="design",
        definition="How many numbers represent each token between the layers: the width of a BERT.",
    ),
    Term(
        name="attention head",
        page="design",
        definition=(
            "A part of a layer that computes how much each token attends to every other token. A layer has "
            "several heads, side by side."
        ),
        source="https://arxiv.org/abs/1706.03762",
    ),
    Term(
        name="feed-forward",
        page="design",
        definition=(
            "The other part of a layer: two matrices that widen each token's hidden state, usually fourfold, and "
            "narrow it again."
        ),
    ),
    Term(
        name="structural pruning",
        page="design",
        definition=(
            "Pruning that removes entire layers, heads or neurons. The matrices shrink, so size, arithmetic and "
            "time all fall."
        ),
        source="https://arxiv.org/abs/1905.10650",
    ),
    Term(
        name="magnitude pruning",
        page="design",
        definition=(
            "Pruning that sets the weights closest to zero to exactly zero and keeps them there. The matrices "
            "keep their shape."
        ),
        source="https://arxiv.org/abs/1506.02626",
    ),
    Term(
        name="low rank",
        page="design",
        definition=(
            "A low-rank matrix is the product of two thin ones. The rank is their thickness: a lower rank leaves "
            "fewer numbers, but a larger error."
        ),
        source="https://doi.org/10.1007/BF02288367",
    ),
    Term(
        name="calibration data",
        page="design",
        definition=(
            "Examples that the teacher reads once, before training, to measure which heads, neurons and "
            "directions matter most. Nothing is trained on them."
        ),
        source="https://arxiv.org/abs/2403.07378",
    ),
)
