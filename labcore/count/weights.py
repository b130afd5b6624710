"""What is inside a student: its matrices, how its weights are spread, and the spectrum of what was factorised."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from labcore.compress.factorisation import Parts, break_even_rank
from labcore.compress.student import Student
from labcore.compress.zeros import total_zeros
from labcore.config.spec import Manual
from labcore.models import encoder
from labcore.models.low_rank import LowRankLinear
from labcore.results.measurements import Histogram, Matrix, Spectrum

BINS = 81


def matrices(student: Student) -> tuple[Matrix, ...]:
    """Every encoder matrix, layer by layer."""
    found, zeros = [], total_zeros(student)
    new = any(isinstance(step, Manual) for step in student.steps)  # its weights are not what is left of the teacher's
    for path, module in encoder.encoder_matrices(student.model).items():
        names = [name for name, parameter in module.named_parameters(prefix=path) if parameter.dim() == 2]
        layer, role = encoder.layer_of(path), encoder.role_of(path)
        assert layer is not None
        assert role is not None
        found.append(
            Matrix(
                layer,
                role,
                _shape(module),
                module.up.in_features if isinstance(module, LowRankLinear) else None,
                sum(student.model.get_parameter(name).numel() for name in names),
                None if student.unknown_zeros else sum(zeros.get(name, 0) for name in names),
                None if student.on_meta or new else student.energy.get(path, 1.0),
            )
        )
    return tuple(found)


def histogram(weights: Tensor, mask: Tensor, *, threshold: bool) -> Histogram:
    """How the values of `weights` are spread, those where `mask` is false apart; both of any one shape."""
    flat, live = weights.detach().flatten().float(), mask.flatten()
    limit = max(float(flat.abs().max()), 1e-12)
    zeroed = flat[~live]
    return Histogram(
        tuple(torch.linspace(-limit, limit, BINS + 1).tolist()),
        tuple(int(n) for n in torch.histc(flat[live], BINS, -limit, limit)),
        tuple(int(n) for n in torch.histc(zeroed, BINS, -limit, limit)),
        float(zeroed.abs().max()) if threshold and len(zeroed) else None,
    )


def spectrum(parts: Parts, module: nn.Module) -> Spectrum:
    """The singular values of a matrix that was taken apart, and the rank of the module that took its place."""
    rank = module.up.in_features if isinstance(module, LowRankLinear) else None
    return Spectrum(tuple(parts.singular.tolist()), rank, break_even_rank(*_shape(module)))


def _shape(module: nn.Module) -> tuple[int, int]:
    if isinstance(module, LowRankLinear):
        return module.up.out_features, module.down.in_features
    assert isinstance(module, nn.Linear)
    return module.out_features, module.in_features
