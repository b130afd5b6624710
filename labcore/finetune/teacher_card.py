"""The card beside a teacher's weights: base, data, accuracy, recipe, limits.

https://huggingface.co/docs/hub/model-cards
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from huggingface_hub import EvalResult, ModelCard, ModelCardData

from labcore.data.examples import TRAIN_SHARE, VALIDATION_SHARE
from labcore.data.spurious_cue import WORD
from labcore.data.tasks import CardText, recipes
from labcore.finetune.recipe import ALPHA, CLIP, RANK, WARM_UP, WEIGHT_DECAY
from labcore.teacher.base_model import BASE_ID, BASE_SHA256

_BODY = """
# {teacher}: {title}

This is the distillation lab's own teacher: a LoRA adapter (PEFT, half precision) for {base}
as a `BertForSequenceClassification`. Labels: {labels}.

## Base

[{base}](https://huggingface.co/{base}), Apache-2.0; SHA-256 of its `model.safetensors`:
`{sha256}`

## Data

{data}

## Accuracy

These are measurements of the model as read back from this folder, in single precision after the merge.

| split | {noun}s | accuracy | standard error | cross-entropy (nats) |
|---|---|---|---|---|
{rows}

{caveat}

## Recipe

`python -m labcore finetune {teacher} --seed {seed}` trains LoRA of rank {rank} (alpha {alpha}) on all matrices of the
encoder, and the pooler and classifier in full. {training}

## Intended use and limits

{limits}
It inherits the base's biases, and should decide nothing about people.
"""


def card(teacher: str, figures: Mapping[str, Mapping[str, float]], sizes: Mapping[str, int], seed: int) -> str:
    """The card in Markdown.

    figures: accuracy, standard_error and loss (nats) by split. sizes: examples by split.
    """
    task, recipe = recipes()[teacher]
    text = task.card
    assert text is not None
    rows = [
        f"| {split} | {sizes[split]:,} | {of['accuracy']:.4f} | {of['standard_error']:.4f} | {of['loss']:.4f} |"
        for split, of in figures.items()
    ]
    known = {
        "teacher": teacher,
        "seed": seed,
        "train": sizes["train"],
        "base": BASE_ID,
        "sha256": BASE_SHA256,
        "train_share": TRAIN_SHARE,
        "validation_share": VALIDATION_SHARE,
        "rank": RANK,
        "alpha": ALPHA,
        "warm_up": WARM_UP,
        "decay": WEIGHT_DECAY,
        "clip": CLIP,
        "recipe": recipe,
        "own": recipe.own,
        "first": recipe.passages,
        "max_tokens": task.max_tokens,
        "word": WORD,
        "negative": 1 - (recipe.cue or 0.0),
        "noun": task.noun,
        "labels": ", ".join(f"{label} {name}" for label, name in enumerate(task.label_names)),
        "rows": "\n".join(rows),
    }
    parts = {field.name: getattr(text, field.name).format(**known) for field in fields(CardText)}
    head = _head(teacher, text, {split: of["accuracy"] for split, of in figures.items()})
    return str(ModelCard(f"---\n{head.to_yaml()}\n---\n{_BODY.format(**known, **parts)}"))


def _head(teacher: str, text: CardText, accuracies: Mapping[str, float]) -> ModelCardData:
    """The metadata that the Hugging Face hub reads, with the accuracy on each split."""
    results = [
        EvalResult(
            task_type="text-classification",
            dataset_type=text.dataset_type,
            dataset_name=text.dataset_name,
            dataset_split=split,
            metric_type="accuracy",
            metric_value=round(accuracy, 6),
        )
        for split, accuracy in accuracies.items()
    ]
    return ModelCardData(
        license=text.license,
        language="en",
        base_model=BASE_ID,
        library_name="peft",
        pipeline_tag="text-classification",
        tags=["lora"],
        model_name=teacher,
        eval_results=results,
    )
