"""Wrong in what is kept: counts of an earlier call are given again, or the memory behind a parameter is counted."""

from __future__ import annotations

from benchmarks.counters.sample import Wrong

COLUMNS, SCATTERED, TWICE, SLICES = "pruned columns", "scattered zeros", "a model counted twice", "slices of one tensor"


def _cached(key: str) -> str:
    """The file of someone who counts once for each key of a model."""
    return f"""
CACHE = {{}}


def count_parameters(model):
    key = {key}
    if key not in CACHE:
        params = list(model.parameters())
        CACHE[key] = {{
            "total": sum(p.numel() for p in params),
            "trainable": sum(p.numel() for p in params if p.requires_grad),
            "nonzero": sum(int((p != 0).sum()) for p in params),
        }}
    return CACHE[key]
"""


WRONG_MEMORY = (
    Wrong("kept by id", _cached("id(model)"), (TWICE,)),
    Wrong("kept by the model", _cached("model"), (TWICE,)),
    Wrong("kept by the class", _cached("type(model).__name__"), (COLUMNS, TWICE)),
    Wrong(
        "kept by the names of parameters",
        _cached("tuple(n for n, _ in model.named_parameters())"),
        (COLUMNS, SCATTERED),
    ),
    Wrong(
        "kept by the shapes of parameters",
        _cached("tuple((n, p.shape) for n, p in model.named_parameters())"),
        (SCATTERED,),
    ),
    Wrong("kept by the number of elements", _cached("sum(p.numel() for p in model.parameters())"), (SCATTERED,)),
    Wrong("kept on the function", """
def count_parameters(model):
    if not hasattr(count_parameters, "total"):
        count_parameters.total = sum(p.numel() for p in model.parameters())
    params = list(model.parameters())
    return {
        "total": count_parameters.total,
        "trainable": sum(p.numel() for p in params if p.requires_grad),
        "nonzero": sum(int((p != 0).sum()) for p in params),
    }
""", (COLUMNS, TWICE)),
    Wrong("non-zero kept for each parameter", """
from functools import lru_cache


@lru_cache(maxsize=None)
def nonzero(p):
    return int((p != 0).sum())


def count_parameters(model):
    params = list(model.parameters())
    return {
        "total": sum(p.numel() for p in params),
        "trainable": sum(p.numel() for p in params if p.requires_grad),
        "nonzero": sum(map(nonzero, params)),
    }
""", (TWICE,)),
    Wrong("total kept by names", """
TOTALS = {}


def count_parameters(model):
    names = tuple(n for n, _ in model.named_parameters())
    total = TOTALS.setdefault(names, sum(p.numel() for p in model.parameters()))
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return {"total": total, "trainable": trainable, "nonzero": sum(int((p != 0).sum()) for p in model.parameters())}
""", (COLUMNS,)),
    Wrong("lru_cache on the function", """
from functools import lru_cache


@lru_cache
def count_parameters(model):
    params = list(model.parameters())
    return {
        "total": sum(p.numel() for p in params),
        "trainable": sum(p.numel() for p in params if p.requires_grad),
        "nonzero": sum(int((p != 0).sum()) for p in params),
    }
""", (TWICE,)),
    Wrong("the storage's bytes", """
def count_parameters(model):
    size = lambda p: p.untyped_storage().nbytes() // p.element_size()
    params = list(model.parameters())
    return {
        "total": sum(size(p) for p in params),
        "trainable": sum(size(p) for p in params if p.requires_grad),
        "nonzero": sum(int((p != 0).sum()) for p in params),
    }
""", (SLICES,)),
    Wrong("once for each storage", """
def count_parameters(model):
    params = {p.untyped_storage().data_ptr(): p for p in model.parameters()}.values()
    return {
        "total": sum(p.numel() for p in params),
        "trainable": sum(p.numel() for p in params if p.requires_grad),
        "nonzero": sum(int((p != 0).sum()) for p in params),
    }
""", (SLICES,)),
)  # fmt: skip
