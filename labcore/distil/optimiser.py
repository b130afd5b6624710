"""AdamW for a student, which leaves alone the word embeddings that a batch does not use.

In a small BERT most parameters are word embeddings, and a batch uses one row in fifty. A dense gradient has to be set
to zero, measured, and carried through two moments for all rows in every step. Here the gradient holds the used rows
only, and Adam updates only these (torch's SparseAdam, without weight decay).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.utils import get_total_norm

from labcore.distil.checkpoint import State
from labcore.models import encoder
from labcore.models.classifier import Classifier

MAX_GRADIENT_NORM = 1.0


@contextmanager
def sparse_embeddings(model: Classifier, train: bool) -> Iterator[list[nn.Parameter]]:
    """Within the block the gradient of the word embeddings is sparse, or there is none if `train` is false.

    Yields the embeddings that are trained.
    """
    tables = [module for module in encoder.word_embeddings(model)[1].modules() if isinstance(module, nn.Embedding)]
    before = [(table.sparse, table.weight.requires_grad) for table in tables]
    for table in tables:
        table.sparse = train
        table.weight.requires_grad_(train)
    try:
        yield [cast(nn.Parameter, table.weight) for table in tables] if train else []
    finally:
        for table, (sparse, requires_grad) in zip(tables, before, strict=True):
            table.sparse = sparse
            table.weight.requires_grad_(requires_grad).grad = None


class Optimiser:
    """AdamW for dense parameters, Adam for the used rows of embeddings, with one clipping and one learning rate."""

    def __init__(self, parameters: Iterable[nn.Parameter], rows: list[nn.Parameter], rate: float, weight_decay: float):
        """rows: embeddings with sparse gradients. All other `parameters` that need a gradient have a dense one."""
        self.rows = rows
        sparse = set(map(id, rows))
        self.dense = [p for p in parameters if p.requires_grad and id(p) not in sparse]
        self.rate = rate
        self._optimisers: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(self.dense, lr=rate, weight_decay=weight_decay, fused=True)
        ]
        if rows:
            self._optimisers.append(torch.optim.SparseAdam(rows, lr=rate))

    def backward(self, loss: Tensor) -> None:
        """Compute the gradient of `loss`, and clip its norm to 1."""
        for optimiser in self._optimisers:
            optimiser.zero_grad(set_to_none=True)
        loss.backward()
        gradients = [p.grad for p in self.dense if p.grad is not None]
        for row in self.rows:
            if row.grad is not None:
                row.grad = row.grad.coalesce()
                gradients.append(row.grad.values())
        norm = get_total_norm(gradients)
        if norm > MAX_GRADIENT_NORM:
            torch._foreach_mul_(gradients, MAX_GRADIENT_NORM / norm)

    def step(self, factor: float) -> None:
        """Step down the gradient, with `factor` times the learning rate."""
        for optimiser in self._optimisers:
            for group in optimiser.param_groups:
                group["lr"] = self.rate * factor
            optimiser.step()

    def state(self) -> State:
        """The moments and steps of each parameter that has had a gradient, by its index in its optimiser."""
        tensors: dict[str, Tensor] = {}
        values: dict[str, int] = {}
        for path, parameter, optimiser in self._parameters():
            for name, moment in optimiser.state.get(parameter, {}).items():
                if isinstance(moment, Tensor):
                    tensors[f"{path}.{name}"] = moment
                else:
                    values[f"{path}.{name}"] = moment
        return State(tensors, values)

    def restore(self, state: State) -> None:
        """Take over moments and steps, each on the device that torch's optimiser keeps it on."""
        kept: dict[str, dict[str, Any]] = {}
        for key, moment in (*state.tensors.items(), *state.values.items()):
            path, name = key.rsplit(".", 1)
            kept.setdefault(path, {})[name] = moment
        for path, parameter, optimiser in self._parameters():
            if path in kept:
                optimiser.state[parameter] = {
                    name: moment.to(parameter.device, copy=True) if isinstance(moment, Tensor) else moment
                    for name, moment in kept[path].items()
                }

    def _parameters(self) -> Iterator[tuple[str, nn.Parameter, torch.optim.Optimizer]]:
        """Every trained parameter with a path that is the same in each process, and its optimiser."""
        for i, optimiser in enumerate(self._optimisers):
            for j, parameter in enumerate(optimiser.param_groups[0]["params"]):
                yield f"{i}.{j}", parameter, optimiser


def gradient_norm(loss: Tensor, parameters: list[nn.Parameter]) -> float:
    """The norm of the gradient of `loss` with respect to all these parameters; the graph is kept."""
    gradients = torch.autograd.grad(loss, parameters, retain_graph=True, allow_unused=True)
    dense = [g.coalesce().values() if g.is_sparse else g for g in gradients if g is not None]
    return float(get_total_norm(dense)) if dense else 0.0
