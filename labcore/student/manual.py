"""The chapter's manual student: a BERT of other sizes, from a random start or cut out of the teacher."""

from __future__ import annotations

from dataclasses import replace

import torch
from transformers import BertForSequenceClassification

from labcore.spec import Manual, SpecError
from labcore.steps import divisibility
from labcore.student.layers import picked_layers
from labcore.student.student import FROM_SCRATCH_RATE, Student
from labcore.teacher import bert
from labcore.teacher.architecture import Architecture


def manual_architecture(of: Architecture, step: Manual) -> Architecture:
    """The sizes that the step asks for; a size left out is half of `of`'s (never below 1). Raises SpecError."""
    made = replace(
        of,
        hidden=step.hidden or max(1, of.hidden // 2),
        layers=step.layers or max(1, of.layers // 2),
        heads=step.heads or max(1, of.heads // 2),
        intermediate=step.intermediate or max(1, of.intermediate // 2),
    )
    if made.hidden % made.heads:
        raise SpecError(divisibility(made.hidden, made.heads))
    return made


def manual(student: Student, step: Manual) -> None:
    """Put a new BERT in the student's place. Raises SpecError for sizes that can't be had."""
    source = student.model
    of = bert.architecture_of(source)
    made = manual_architecture(of, step)
    with torch.device("meta" if student.on_meta else "cpu"):
        student.model = bert.build(made, source.config).train(source.training)
    if step.init == "teacher":
        _cut_out(source, of, student.model, made)
    else:
        student.learning_rate = FROM_SCRATCH_RATE


@torch.no_grad()
def _cut_out(
    source: BertForSequenceClassification, of: Architecture, target: BertForSequenceClassification, made: Architecture
) -> None:
    """Fill `target` with evenly picked layers of `source`, and of each tensor the first rows and columns that fit."""
    for name in ("hidden", "layers", "intermediate"):
        size, limit = getattr(made, name), getattr(of, name)
        if size > limit:
            raise SpecError(
                f"manual.{name} is {size}, but init 'teacher' can only cut out of the teacher's {limit}; "
                f"give at most {limit}, or init 'random'"
            )
    layers = picked_layers(of.layers, made.layers, "even")
    tensors = dict(source.named_parameters())
    for name, parameter in target.named_parameters():
        layer = bert.layer_of(name)
        origin = name if layer is None else bert.in_layer(name, layers[layer])
        if origin not in tensors:
            raise SpecError(
                "manual with init 'teacher' needs whole matrices; put it before 'factorise', or give init 'random'"
            )
        parameter.copy_(tensors[origin][tuple(slice(size) for size in parameter.shape)])
