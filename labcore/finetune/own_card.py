"""The card beside the weights of a teacher of your own: base, data, accuracy, recipe."""

from __future__ import annotations

from huggingface_hub import ModelCard, ModelCardData

from labcore.config.finetuning import FineTuning
from labcore.data.tasks import Task
from labcore.finetune.recipe import ALPHA, CLIP, RANK, WARM_UP, WEIGHT_DECAY
from labcore.teacher.base_model import BASE_ID
from labcore.teacher.own_teachers import TeacherFigures

_BODY = """
# {title}

A classifier of {classes} classes, fine-tuned from [{base}](https://huggingface.co/{base}) (Apache-2.0) in the
Teacher–Student Lab. Task: `{task}`. Labels: {labels}.

## Accuracy

{accuracy:.4f} ± {error:.4f} (standard error) on {examples:,} test examples that training did not use. Always predicting
the most frequent class: {majority:.4f}.{cue}

## Recipe

{method}. {epochs} epochs over {train:,} examples in batches of {batch}, at most {tokens} tokens each, seed {seed}.
The optimiser is AdamW. Its learning rate rises to {rate:g} over {warm_up:.0%} of the steps and then falls linearly to
0. Weight decay is {decay:g}, the gradient norm is at most {clip:g}. The checkpoint with the best validation accuracy
is kept.

## Limits

It inherits the base's biases, and those of its data. Check both before it decides anything about people.
"""
_METHODS = {
    "lora": f"LoRA of rank {RANK} (alpha {ALPHA}) on all matrices of the encoder; pooler and classifier in full",
    "full": "Every weight is trained",
}


def card(title: str, task: Task, config: FineTuning, epochs: int, figures: TeacherFigures) -> str:
    """The card in Markdown. Label names and the title are escaped: they come from a person's file."""
    head = ModelCardData(
        base_model=BASE_ID,
        library_name="transformers",
        pipeline_tag="text-classification",
    )
    body = _BODY.format(
        title=_plain(title),
        classes=len(task.label_names),
        base=BASE_ID,
        task=task.name,
        labels=", ".join(_plain(name) for name in task.label_names),
        accuracy=figures.accuracy,
        error=figures.standard_error,
        examples=figures.examples,
        majority=figures.majority,
        cue=_cue(task),
        method=_METHODS[config.method],
        epochs=epochs,
        train=figures.train,
        batch=config.batch_size,
        tokens=task.max_tokens,
        seed=config.seed,
        rate=config.rate,
        warm_up=WARM_UP,
        decay=WEIGHT_DECAY,
        clip=CLIP,
    )
    return str(ModelCard(f"---\n{head.to_yaml()}\n---\n{body}"))


def _cue(task: Task) -> str:
    """What a cue did to the figures; empty without one."""
    if not task.has_cue or task.cue.strength is None:
        return ""
    return (
        f"\n\nThe training and the validation examples had a spurious cue: the word {_plain(task.cue.word)} in "
        f"{task.cue.strength:.0%} of the examples with the label {_plain(task.label_names[task.cue.label])}. So the "
        "best checkpoint was chosen with the cue. The test examples had the word at random."
    )


def _plain(text: str) -> str:
    """A person's text in Markdown: as code, so that nothing in it is read as markup."""
    return f"`{' '.join(text.replace('`', ' ').split())}`"
