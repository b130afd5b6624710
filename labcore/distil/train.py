"""The one training: a generator of events.

A test calls `list(distil(...))`, a thread iterates, and closing the generator stops the training. It has no knowledge
of files, threads or pages. At each event you can take a checkpoint, from which the training goes on as if nothing had
stopped it.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import nn

from labcore.compress.student import Student
from labcore.config.training import DistilConfig
from labcore.data.batches import Encoded
from labcore.distil.best_checkpoint import BestCheckpoint
from labcore.distil.checkpoint import Checkpoint, Checkpoints, restore
from labcore.distil.clock import Clock
from labcore.distil.condition_evaluator import ConditionEvaluator
from labcore.distil.data_order import DataOrder
from labcore.distil.live_teacher import LiveTeacher
from labcore.distil.objective import Objective
from labcore.distil.optimiser import Optimiser, sparse_embeddings
from labcore.distil.position import TrainingEvent
from labcore.distil.precision import autocast, hardware_bf16
from labcore.distil.targets import Targets
from labcore.distil.training_loop import TrainingLoop
from labcore.models.classifier import set_dropout


def distil(
    student: Student,
    train: Encoded,
    validation: Encoded,
    targets: Targets,
    validation_targets: Targets,
    config: DistilConfig,
    *,
    teacher: LiveTeacher | None = None,
    conditions: ConditionEvaluator | None = None,
    bf16: bool | None = None,
    resume: Checkpoint | None = None,
    checkpoints: Checkpoints | None = None,
) -> Iterator[TrainingEvent]:
    """Train `student`; yields each optimiser step and each validation, the first before any training.

    At the end the student holds the weights that were best on validation. `targets` need `states` for a loss over
    hidden states at [CLS]. Losses over all tokens, the layer map `similar` and Similarity events need the live
    `teacher`. With `conditions`, a ConditionAccuracy follows each validation. If `bf16` is None, hardware
    support decides.
    It trains on the chosen device; before and after, the student is on the host.
    Unless the length is in seconds, the result is deterministic for `config.seed` on one machine. For that, nothing
    else may use torch's global generator meanwhile, from which dropout draws. A GPU may add in another order.
    `checkpoints` takes checkpoints of this training. `resume` is one of a training with equal arguments, the student
    untrained as at its start: the events after that checkpoint follow, and the same student.
    Raises SpecError if a loss term compares nothing, and FloatingPointError if the loss is not finite.
    """
    torch.manual_seed(config.seed)
    precision = autocast(hardware_bf16() if bf16 is None else bf16)
    set_dropout(student.model, config.dropout)
    teacher = teacher and teacher.placed()
    with student.on_device() as device, sparse_embeddings(student.model, config.embeddings) as embeddings:
        with precision:
            objective = Objective(student, train, targets, config, teacher)
        loop = TrainingLoop(
            student=student,
            config=config,
            objective=objective,
            optimiser=_optimiser(student, config, objective, embeddings),
            batches=DataOrder(train, config.batch_size, config.seed, device),
            clock=Clock(config, train),
            best=BestCheckpoint(student, validation, validation_targets),
            conditions=conditions,
            precision=precision,
        )
        resumables = loop.resumables(device)
        if resume is not None:
            restore(resume, resumables)
        del resume  # or its tensors would stay in memory
        checkpoints = checkpoints or Checkpoints()
        for event in loop.events():
            with checkpoints.at_event(resumables):
                yield event


def _optimiser(
    student: Student, config: DistilConfig, objective: Objective, embeddings: list[nn.Parameter]
) -> Optimiser:
    parameters = [*student.model.parameters(), *objective.projections.parameters()]
    return Optimiser(parameters, embeddings, config.learning_rate or student.learning_rate, config.weight_decay)
