"""The layer map, which pairs student layers with teacher layers, and the projections between their widths."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from labcore.config.training import LayerMap
from labcore.models.placement import in_float64

RIDGE = 0.01  # of the mean square of the states: with few states for their width, plain least squares overfits

Pairs = tuple[tuple[int, int], ...]  # (student layer, teacher layer), from 0


def layer_map(kind: LayerMap, student: int, teacher: int) -> Pairs:
    """The pairs of layers of a map by position.

    even: see `even_layer_map`. first, last: as many of the teacher's layers as the student has, from the bottom or the
    top. A deeper student's surplus layers are paired with the teacher's nearest. last_only: the two last layers.
    Raises ValueError for `similar`, which needs a measurement: see `similar_layer_map`.
    """
    match kind:
        case "first":
            return tuple((i, min(i, teacher - 1)) for i in range(student))
        case "last":
            return tuple((i, max(0, teacher - student + i)) for i in range(student))
        case "last_only":
            return ((student - 1, teacher - 1),)
        case "even":
            return tuple(enumerate(even_layer_map(student, teacher)))
    raise ValueError(f"layer map {kind!r} needs a measurement")


def even_layer_map(student_layers: int, teacher_layers: int) -> tuple[int, ...]:
    """For each student layer (from 0) a teacher layer (from 0), evenly spread; the last is paired with the last.

    Three layers of six are paired with 1, 3 and 5: the layers that `keep_layers` with `even` keeps.
    A student deeper than its teacher is paired with some of the teacher's layers more than once.
    """
    return tuple(max(0, (i + 1) * teacher_layers // student_layers - 1) for i in range(student_layers))


class Projections(nn.Module):
    """A trained linear map for each pair of layers, from the student's width to the teacher's; the identity if equal.

    They belong to the training, not to the student: trained with it, never counted, saved or exported. Until `fit` they
    hold no values: torch's own initialisation would draw from the global generator, which belongs to the run that
    trains.
    """

    def __init__(self, pairs: int, student_hidden: int, teacher_hidden: int):
        super().__init__()
        same = student_hidden == teacher_hidden
        self.maps = nn.ModuleList(
            [
                nn.Identity() if same else nn.utils.skip_init(nn.Linear, student_hidden, teacher_hidden)
                for _ in range(pairs)
            ]
        )

    @torch.no_grad()
    def fit(self, student: list[Tensor], teacher: list[Tensor]) -> None:
        """Initialise each map by ridge regression from the student's states (N, H) to the teacher's (N, K)."""
        for to_teacher, inputs, outputs in zip(self.maps, student, teacher, strict=True):
            if not isinstance(to_teacher, nn.Linear):
                continue
            mean, goal = inputs.mean(0), outputs.mean(0)
            centred = in_float64(inputs - mean)
            gram = centred.T @ centred
            gram.diagonal().add_(RIDGE * gram.diagonal().mean())
            weight = torch.linalg.solve(gram, centred.T @ in_float64(outputs - goal)).T.to(inputs.device, torch.float)
            to_teacher.weight.copy_(weight)
            to_teacher.bias.copy_(goal - weight @ mean)

    def forward(self, states: list[Tensor]) -> list[Tensor]:  # each (…, student's width) → (…, teacher's width)
        return [to_teacher(state) for to_teacher, state in zip(self.maps, states, strict=True)]
