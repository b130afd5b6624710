"""One stage of fine-tuning: labels only, AdamW, cross-entropy. Every teacher that the lab makes is trained by it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, cast

import torch
from peft import LoraConfig, PeftModel, TaskType, get_peft_model
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from labcore.data.batches import Encoded, batches_in_epoch, training_batches
from labcore.distil.precision import autocast
from labcore.evaluate.metrics import accuracy, predict
from labcore.finetune.recipe import ALPHA, CLIP, RANK, WARM_UP, WEIGHT_DECAY, TrainingStage
from labcore.models import encoder
from labcore.models.classifier import Classifier
from labcore.models.family import family_of
from labcore.models.placement import device_of
from labcore.results.accuracy_error import standard_error
from labcore.teacher.base_model import BASE_ID
from labcore.teacher.load import load_base

Event = dict[str, Any]  # plain data that json can write


def with_adapter(labels: int) -> PeftModel:
    """The pre-trained base under a new LoRA adapter of its encoder matrices; pooler and classifier train in full."""
    base = load_base(labels)
    base.name_or_path = BASE_ID  # PEFT stores it as the adapter's base
    pooler, dense = family_of(base.config).trained_in_full()
    config = LoraConfig(
        task_type=TaskType.SEQ_CLS,  # which trains the classifier in full, too
        r=RANK,
        lora_alpha=ALPHA,
        target_modules="all-linear",
        exclude_modules=[dense],
        modules_to_save=[pooler],
    )
    adapted = get_peft_model(base, config)
    assert isinstance(adapted, PeftModel)
    return adapted


def bare(model: nn.Module) -> Classifier:
    """The classifier itself, in an adapter or not."""
    return cast(Classifier, model.get_base_model() if isinstance(model, PeftModel) else model)


def train_stage(
    model: nn.Module,
    stage: TrainingStage,
    train: Encoded,
    validation: Encoded,
    seed: int,
    *,
    validations: int = 1,
    bf16: bool = False,
) -> Iterator[Event]:
    """Train all of the model's trainable weights for one stage.

    Events: {"event": "step", "stage", "step", "steps", "loss" in nats, "rate", "examples", "elapsed"}; `validations`
    times in each epoch {"event": "validation", "stage", "epoch", "step", "accuracy", "standard_error", "loss"}.
    bf16: whether matrix products of the training are in bfloat16. Raises FloatingPointError if the loss is not finite.
    """
    order = torch.Generator().manual_seed(seed)
    classifier, started = bare(model), time.perf_counter()
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=stage.rate, weight_decay=WEIGHT_DECAY)
    in_epoch = batches_in_epoch(train, stage.batch)
    steps, step, examples = stage.epochs * in_epoch, 0, 0
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda done: min((done + 1) / (WARM_UP * steps), 1.0) * (1 - done / steps)
    )
    evaluated_after = {in_epoch * part // validations for part in range(1, validations + 1)}
    for epoch in range(1, stage.epochs + 1):
        for place, batch in enumerate(training_batches(train, stage.batch, order, device_of(classifier)), 1):
            model.train()
            with autocast(bf16):
                logits = encoder.forward(classifier, batch.ids, batch.mask, batch.types).logits  # (B, C)
            loss = cross_entropy(logits.float(), batch.labels, label_smoothing=stage.smoothing)
            if not torch.isfinite(loss):
                raise FloatingPointError(
                    f"the loss is not finite at step {step + 1} of {steps}; lower the learning rate, which is "
                    f"{stage.rate:g} at most"
                )
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(trained, CLIP)
            rate = schedule.get_last_lr()[0]
            optimiser.step()
            schedule.step()
            step, examples = step + 1, examples + len(batch.index)
            elapsed = time.perf_counter() - started
            now = {"stage": stage.name, "step": step, "steps": steps}
            yield {"event": "step", **now, "loss": loss.item(), "rate": rate, "examples": examples, "elapsed": elapsed}
            if place in evaluated_after:
                with autocast(bf16):
                    figures = figures_of(predict(classifier, validation), validation.labels)
                yield {"event": "validation", "stage": stage.name, "epoch": epoch, "step": step, **figures}


def figures_of(logits: Tensor, labels: Tensor) -> dict[str, float]:
    """Accuracy, its standard error, and the mean cross-entropy in nats."""
    share = accuracy(logits, labels)
    return {
        "accuracy": share,
        "standard_error": standard_error(share, len(labels)),
        "loss": float(cross_entropy(logits, labels)),
    }
