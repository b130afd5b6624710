"""What is inside a student: its matrices, how its weights are spread, and the spectrum of what was factorised."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from labcore.compress.steps.factorisation import Decomposition
from labcore.compress.student import Student
from labcore.compress.zeros import total_zeros
from labcore.config.steps.factorise import break_even_rank
from labcore.models import encoder
from labcore.models.family import family_of
from labcore.models.low_rank import LowRankLinear
from labcore.results.measurements import GridHistogram, Histogram, Matrix, Spectrum

BINS = 81
GRID_BINS = 120  # so that an edge lies half-way between two values of a grid of 2, 3 or 4 bits


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
                rounding_error=_rounding_error(student, names),
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


def grid_histogram(student: Student, names: Sequence[str]) -> GridHistogram:
    """How the weights of rounded parameters were spread before rounding, over the values of their grid."""
    scaled, codes = [], []
    for name in names:
        rounded = student.rounded[name]
        assert rounded.latent is not None
        assert rounded.scales is not None
        grouped = rounded.grid.grouped(rounded.latent) / rounded.scales[..., None]
        scaled.append(grouped.flatten(1)[:, : rounded.latent.shape[1]].flatten())
        codes.append(rounded.codes(student.model.get_parameter(name)).flatten())
    most, values = rounded.grid.most, torch.cat(codes)
    limit = most + 1.0
    return GridHistogram(
        edges=tuple(torch.linspace(-limit, limit, GRID_BINS + 1).tolist()),
        counts=tuple(int(n) for n in torch.histc(torch.cat(scaled).clamp(-limit, limit), GRID_BINS, -limit, limit)),
        most=most,
        zeros=float((values == 0).float().mean()),
        ends=float((values.abs() == most).float().mean()),
    )


def _rounding_error(student: Student, names: Sequence[str]) -> float | None:
    """The relative error of these parameters' rounding, as one; None if they were not rounded, or it is not known."""
    rounded = {name: student.rounded[name].latent for name in names if name in student.rounded}
    if not rounded or any(latent is None for latent in rounded.values()):
        return None
    pairs = [
        (latent, student.model.get_parameter(name).detach()) for name, latent in rounded.items() if latent is not None
    ]
    changed = sum(float((latent - weight).square().sum()) for latent, weight in pairs)
    return (changed / max(sum(float(latent.square().sum()) for latent, _ in pairs), 1e-30)) ** 0.5


def spectrum(decomposed: Decomposition, module: nn.Module) -> Spectrum:
    """The singular values of a decomposed matrix, and the rank of the module that replaced it."""
    rank = module.up.in_features if isinstance(module, LowRankLinear) else None
    return Spectrum(tuple(decomposed.singular.tolist()), rank, break_even_rank(*_shape(module)))


def _shape(module: nn.Module) -> tuple[int, int]:
    if isinstance(module, LowRankLinear):
        return module.up.out_features, module.down.in_features
    assert isinstance(module, nn.Linear)
    return module.out_features, module.in_features
