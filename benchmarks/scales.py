"""Students of two and three bits whose scales are refitted at each step, fixed, or learned; and a gradient cut off.

    python -m benchmarks.scales [--task reviews] [--design twentieth] [--bits 3 2] [--seeds 3] [--steps 400]

The lab refits each scale to its codes after each step. Beside it stand:

- fixed: the scales of the first rounding stay.
- learned: each scale follows its own gradient (Esser et al., 2020, https://arxiv.org/abs/1902.08153), by Adam at the
  weights' learning rate.
- cut off: scales are refitted, and the gradient of a weight beyond its grid is 0, as torchao's is.

The embeddings keep 32 bits, so the matrices of the layers make the difference. Accuracy is on the validation split,
where such choices are made, mean ± the 95 % interval over seeds.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import torch
from torch import Tensor, nn

from benchmarks.bits import DESIGNS
from labcore.compress import rounding
from labcore.compress.grid import Grid, stored
from labcore.compress.rounding import Rounded
from labcore.compress.student import Student
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Quantise
from labcore.evaluate.significance import over_seeds
from labcore.results.events import Validation
from labcore.runs.execute import execute_and_store
from labcore.runs.store import Store
from labcore.runs.sweep import machine

LEARNING_RATE = 1e-4
BeforeStep = Callable[[Student], None]


class LearnedScales:
    """The scales of one student in full precision, and the optimiser that moves them."""

    def __init__(self) -> None:
        self.scales: dict[str, nn.Parameter] = {}

    @torch.no_grad()
    def __call__(self, student: Student) -> None:
        """Move each scale by its gradient: the sum over its group of the weight's gradient times ∂(s·q)/∂s."""
        if not self.scales:
            self.scales = {name: nn.Parameter(each.scales.clone()) for name, each in _dense(student)}
            self.optimiser = torch.optim.Adam(self.scales.values(), LEARNING_RATE)
        for name, each in _dense(student):
            weights, gradient = _groups(student, name, each)
            codes = weights.round().clamp(-each.grid.most, each.grid.most)
            slope = torch.where(weights.abs() <= each.grid.most, codes - weights, codes)
            self.scales[name].grad = (gradient * slope).sum(-1)
        self.optimiser.step()
        for name, each in _dense(student):
            each.scales = stored(self.scales[name].data)


@torch.no_grad()
def cut_off(student: Student) -> None:
    """Make the gradient of each weight that lies beyond its grid 0."""
    for name, each in _dense(student):
        weights, gradient = _groups(student, name, each)
        gradient.mul_(weights.abs() < each.grid.most + 0.5)
        parameter = student.model.get_parameter(name)
        parameter.grad = gradient.flatten(1)[:, : parameter.shape[1]].contiguous()


def _dense(student: Student) -> Iterator[tuple[str, Rounded]]:
    return (
        (name, each) for name, each in student.rounded.items() if student.model.get_parameter(name).grad is not None
    )


def _groups(student: Student, name: str, each: Rounded) -> tuple[Tensor, Tensor]:
    """A matrix's weights before rounding, in units of its scales, and their gradient, both by group."""
    gradient = student.model.get_parameter(name).grad
    assert each.latent is not None
    assert each.scales is not None
    assert gradient is not None
    return each.grid.grouped(each.latent) / each.scales[..., None], each.grid.grouped(gradient).clone()


def _unchanged(_groups: Tensor, scales: Tensor, _grid: Grid) -> Tensor:
    return scales


# Of each way: what makes that which is done before a step, one for each student, and whether scales are refitted.
WAYS: dict[str, tuple[Callable[[], BeforeStep | None], bool]] = {
    "refitted": (lambda: None, True),
    "fixed": (lambda: None, False),
    "learned": (LearnedScales, False),
    "cut off": (lambda: cut_off, True),
}


@contextmanager
def changed(first: BeforeStep | None, refit: bool) -> Iterator[None]:
    """Train with something done before each step, and with or without refitted scales."""
    usual = Student.before_step

    def before_step(student: Student) -> None:
        if first is not None:
            first(student)
        usual(student)

    with (
        patch.object(Student, "before_step", before_step),
        nullcontext() if refit else patch.object(rounding, "refitted", _unchanged),
    ):
        yield


def main() -> None:
    """Train every student, and print a row as soon as its seeds are done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", default="reviews")
    parser.add_argument("--design", choices=DESIGNS, default="twentieth")
    parser.add_argument("--bits", nargs="+", type=int, choices=[8, 4, 3, 2], default=[3, 2])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=400)
    options = parser.parse_args()
    print(f"{machine()}\n\n| bits | scales | validation accuracy |\n|---:|---|---:|", flush=True)
    with tempfile.TemporaryDirectory() as home:
        store = Store(Path(home))
        for bits in options.bits:
            steps = (*DESIGNS[options.design][0], Quantise(bits=bits, embeddings="none"))
            config = DistilConfig(steps=options.steps, learning_rate=LEARNING_RATE)
            spec = Spec(teacher=options.task, task=options.task, steps=steps, distil=config)
            for name, (first, refit) in WAYS.items():
                reached = []
                for seed in range(options.seeds):
                    with changed(first(), refit):
                        reached.append(_validation(spec, seed, store))
                mean = over_seeds(reached)
                interval = "" if mean.half is None else f" ± {100 * mean.half:.1f}"
                print(f"| {bits} | {name} | {mean.mean:.1%}{interval} |", flush=True)


def _validation(spec: Spec, seed: int, store: Store) -> float:
    """The best validation accuracy of one training."""
    seeded = replace(spec, distil=replace(spec.distil, seed=seed))
    events = execute_and_store(seeded, store.create(seeded), store)
    return max(event.accuracy for event in events if isinstance(event, Validation))


if __name__ == "__main__":
    main()
