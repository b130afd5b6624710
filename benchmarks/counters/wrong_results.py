"""Wrong in the count or its form: sizes instead of elements, scaled and rounded numbers, and other types."""

from __future__ import annotations

from benchmarks.counters.sample import Wrong


def _size(expression: str, imports: str = "import numpy as np") -> str:
    """The file of someone who takes this for the number of elements of p."""
    return f"""
{imports}


def size(p):
    return {expression}


def count_parameters(model):
    return {{
        "total": sum(size(p) for p in model.parameters()),
        "trainable": sum(size(p) for p in model.parameters() if p.requires_grad),
        "nonzero": sum(int((p != 0).sum()) for p in model.parameters()),
    }}
"""


def _returned(expression: str) -> str:
    """The file of someone who counts right, and returns this of it."""
    return f"""
def count_parameters(model):
    params = list(model.parameters())
    total = sum(p.numel() for p in params)
    trainable = sum(p.numel() for p in params if p.requires_grad)
    nonzero = sum(int((p != 0).sum()) for p in params)
    return {expression}
"""


LAYER, OUTSIDE, CONVOLUTIONS, BERT = "a linear layer", "parameters outside layers", "convolutions", "BERT-tiny"
PRECISE, LARGE = "several precisions", "more than 16,777,216 parameters"

WRONG_RESULTS = (
    Wrong("len instead of numel", _size("len(p)"), (LAYER, OUTSIDE)),
    Wrong("the number of tensors", _size("1"), (LAYER,)),
    Wrong("rows times columns", _size("p.size(0) * p.size(1) if p.dim() > 1 else p.size(0)"), (OUTSIDE, CONVOLUTIONS)),
    Wrong(
        "a product that no scalar has",
        _size("reduce(lambda a, b: a * b, p.shape)", "from functools import reduce"),
        (OUTSIDE,),
    ),
    Wrong("bytes", _size("p.numel() * p.element_size()"), (LAYER, BERT)),
    Wrong("bytes over four", _size("p.nbytes // 4"), (PRECISE,)),
    Wrong("a product in float32", _size("np.prod(p.shape, dtype=np.float32)"), (LARGE,)),
    Wrong("a product in 16 bits", _size("int(np.prod(p.shape, dtype=np.int16))"), (BERT, LARGE)),
    Wrong("a sum in float32", '''
import torch


def count_parameters(model):
    total = torch.zeros(1)
    trainable = torch.zeros(1)
    nonzero = torch.zeros(1)
    for p in model.parameters():
        total += p.numel()
        if p.requires_grad:
            trainable += p.numel()
        nonzero += torch.count_nonzero(p)
    return {"total": total.item(), "trainable": trainable.item(), "nonzero": nonzero.item()}
''', (LARGE,)),
    Wrong("a count that goes on from model to model", '''
counts = {"total": 0, "trainable": 0, "nonzero": 0}


def count_parameters(model):
    for p in model.parameters():
        counts["total"] += p.numel()
        if p.requires_grad:
            counts["trainable"] += p.numel()
        counts["nonzero"] += int((p != 0).sum())
    return counts
''', ("equal layers", BERT)),
    Wrong(
        "in millions",
        _returned('{"total": total / 1e6, "trainable": trainable / 1e6, "nonzero": nonzero / 1e6}'),
        (LAYER, BERT),
    ),
    Wrong(
        "in whole thousands",
        _returned(
            '{k: v // 1000 * 1000 '
            'for k, v in (("total", total), ("trainable", trainable), ("nonzero", nonzero))}'
        ),
        (LAYER, BERT),
    ),
    Wrong(
        "as text",
        _returned('{"total": str(total), "trainable": str(trainable), "nonzero": str(nonzero)}'),
        (LAYER, BERT),
    ),
    Wrong(
        "as text with commas",
        _returned('{"total": f"{total:,}", "trainable": f"{trainable:,}", "nonzero": f"{nonzero:,}"}'),
        (LAYER, BERT),
    ),
    Wrong("as a tuple", _returned("total, trainable, nonzero"), (LAYER, BERT)),
    Wrong("as one number", _returned("total"), (LAYER, BERT)),
    Wrong(
        "printed, not returned",
        _returned('print({"total": total, "trainable": trainable, "nonzero": nonzero})'),
        (LAYER, BERT),
    ),
    Wrong(
        "under other names",
        _returned('{"Total": total, "trainable": trainable, "non_zero": nonzero}'),
        (LAYER, BERT),
    ),
    Wrong("without non-zero", _returned('{"total": total, "trainable": trainable}'), (LAYER, BERT)),
    Wrong(
        "whether instead of how many",
        _returned('{"total": total, "trainable": trainable > 0, "nonzero": nonzero > 0}'),
        (LAYER, BERT),
    ),
    Wrong(
        "frozen and zero ones, negative",
        _returned('{"total": total, "trainable": trainable - total, "nonzero": nonzero - total}'),
        ("frozen weights", BERT),
    ),
    Wrong(
        "a list of each tensor's count",
        _returned('{"total": [p.numel() for p in params], "trainable": trainable, "nonzero": nonzero}'),
        (LAYER, BERT),
    ),
    Wrong("the first model's counts, typed in", '''
def count_parameters(model):
    return {"total": 15, "trainable": 15, "nonzero": 15}
''', ("equal layers", BERT)),
)  # fmt: skip
