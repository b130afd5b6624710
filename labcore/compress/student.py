"""A student: a classifier of its own, the zeros that it must keep, and the steps that made it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import torch
from torch import Tensor, nn

from labcore.compress.grid import SCALES
from labcore.compress.rounding import Rounded, round_moved
from labcore.config.spec import SpecError
from labcore.config.steps import Step
from labcore.models.classifier import Classifier
from labcore.models.low_rank import matrix_of
from labcore.system import processor

FINE_TUNING_RATE = 2e-4  # for a student that starts from the teacher's weights
FROM_SCRATCH_RATE = 5e-4  # for one that starts at random; 1e-3 collapsed to a constant prediction


class WeightsNeeded(SpecError):
    """A count depends on the weights' values, and the architecture has none."""


class GradualPruning(Protocol):
    """Prunes a student a little more at some times of its training. due: the next of them, counted from 0."""

    due: int

    def __call__(self, student: Student, progress: float) -> None:
        """Prune it, if it is due at this progress of the training."""
        ...


@dataclass
class Student:
    """What `derive` makes.

    steps: those that were applied to the teacher, in order.
    seed: of random weights.
    origin: the teacher's fingerprint (see labcore.models.fingerprint), the key of remembered work on its weights.
    masks: by parameter name, true for each weight that may differ from 0; `after_step` holds it through training.
    zeros: by parameter name, the exact number of weights held at zero (known on the meta device too).
    natural: without weights, the zeros that no mask holds, as in labcore.compress.zeros; None if nothing is known.
    unknown_zeros: further zeros of a global pruning without weights: their number is exact, their indices are unknown.
    rounded: by parameter name, what holds a matrix on its grid of few values; `after_step` rounds it again.
    energy: by path of an encoder matrix, the fraction of its squared weights that the steps kept; 1 if it is not named.
    vocabulary: the teacher's ids of the tokens that were kept, in the student's order; None for all.
    reinitialised: whether all its weights were drawn at random after the steps.
    pruning: prunes a little more as training goes on, and removes itself at its end; None without gradual pruning.
    """

    model: Classifier
    steps: tuple[Step, ...] = ()
    seed: int = 0
    origin: str = ""
    masks: dict[str, Tensor] = field(default_factory=dict)
    zeros: dict[str, int] = field(default_factory=dict)
    natural: dict[str, Tensor] | None = None
    unknown_zeros: int = 0
    rounded: dict[str, Rounded] = field(default_factory=dict)
    energy: dict[str, float] = field(default_factory=dict)
    vocabulary: tuple[int, ...] | None = None
    reinitialised: bool = False
    pruning: GradualPruning | None = None

    @property
    def on_meta(self) -> bool:
        """Whether the model has shapes only, no values."""
        return next(self.model.parameters()).is_meta

    @property
    def nbytes(self) -> int:
        """Bytes of its parameters and masks, and of what holds rounded matrices, in memory."""
        tensors = [*self.model.parameters(), *self.masks.values()]
        return sum(tensor.nbytes for tensor in tensors) + sum(each.nbytes for each in self.rounded.values())

    @property
    def learning_rate(self) -> float:
        """The default rate: that of random weights, or that of the teacher's."""
        new = self.reinitialised or any(step.random_weights for step in self.steps)
        return FROM_SCRATCH_RATE if new else FINE_TUNING_RATE

    @contextmanager
    def noting_energy(self, paths: Iterable[str]) -> Iterator[None]:
        """Note the fraction of these encoder matrices' squared weights that the block keeps."""
        if self.on_meta:
            yield
            return
        before = {path: _squares(self.model.get_submodule(path)) for path in paths}
        yield
        for path, squares in before.items():
            left = _squares(self.model.get_submodule(path)) / max(squares, 1e-30)
            self.energy[path] = self.energy.get(path, 1.0) * left

    @contextmanager
    def on_device(self) -> Iterator[torch.device]:
        """Have model and masks on the chosen device within the block, and on the host after it. Yields the device."""
        device = processor.device()
        self._move(device)
        try:
            yield device
        finally:
            self._move(torch.device(processor.HOST))

    def _move(self, device: torch.device) -> None:
        nn.Module.to(self.model, device)  # transformers' own `to` does the same, but its type is lost
        self.masks = {name: mask.to(device) for name, mask in self.masks.items()}
        for rounded in self.rounded.values():
            rounded.to(device)

    def tensors(self) -> dict[str, Tensor]:
        """The model's tensors, and the scales of its rounded matrices, by name."""
        scales = {f"{name}{SCALES}": each.scales for name, each in self.rounded.items() if each.scales is not None}
        return self.model.state_dict() | scales

    def take(self, tensors: Mapping[str, Tensor]) -> None:
        """Have the values of such tensors. The weights before rounding are not among them, so they are forgotten."""
        self.model.load_state_dict({name: tensors[name] for name in self.model.state_dict()})
        for name, each in self.rounded.items():
            device = self.model.get_parameter(name).device
            each.scales, each.latent = tensors[f"{name}{SCALES}"].to(device, copy=True), None

    @property
    def pruning_complete(self) -> bool:
        """Whether pruning is complete: not while a gradual pruning goes on."""
        return self.pruning is None

    def before_step(self) -> None:
        """Before an optimiser step, after the backward pass: have it move the weights as they were before rounding."""
        for name, rounded in self.rounded.items():
            parameter = self.model.get_parameter(name)
            if parameter.grad is not None:  # else the optimiser leaves it, and it stays as it is
                rounded.release(parameter)

    @torch.no_grad()
    def after_step(self, progress: float = 1.0) -> None:
        """Hold zeros and grids after an optimiser step. progress: the fraction of training that is done.

        Pruned weights are set to zero again, because an optimiser's momentum moves weights whose gradient is zero.
        """
        if self.pruning is not None:
            self.pruning(self, progress)
        self.hold_zeros()
        round_moved((self.model.get_parameter(name), rounded) for name, rounded in self.rounded.items())

    def round_again(self) -> None:
        """Round all that was rounded, on scales of least error for the weights as they are now."""
        self.rounded = {
            name: Rounded.of(self.model.get_parameter(name), each.grid) for name, each in self.rounded.items()
        }

    def hold_gradients(self) -> None:
        """Make the gradient of each held zero 0, for a training loop that is not the lab's.

        A new optimiser then leaves the zeros: its moments of them are 0, and so is the weight decay.
        """
        for name, mask in self.masks.items():
            self.model.get_parameter(name).register_hook(partial(_masked, mask))

    @torch.no_grad()
    def hold_zeros(self) -> None:
        """Set each weight to zero whose mask is false."""
        for name, mask in self.masks.items():
            self.model.get_parameter(name).mul_(mask)


def _masked(mask: Tensor, gradient: Tensor) -> Tensor:
    """The gradient, 0 where the mask is false, of its own type and on its own device."""
    return gradient * mask.to(gradient.device, gradient.dtype)


def _squares(module: nn.Module) -> float:
    return float(matrix_of(module).detach().square().sum())
