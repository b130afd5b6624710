"""A student: a BERT classifier of its own, the zeros that it must keep, and how it came about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor, nn

from labcore.config.spec import SpecError
from labcore.config.steps import Step
from labcore.models.classifier import Classifier
from labcore.models.low_rank import matrix_of

FINE_TUNING_RATE = 2e-4  # for a student that starts from the teacher's weights
FROM_SCRATCH_RATE = 5e-4  # for one that starts at random; 1e-3 collapsed to a constant answer


class WeightsNeeded(SpecError):
    """A count that depends on the weights' values, asked of an architecture that has none."""


@dataclass
class Student:
    """What `derive` makes.

    steps: what was done to the teacher, in order.
    seed: of random starts.
    origin: the teacher's fingerprint (see labcore.models.fingerprint), by which work on its weights is remembered.
    masks: by parameter name, true where a weight may live; held through training by `after_step`.
    zeros: by parameter name, the exact number of weights held at zero (known on the meta device too).
    natural: without weights, the zeros that no mask holds, as labcore.compress.zeros has them; None if nothing is known.
    unplaced: further zeros of a global pruning without weights: their number is exact, their places are unknown.
    energy: by path of an encoder matrix, the share of its squared weights that the steps kept; all where not named.
    vocabulary: the teacher's ids of the word pieces that were kept, in the student's order; None for all.
    reinitialised: whether all its weights were drawn at random after the steps.
    pruning: what prunes a little more as the lesson goes on, and takes itself away when it is done; None at rest.
    """

    model: Classifier
    steps: tuple[Step, ...] = ()
    seed: int = 0
    origin: str = ""
    masks: dict[str, Tensor] = field(default_factory=dict)
    zeros: dict[str, int] = field(default_factory=dict)
    natural: dict[str, Tensor] | None = None
    unknown_zeros: int = 0
    energy: dict[str, float] = field(default_factory=dict)
    vocabulary: tuple[int, ...] | None = None
    reinitialised: bool = False
    pruning: Callable[[Student, float], None] | None = None

    @property
    def on_meta(self) -> bool:
        """Whether the model has shapes only, no values."""
        return next(self.model.parameters()).is_meta

    @property
    def learning_rate(self) -> float:
        """What suits its start, where the lesson does not say: new weights, or the teacher's."""
        new = self.reinitialised or any(step.random_weights for step in self.steps)
        return FROM_SCRATCH_RATE if new else FINE_TUNING_RATE

    @contextmanager
    def noting_energy(self, paths: Iterable[str]) -> Iterator[None]:
        """Note what share of these encoder matrices' squared weights is left after the block, of what was left before."""
        if self.on_meta:
            yield
            return
        before = {path: _squares(self.model.get_submodule(path)) for path in paths}
        yield
        for path, squares in before.items():
            left = _squares(self.model.get_submodule(path)) / max(squares, 1e-30)
            self.energy[path] = self.energy.get(path, 1.0) * left

    @property
    def settled(self) -> bool:
        """Whether all that is to be pruned is pruned: not while a gradual pruning goes on."""
        return self.pruning is None

    @torch.no_grad()
    def after_step(self, share: float = 1.0) -> None:
        """Keep what must be kept after an optimiser step, when `share` of the lesson is over.

        What was pruned is set to zero again: an optimiser's momentum moves weights whose gradient is zero.
        """
        if self.pruning is not None:
            self.pruning(self, share)
        self.hold_zeros()

    def hold_gradients(self) -> None:
        """Make the gradient of each held zero 0, for a loop that is not the lab's.

        An optimiser that has not stepped before then leaves the zeros: its moments of them are 0, and so is the decay.
        """
        for name, mask in self.masks.items():
            self.model.get_parameter(name).register_hook(partial(_masked, mask))

    @torch.no_grad()
    def hold_zeros(self) -> None:
        """Set what the masks do not let live to zero."""
        for name, mask in self.masks.items():
            self.model.get_parameter(name).mul_(mask)


def _masked(mask: Tensor, gradient: Tensor) -> Tensor:
    """The gradient, 0 where the mask is false, of its own type and on its own device."""
    return gradient * mask.to(gradient.device, gradient.dtype)


def _squares(module: nn.Module) -> float:
    return float(matrix_of(module).detach().square().sum())
