"""A training half-way, as tensors and plain values: all that the rest of it follows from.

What takes part in a training and changes on the way is `Resumable`: it gives its `State`, and takes one over. A
checkpoint is the states of all of them at one event. Each is restored into a training that was begun with the same
student, data and configuration.

On disk it is one safetensors file. Tensors are in its body, plain values in its header as JSON, so that reading it runs
no code of the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from labcore.config.checks import SpecError
from labcore.distil.checkpoint_header import DAMAGED, HEADER
from labcore.models.placement import to_host
from labcore.system import processor
from labcore.system.files import replacing

SEPARATOR = "/"  # between the name of what a tensor belongs to, and the tensor's own name


@dataclass(frozen=True, eq=False)
class State:
    """tensors: by name, on any device; they may be the training's own, so they change with its next step.

    values: ready for JSON.
    """

    tensors: Mapping[str, Tensor] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)


Checkpoint = Mapping[str, State]  # by the name of what takes part


class Resumable(Protocol):
    """Something that takes part in a training and changes on the way."""

    def state(self) -> State:
        """All that its further behaviour follows from, besides what it was made of."""
        ...

    def restore(self, state: State) -> None:
        """Take over a state, in memory of its own."""
        ...


class Checkpoints:
    """Takes checkpoints of one training: give it to `distil`, and `take` one at any event."""

    def __init__(self) -> None:
        self._waiting: Mapping[str, Resumable] | None = None

    @contextmanager
    def at_event(self, resumables: Mapping[str, Resumable]) -> Iterator[None]:
        """Within the block the training waits at an event, so that its state is complete."""
        self._waiting = resumables
        try:
            yield
        finally:
            self._waiting = None

    def take(self) -> Checkpoint | None:
        """The training at the event at which it waits; None if it is within a step, or has ended.

        Save it before the training goes on, because its tensors change then.
        """
        if self._waiting is None:
            return None
        return {name: resumable.state() for name, resumable in self._waiting.items()}


def restore(checkpoint: Checkpoint, resumables: Mapping[str, Resumable]) -> None:
    """Take over all states of a checkpoint. Raises SpecError if it is one of another kind of training."""
    if checkpoint.keys() != resumables.keys():
        raise SpecError("this checkpoint is of another version of the lab, so no training can resume from it")
    for name, resumable in resumables.items():
        resumable.restore(checkpoint[name])


def save_checkpoint(checkpoint: Checkpoint, path: Path, about: Mapping[str, Any] | None = None) -> None:
    """Write a checkpoint, whole or not at all, with plain values `about` it. Raises OSError, or safetensors' error."""
    tensors: dict[str, Tensor] = {}
    memory: set[int] = set()
    for owner, state in checkpoint.items():
        for name, tensor in state.tensors.items():
            saved = to_host(tensor.detach()).contiguous()
            start = saved.untyped_storage().data_ptr()
            if saved.numel() and start in memory:  # the file format takes no two tensors of the same memory
                saved = saved.clone()
            memory.add(start)
            tensors[f"{owner}{SEPARATOR}{name}"] = saved
    values = {"states": {owner: dict(state.values) for owner, state in checkpoint.items()}, "about": dict(about or {})}
    with replacing(path) as beside:
        save_file(tensors, beside, metadata={HEADER: json.dumps(values)})


def load_checkpoint(path: Path) -> tuple[Checkpoint, dict[str, Any]]:
    """A saved checkpoint, on the host, and the plain values about it.

    Raises SpecError if the file is missing or damaged.
    """
    try:
        with safe_open(path, framework="pt") as content:
            values = json.loads(content.metadata()[HEADER])
            tensors: dict[str, dict[str, Tensor]] = {owner: {} for owner in values["states"]}
            for key in content.keys():  # noqa: SIM118 (it is no mapping)
                owner, name = key.split(SEPARATOR, 1)
                tensors[owner][name] = content.get_tensor(key)
            states = {owner: State(tensors[owner], plain) for owner, plain in values["states"].items()}
            return states, values["about"]
    except (*DAMAGED, SafetensorError) as error:
        raise SpecError(f"the checkpoint can't be read ({error}), so no training can resume from it") from None


@dataclass(frozen=True)
class Weights:
    """The weights of a module that is trained."""

    module: nn.Module

    def state(self) -> State:
        """The module's own tensors."""
        return State(self.module.state_dict())

    def restore(self, state: State) -> None:
        """Copy the values into the module's tensors."""
        self.module.load_state_dict(state.tensors)


@dataclass(frozen=True)
class GlobalGenerators:
    """torch's generators that belong to no object: dropout draws from that of the device."""

    device: torch.device

    def state(self) -> State:
        """Those of the host and of the device."""
        return State(processor.generator_states(self.device))

    def restore(self, state: State) -> None:
        """Have them go on from there."""
        processor.set_generator_states(state.tensors)
