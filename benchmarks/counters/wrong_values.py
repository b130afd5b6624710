"""Wrong in `nonzero`: another value counts as 0, or a 0 as another value, or only some of the zeros count."""

from __future__ import annotations

from benchmarks.counters.sample import Wrong


def _of_each(expression: str, imports: str = "import torch") -> str:
    """The file of someone who has total and trainable right, and adds this up over the parameters."""
    return f"""
{imports}


def count_parameters(model):
    total = sum(p.numel() for p in model.parameters())
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    nonzero = sum({expression} for p in model.parameters())
    return {{"total": total, "trainable": trainable, "nonzero": int(nonzero)}}
"""


TINY, PRECISE = "tiny values", "several precisions"
LARGE, ZEROS = "more than 16,777,216 parameters", "scattered zeros"

WRONG_VALUES = (
    Wrong("positive values only", _of_each("(p > 0).sum().item()"), ("negative values",)),
    Wrong("a threshold of 0.1", _of_each("(p.abs() > 0.1).sum().item()"), (TINY,)),
    Wrong("a threshold of 1e-3", _of_each("(torch.abs(p) > 1e-3).sum().item()"), (TINY,)),
    Wrong("a threshold of 1e-8", _of_each("(p.abs() > 1e-8).sum().item()"), (TINY,)),
    Wrong("a threshold of float32's eps", _of_each("(p.abs() > torch.finfo(torch.float32).eps).sum()"), (TINY,)),
    Wrong(
        "a threshold of float32's smallest normal number",
        _of_each("(p.abs() >= torch.finfo(p.dtype).tiny).sum()"),
        (TINY,),
    ),
    Wrong("torch.isclose to 0", _of_each("(~torch.isclose(p, torch.zeros_like(p))).sum()"), (TINY,)),
    Wrong("np.isclose to 0", _of_each("(~np.isclose(p.detach().numpy(), 0)).sum()", "import numpy as np"), (TINY,)),
    Wrong("rounded first", _of_each("torch.count_nonzero(torch.round(p))"), (TINY,)),
    Wrong("rounded to four decimals", _of_each("torch.count_nonzero(torch.round(p, decimals=4))"), (TINY,)),
    Wrong("cut to whole numbers", _of_each("(p.int() != 0).sum()"), (TINY,)),
    Wrong("squared first", _of_each("(p ** 2 > 0).sum()"), (TINY,)),
    Wrong("counted in float16", _of_each("torch.count_nonzero(p.half())"), (TINY,)),
    Wrong("counted in bfloat16", _of_each("torch.count_nonzero(p.to(torch.bfloat16))"), (TINY,)),
    Wrong("counted in float32", _of_each("torch.count_nonzero(p.float())"), (PRECISE,)),
    Wrong("added up in float32", _of_each("(p != 0).float().sum().item()"), (LARGE,)),
    Wrong("norm of order 0", _of_each("torch.norm(p.float(), p=0)"), (LARGE,)),
    Wrong(
        "the mean in float32, times the size",
        _of_each("(p != 0).float().mean().nan_to_num() * p.numel()"),
        (LARGE,),
    ),
    Wrong("different values", _of_each("len([v for v in torch.unique(p) if v != 0])"), ("a linear layer",)),
    Wrong("the sum of the values", _of_each("p.sum().item()"), ("negative values", "a linear layer")),
    Wrong("tensors with any value", _of_each("p.numel() if p.any() else 0"), (ZEROS, "pruned columns")),
    Wrong("indices of nonzero()", _of_each("torch.nonzero(p).numel()"), ("a linear layer",)),
    Wrong("zeros instead of the others", _of_each("(p == 0).sum()"), ("a linear layer", ZEROS)),
    Wrong("minus zero is not zero", _of_each("sum(str(v) != '0.0' for v in p.flatten().tolist()[:10**6])"), (ZEROS,)),
    Wrong(
        "zeros of matrices only",
        _of_each("(p != 0).sum().item() if p.dim() == 2 else p.numel()"),
        (ZEROS, "convolutions"),
    ),
    Wrong("zeros of weights only", '''
def count_parameters(model):
    total = trainable = zeros = 0
    for name, p in model.named_parameters():
        total += p.numel()
        if p.requires_grad:
            trainable += p.numel()
        if "weight" in name:
            zeros += (p == 0).sum().item()
    return {"total": total, "trainable": trainable, "nonzero": total - zeros}
''', (ZEROS,)),
    Wrong("zeros of linear layers only", '''
from torch import nn


def count_parameters(model):
    params = list(model.parameters())
    total = sum(p.numel() for p in params)
    trainable = sum(p.numel() for p in params if p.requires_grad)
    zeros = 0
    for module in model.modules():
        if isinstance(module, nn.Linear):
            zeros += int((module.weight == 0).sum())
            if module.bias is not None:
                zeros += int((module.bias == 0).sum())
    return {"total": total, "trainable": trainable, "nonzero": total - zeros}
''', (ZEROS, "convolutions")),
    Wrong("zeros of whole columns only", '''
def count_parameters(model):
    total, trainable, zeros = 0, 0, 0
    for p in model.parameters():
        total += p.numel()
        trainable += p.numel() if p.requires_grad else 0
        if p.ndim == 2:
            empty = (p == 0).all(dim=0).sum().item()
            zeros += empty * p.shape[0]
    return {"total": total, "trainable": trainable, "nonzero": total - zeros}
''', (ZEROS,)),
    Wrong("zeros of whole rows only", '''
def count_parameters(model):
    total, trainable, zeros = 0, 0, 0
    for p in model.parameters():
        total += p.numel()
        trainable += p.numel() * p.requires_grad
        if p.ndim == 2:
            zeros += (p == 0).all(dim=1).sum().item() * p.shape[1]
    return {"total": total, "trainable": trainable, "nonzero": total - zeros}
''', (ZEROS, "pruned columns")),
    Wrong("non-zero of the trainable ones", '''
def count_parameters(model):
    trainable = [p for p in model.parameters() if p.requires_grad]
    return {
        "total": sum(p.numel() for p in model.parameters()),
        "trainable": sum(p.numel() for p in trainable),
        "nonzero": sum((p != 0).sum().item() for p in trainable),
    }
''', ("frozen weights",)),
    Wrong("trainable without zeros", '''
def count_parameters(model):
    every = list(model.parameters())
    return {
        "total": sum(p.numel() for p in every),
        "trainable": sum(int((p != 0).sum()) for p in every if p.requires_grad),
        "nonzero": sum(int((p != 0).sum()) for p in every),
    }
''', (ZEROS, "pruned columns")),
    Wrong("non-zero is total", '''
def count_parameters(model):
    total = sum(p.numel() for p in model.parameters())
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return dict(total=total, trainable=trainable, nonzero=total)
''', (ZEROS, "pruned columns")),
    Wrong("a rounded sparsity", '''
def sparsity(model):
    zeros = sum((p == 0).sum().item() for p in model.parameters())
    return round(zeros / sum(p.numel() for p in model.parameters()), 2)


def count_parameters(model):
    total = sum(p.numel() for p in model.parameters())
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return {"total": total, "trainable": trainable, "nonzero": int(total * (1 - sparsity(model)))}
''', (PRECISE, "BERT-tiny")),
)  # fmt: skip
