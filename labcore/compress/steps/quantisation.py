"""Low bits: each matrix is rounded to a grid of few values, and stays on it while the student trains.

How it stays there is in `labcore.compress.rounding`, and its bytes in a file in `labcore.compress.packed_codes`.
"""

from __future__ import annotations

import torch
from torch import nn

from labcore.compress.apply_step import apply_step
from labcore.compress.calibration import Calibration
from labcore.compress.grid import Grid
from labcore.compress.rounding import Rounded
from labcore.compress.student import Student
from labcore.config.steps import Quantise
from labcore.models import encoder
from labcore.models.classifier import Classifier
from labcore.models.family import family_of


def quantisable(model: Classifier, step: Quantise) -> dict[str, Grid]:
    """The grid of each matrix that the step rounds, by the parameter's name.

    They are the matrices of encoder and pooler, or their factors, and the embedding tables with their factors. Norms,
    biases and the classifier's last matrix stay in 32 bits, and so does MPNet's table of distances: they are small.
    """
    family, grids = family_of(model.config), dict[str, Grid]()
    distances = encoder.relative_table(model)
    for path, module in model.named_modules():
        if not isinstance(module, nn.Linear | nn.Embedding) or module is distances:
            continue
        match family.part_of(f"{path}.weight"):
            case "embeddings":
                bits = step.bits_of_embeddings
            case "encoder" | "pooler":
                bits = step.bits
            case _:
                bits = None
        if bits is not None:
            grids[f"{path}.weight"] = Grid(bits, step.columns)
    return grids


@apply_step.register(Quantise)
@torch.no_grad()
def quantise(step: Quantise, student: Student, calibration: Calibration | None) -> None:
    """Round the student's matrices, and give the student what holds them on their grids."""
    grids = quantisable(student.model, step)
    with student.noting_energy(encoder.encoder_matrices(student.model)):
        student.rounded = {name: Rounded.of(student.model.get_parameter(name), grid) for name, grid in grids.items()}
