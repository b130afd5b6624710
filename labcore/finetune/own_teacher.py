"""A teacher of your own: the pre-trained MiniLM, fine-tuned on any task, data sets of your own included."""

from __future__ import annotations

import time
from collections.abc import Generator
from pathlib import Path
from typing import cast

import torch
from peft import PeftModel
from torch import nn

from labcore.config.finetuning import VALIDATED, FineTuning
from labcore.data.batches import encode
from labcore.data.tasks import Task, load_task
from labcore.distil.precision import hardware_bf16
from labcore.evaluate.chance import chance_accuracy
from labcore.evaluate.metrics import predict
from labcore.finetune.own_card import card
from labcore.finetune.recipe import TrainingStage
from labcore.finetune.train_stage import figures_of, train_stage, with_adapter
from labcore.models.classifier import Classifier
from labcore.results.events import TeacherValidation, TrainStep
from labcore.system import processor
from labcore.system.files import folder_beside, place_folder
from labcore.teacher.load import load_base, load_teacher, load_tokenizer
from labcore.teacher.own_teachers import TeacherFigures

SMOOTHING = 0.1  # of the labels

FineTuningEvent = TrainStep | TeacherValidation


def fine_tune(config: FineTuning, folder: Path, title: str) -> Generator[FineTuningEvent, None, TeacherFigures]:
    """Fine-tune the base on the task, keep the best checkpoint on validation, and write it to `folder`.

    The folder must not exist; it appears whole or not at all, and opens in transformers. Returns the figures on the
    test split of the model as read back. Closed early, it leaves nothing.
    Raises SpecError if there is no such task, FloatingPointError if the loss is not finite, and OSError.
    """
    started, task = time.perf_counter(), load_task(config.task)
    tokenizer, splits = load_tokenizer(), task.teacher_splits
    train = encode(tokenizer, splits["train"], task.max_tokens)
    validation = encode(tokenizer, splits["validation"].spread(VALIDATED), task.max_tokens)
    epochs = config.epochs_for(len(train))
    stage = TrainingStage(
        name=config.method,
        epochs=epochs,
        batch=config.batch_size,
        rate=config.rate,
        smoothing=SMOOTHING,
        max_tokens=task.max_tokens,
    )
    torch.manual_seed(config.seed)
    model: nn.Module = with_adapter(len(task.label_names)) if config.method == "lora" else _without_adapter(task)
    model.to(processor.device())
    majority = chance_accuracy(validation.labels.tolist())
    best, weights = (-1.0, 0.0), {}
    for event in train_stage(
        model,
        stage,
        train,
        validation,
        config.seed,
        validations=config.validations_for(len(train)) // epochs,
        bf16=hardware_bf16(),
    ):
        if event["event"] == "step":
            yield _step(event)
            continue
        score = (event["accuracy"], -event["loss"])
        if better := score > best:
            best = score
            weights = {name: p.detach().clone() for name, p in model.named_parameters() if p.requires_grad}
        yield TeacherValidation(
            step=event["step"], accuracy=event["accuracy"], loss=event["loss"], majority=majority, best=better
        )
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if name in weights:
                parameter.copy_(weights[name])

    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder_beside(folder, ".model-") as temporary:
        place = temporary / "model"
        _save(model, task, place)
        tokenizer.model_max_length = task.max_tokens
        tokenizer.save_pretrained(place)
        test = encode(tokenizer, splits["test"], task.max_tokens)
        figures = TeacherFigures(
            accuracy=figures_of(predict(load_teacher(str(place)), test), test.labels)["accuracy"],
            majority=chance_accuracy(test.labels.tolist()),
            examples=len(test),
            train=len(train),
            seconds=time.perf_counter() - started,
        )
        (place / "README.md").write_text(card(title, task, config, epochs, figures), encoding="utf-8")
        place_folder(place, folder)
    return figures


def _without_adapter(task: Task) -> nn.Module:
    return load_base(len(task.label_names)).requires_grad_(True)


def _save(model: nn.Module, task: Task, folder: Path) -> None:
    """The model as transformers saves it, an adapter merged, with the task's label names in its config."""
    model.to(processor.HOST)
    classifier = cast(Classifier, model.merge_and_unload() if isinstance(model, PeftModel) else model)
    classifier.config.id2label = dict(enumerate(task.label_names))
    classifier.config.label2id = {name: label for label, name in enumerate(task.label_names)}
    classifier.save_pretrained(folder)


def _step(event: dict[str, float]) -> TrainStep:
    return TrainStep(
        step=int(event["step"]),
        steps=int(event["steps"]),
        examples=int(event["examples"]),
        seconds=event["elapsed"],
        elapsed=event["elapsed"],
        learning_rate=event["rate"],
        total=event["loss"],
        losses={"hard": event["loss"]},
        progress=event["step"] / event["steps"],
    )
