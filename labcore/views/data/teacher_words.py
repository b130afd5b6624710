"""Teachers of your own in words."""

from __future__ import annotations

from labcore.config.finetuning import FineTuning
from labcore.teacher.own_teachers import Origin, OwnTeacher
from labcore.views.words import duration, moment, percent

METHODS = {"lora": "LoRA", "full": "full fine-tuning"}
ORIGINS: dict[Origin, str] = {
    "made": "fine-tuned here",
    "folder": "a folder of this lab's host",
    "upload": "uploaded",
    "hub": "from the Hugging Face hub",
}


def accuracy_in_words(teacher: OwnTeacher) -> str:
    """Its accuracy ± standard error, on which split, beside the majority baseline; empty if nothing was measured."""
    figures = teacher.figures
    if figures is None:
        return ""
    split = "test" if teacher.origin == "made" else "validation"
    return (
        f"{percent(figures.accuracy, 1)} ± {percent(figures.standard_error, 1)} on {figures.examples:,} {split} "
        f"examples (majority baseline {percent(figures.majority, 1)})"
    )


def origin_in_words(teacher: OwnTeacher) -> str:
    """How the teacher came here, such as `fine-tuned here by LoRA in 2 min 05 s · 27 November 2026, 09:24 UTC`."""
    words = ORIGINS[teacher.origin]
    if teacher.finetuning is not None:
        words += f" by {METHODS[teacher.finetuning.method]}"
        if teacher.figures is not None:
            words += f" on {teacher.figures.train:,} examples in {duration(teacher.figures.seconds)}"
    return f"{words} · {moment(teacher.created)}"


def plan_in_words(config: FineTuning, examples: int) -> str:
    """What a fine-tuning will do: `LoRA, 3 epochs over 3,750 examples`."""
    epochs = config.epochs_for(examples)
    return f"{METHODS[config.method]}, {epochs} epoch{'s' if epochs != 1 else ''} over {examples:,} training examples"
