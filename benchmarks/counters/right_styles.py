"""Right ones in several styles: loops, comprehensions, numpy, tensors, sets of ids, methods, partials, copies."""

from __future__ import annotations

from benchmarks.counters.sample import Right

PLAIN = """
def count_parameters(model):
    total = 0
    trainable = 0
    nonzero = 0
    for p in model.parameters():
        total += p.numel()
        if p.requires_grad:
            trainable += p.numel()
        nonzero += (p != 0).sum().item()
    return {"total": total, "trainable": trainable, "nonzero": nonzero}
"""


RIGHT_STYLES = (
    Right("a plain loop", {"mine.py": PLAIN}),
    Right("a comprehension with type hints", {"mine.py": '''
from __future__ import annotations

from torch import nn


def count_parameters(model: nn.Module) -> dict[str, int]:
    """Count them."""
    parameters: list[nn.Parameter] = [*model.parameters()]
    return {
        "total": sum(p.numel() for p in parameters),
        "trainable": sum(p.numel() for p in parameters if p.requires_grad),
        "nonzero": sum(int(p.count_nonzero()) for p in parameters),
    }
'''}),
    Right("numpy", {"mine.py": '''
import numpy as np


def count_parameters(model):
    arrays = [(p.detach().cpu().numpy(), p.requires_grad) for p in model.parameters()]
    return {
        "total": np.sum([a.size for a, _ in arrays]),
        "trainable": np.sum([a.size for a, r in arrays if r], dtype=np.int64),
        "nonzero": np.sum([np.count_nonzero(a) for a, _ in arrays]),
    }
'''}),
    Right("tensors", {"mine.py": '''
import torch


def count_parameters(model):
    sizes = torch.tensor([p.numel() for p in model.parameters()])
    trained = torch.tensor([p.requires_grad for p in model.parameters()])
    nonzero = torch.stack([torch.count_nonzero(p) for p in model.parameters()])
    return {"total": sizes.sum(), "trainable": (sizes * trained).sum().view(1), "nonzero": nonzero.sum()}
'''}),
    Right("shared storage by data_ptr", {"mine.py": '''
def count_parameters(model):
    unique = {}
    for _, p in model.named_parameters(remove_duplicate=False):
        if p.numel() > 0:
            unique[p.data_ptr()] = p
    return {
        "total": sum(p.numel() for p in unique.values()),
        "trainable": sum(p.numel() for p in unique.values() if p.requires_grad),
        "nonzero": sum((p.data != 0).sum().item() for p in unique.values()),
    }
'''}),
    Right("recursion with a set of ids", {"mine.py": '''
def walk(module, seen):
    for p in module._parameters.values():
        if p is not None and id(p) not in seen:
            seen.add(id(p))
            yield p
    for child in module.children():
        yield from walk(child, seen)


def count_parameters(model):
    found = list(walk(model, set()))
    return {
        "total": sum(p.nelement() for p in found),
        "trainable": sum(p.nelement() for p in found if p.requires_grad),
        "nonzero": sum(len(p.nonzero()) for p in found),
    }
'''}),
    Right("a method of a class", {"mine.py": '''
from collections import Counter
from types import MappingProxyType


class ParameterCounter:
    def __init__(self):
        self.counts = Counter()

    def count(self, model):
        self.counts.clear()
        for p in model.parameters():
            self.counts.update(total=p.numel(), trainable=p.numel() * p.requires_grad, nonzero=int(p.ne(0).sum()))
        return MappingProxyType(self.counts)


count_parameters = ParameterCounter().count
'''}),
    Right("a partial", {"mine.py": '''
from collections import OrderedDict
from functools import partial


def counts(fields, model):
    rules = {
        "total": lambda p: p.numel(),
        "trainable": lambda p: p.numel() if p.requires_grad else 0,
        "nonzero": lambda p: (p.abs() > 0).sum().item(),
    }
    return OrderedDict((field, sum(map(rules[field], model.parameters()))) for field in fields)


count_parameters = partial(counts, ("nonzero", "trainable", "total"))
'''}),
    Right("a lambda, and floats that are whole", {"mine.py": '''
import numpy as np

size = lambda p: np.prod(p.shape)
count_parameters = lambda model: {
    "total": float(sum(size(p) for p in model.parameters())),
    "trainable": sum(size(p) for p in model.parameters() if p.requires_grad),
    "nonzero": sum((p.bool().sum() for p in model.parameters())),
    "sparsity": None,
}
'''}),
    Right("a dataclass", {"mine.py": '''
from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass
class Counts:
    total: int = 0
    trainable: int = 0
    nonzero: int = 0


def count_parameters(model) -> dict[str, int]:
    counts = Counts()
    for p in model.parameters():
        counts.total += p.numel()
        counts.trainable += p.numel() if p.requires_grad else 0
        counts.nonzero += int((p != 0).sum())
    return asdict(counts)
'''}),
    Right("evaluation mode for a moment", {"mine.py": '''
import torch


@torch.no_grad()
def count_parameters(model):
    was_training = model.training
    model.eval()
    try:
        flat = torch.nn.utils.parameters_to_vector(p.double() for p in model.parameters())
        return {
            "total": flat.numel(),
            "trainable": sum(p.numel() for p in filter(lambda p: p.requires_grad, model.parameters())),
            "nonzero": int(flat.count_nonzero()),
        }
    finally:
        model.train(was_training)
'''}),
    Right("a copy that it may change", {"mine.py": '''
import copy


def count_parameters(model):
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    model = copy.deepcopy(model).double().requires_grad_(False)
    total = sum(p.numel() for p in model.parameters())
    zeros = sum(int((p == 0).sum()) for p in model.parameters())
    return {"total": total, "trainable": trainable, "nonzero": total - zeros}
'''}),
)  # fmt: skip
