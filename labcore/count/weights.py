"""What is inside a student: its matrices, how its weights are spread, and the spectrum of what was factorised."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from labcore.compress.steps.factorisation import Decomposition
from labcore.compress.student import Student
from labcore.compress.zeros import total_zeros
from labcore.config.steps.factorise import break_even_rank
from labcore.models import encoder
from labcore.models.family import family_of
from labcore.models.low_rank import LowRankLinear
from labcore.results.measurements import Histogram, Matrix, Spectrum

BINS = 81


def matrices(student: Student) -> tuple[Matrix, ...]:
    """Every encoder matrix, layer by layer."""
    every, zeros = [], total_zeros(student)
    rebuilt = any(step.rebuilds for step in student.steps)  # its weights are not what is left of the teacher's
    family = family_of(student.model.config)
    for path, module in encoder.encoder_matrices(student.model).items():
        names = [name for name, parameter in module.named_parameters(prefix=path) if parameter.dim() == 2]
        layer, role = family.layer_of(path), family.role_of(path)
        assert layer is not None
        assert role is not None
        every.append(
            Matrix(
                layer=layer,
                role=role,
                shape=_shape(module),
                rank=module.up.in_features if isinstance(module, LowRankLinear) else None,
                elements=sum(student.model.get_parameter(name).numel() for name in names),
                zeros=None if student.unknown_zeros else sum(zeros.get(name, 0) for name in names),
                energy=None if student.on_meta or rebuilt else student.energy.get(path, 1.0),
            )
        )
    return tuple(every)


def histogram(weights: Tensor, mask: Tensor, *, threshold: bool) -> Histogram:
    """How the values of `weights` are spread, those whose `mask` is false separately; both of the same shape."""
    flat, live = weights.detach().flatten().float(), mask.flatten()
    limit = max(float(flat.abs().max()), 1e-12)
    zeroed = flat[~live]
    return Histogram(
        tuple(torch.linspace(-limit, limit, BINS + 1).tolist()),
        tuple(int(n) for n in torch.histc(flat[live], BINS, -limit, limit)),
        tuple(int(n) for n in torch.histc(zeroed, BINS, -limit, limit)),
        float(zeroed.abs().max()) if threshold and len(zeroed) else None,
    )


def spectrum(decomposed: Decomposition, module: nn.Module) -> Spectrum:
    """The singular values of a decomposed matrix, and the rank of the module that replaced it."""
    rank = module.up.in_features if isinstance(module, LowRankLinear) else None
    return Spectrum(tuple(decomposed.singular.tolist()), rank, break_even_rank(*_shape(module)))


def _shape(module: nn.Module) -> tuple[int, int]:
    if isinstance(module, LowRankLinear):
        return module.up.out_features, module.down.in_features
    assert isinstance(module, nn.Linear)
    return module.out_features, module.in_features
