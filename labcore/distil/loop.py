"""The one training loop: a generator of events.

A test says `list(distil(...))`, a thread iterates, a stop closes. It knows nothing of files, threads or pages,
and never asks how the student was derived: the student's own `after_step` keeps what must be kept.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.nn.utils import clip_grad_norm_

from labcore.data.batches import Batch, Encoded, batches_in_epoch, training_batches
from labcore.distil.evaluate import accuracy, agreement, predict
from labcore.distil.losses import hard_loss, hidden_loss, soft_loss
from labcore.distil.match import Projections, even_layer_map
from labcore.distil.targets import Targets
from labcore.record import TrainStep, Validation
from labcore.spec import Distil
from labcore.student.student import Student
from labcore.teacher import bert

WARM_UP = 0.1  # share of the steps in which the learning rate rises; then it falls to 0
WEIGHT_DECAY = 0.01
MAX_GRADIENT_NORM = 1.0
VALIDATIONS_PER_EPOCH = 3


def hardware_bf16() -> bool:
    """Whether this processor multiplies bfloat16 in hardware; in software it is far slower than fp32."""
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


def distil(
    student: Student,
    train: Encoded,
    validation: Encoded,
    targets: Targets,
    validation_targets: Targets,
    how: Distil,
    *,
    bf16: bool | None = None,
) -> Iterator[TrainStep | Validation]:
    """Teach `student`; yields each optimiser step and each validation, the first before any training.

    At the end the student holds the weights that did best on validation. `targets` need `states` where
    `how.hidden` is above 0. `bf16` None takes it where the processor does it in hardware. Deterministic for
    `how.seed` on one machine, if torch's global generator is left alone meanwhile (dropout draws from it).
    """
    model = student.model
    torch.manual_seed(how.seed)
    order = torch.Generator().manual_seed(how.seed)
    autocast = (
        torch.autocast("cpu", torch.bfloat16)
        if (hardware_bf16() if bf16 is None else bf16)
        else contextlib.nullcontext()
    )

    lesson = _Lesson(student, targets, how)
    parameters = [*model.parameters(), *lesson.projections.parameters()]
    rate = how.learning_rate or student.learning_rate
    optimiser = torch.optim.AdamW(parameters, lr=rate, weight_decay=WEIGHT_DECAY, fused=True)
    per_epoch = batches_in_epoch(train, how.batch_size)
    steps = per_epoch * how.epochs
    interval = max(1, per_epoch // VALIDATIONS_PER_EPOCH)

    best = _Best(student, validation, validation_targets)
    with autocast:
        first = best.validate(0)
    yield first
    step, sentences, seconds, began = 0, 0, 0.0, time.perf_counter()
    for _ in range(how.epochs):
        for batch in training_batches(train, how.batch_size, order):
            started = time.perf_counter()
            model.train()
            for group in optimiser.param_groups:
                group["lr"] = rate * schedule(step, steps)
            with autocast:
                losses = lesson.losses(batch)
            optimiser.zero_grad(set_to_none=True)
            losses["total"].backward()
            clip_grad_norm_(parameters, MAX_GRADIENT_NORM)
            optimiser.step()
            student.after_step()
            step += 1
            sentences += len(batch.labels)
            seconds += time.perf_counter() - started
            values = {name: float(loss.detach()) for name, loss in losses.items()}
            if not math.isfinite(values["total"]):
                raise FloatingPointError(
                    f"the loss became {values['total']} at step {step}; lower the learning rate (it is {rate:g}) or the weights of the loss"
                )
            yield TrainStep(
                step,
                steps,
                sentences,
                seconds,
                time.perf_counter() - began,
                optimiser.param_groups[0]["lr"],
                hidden=values.pop("hidden", None),
                **values,
            )
            if step % interval == 0 or step == steps:
                with autocast:
                    event = best.validate(step)
                yield event
    best.restore()


def schedule(step: int, steps: int) -> float:
    """The share of the learning rate at a step (from 0): rises over the warm-up, then falls linearly towards 0."""
    warm_up = max(1, round(WARM_UP * steps))
    return min((step + 1) / warm_up, (steps - step) / max(1, steps - warm_up + 1))


class _Lesson:
    """The loss of one batch, with what it needs of the teacher."""

    def __init__(self, student: Student, targets: Targets, how: Distil):
        self.model, self.targets, self.how = student.model, targets, how
        shape = bert.architecture_of(student.model)
        if how.hidden and targets.states is None:
            raise ValueError("a hidden loss needs targets with states")
        if how.hidden and targets.states is not None:
            _, teacher_layers, teacher_hidden = targets.states.shape
            self.layer_map = even_layer_map(shape.layers, teacher_layers)
            self.projections = Projections(shape.layers, shape.hidden, teacher_hidden)
        else:
            self.projections = Projections(0, shape.hidden, shape.hidden)

    def losses(self, batch: Batch) -> dict[str, Tensor]:
        """Raw parts, and `total`, their weighted sum. Losses are taken in fp32, also under autocast."""
        logits, states = bert.forward(self.model, batch.ids, batch.mask)
        logits = logits.float()
        how = self.how
        parts = {
            "hard": hard_loss(logits, batch.labels),
            "soft": soft_loss(logits, self.targets.logits[batch.index], how.temperature),
        }
        total = how.hard * parts["hard"] + how.soft * parts["soft"]
        if how.hidden and self.targets.states is not None:
            theirs = self.targets.states[batch.index]  # (B, L, H)
            projected = [state.float() for state in self.projections(states)]
            parts["hidden"] = hidden_loss(projected, [theirs[:, layer] for layer in self.layer_map])
            total = total + how.hidden * parts["hidden"]
        return {"total": total, **parts}


class _Best:
    """Validates the student and remembers its best weights: the highest accuracy, at equal accuracy the lowest loss."""

    def __init__(self, student: Student, validation: Encoded, targets: Targets):
        self.student, self.validation, self.targets = student, validation, targets
        self.teacher_accuracy = accuracy(targets.logits, validation.labels)
        self.score = (-1.0, 0.0)
        self.weights: dict[str, Tensor] = {}

    def validate(self, step: int) -> Validation:
        logits = predict(self.student.model, self.validation)
        right, loss = accuracy(logits, self.validation.labels), float(F.cross_entropy(logits, self.validation.labels))
        is_best = (right, -loss) > self.score
        if is_best:
            self.score = (right, -loss)
            self.weights = {name: tensor.clone() for name, tensor in self.student.model.state_dict().items()}
        agree = agreement(logits, self.targets.logits)
        return Validation(step, right, agree, loss, self.teacher_accuracy, is_best)

    def restore(self) -> None:
        self.student.model.load_state_dict(self.weights)
