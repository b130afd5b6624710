"""Which teacher layer each student layer learns from, and the projections between their widths."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from labcore.config.training import LayerMap

RIDGE = 0.01  # of the mean square of the states: with few states for their width, plain least squares overfits

Pairs = tuple[tuple[int, int], ...]  # (student layer, teacher layer), from 0


def layer_map(kind: LayerMap, student: int, teacher: int) -> Pairs:
    """The pairs of layers, by position: see the functions below, and `similar_layer_map` for `similar`.

    first, last: as many of the teacher's layers as the student has, from the bottom or the top; a deeper student's
    surplus layers meet the teacher's nearest. last_only: the two last layers.
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
    raise ValueError(f"layer map {kind!r} is measured, not positioned")


def even_layer_map(student_layers: int, teacher_layers: int) -> tuple[int, ...]:
    """For each student layer (from 0) a teacher layer (from 0), evenly spread; the last learns from the last.

    Three layers of six learn from 1, 3 and 5: the layers that `keep_layers` with `even` keeps.
    A student deeper than its teacher meets some of the teacher's layers more than once.
    """
    return tuple(max(0, (i + 1) * teacher_layers // student_layers - 1) for i in range(student_layers))


class Projections(nn.Module):
    """One learned linear map for each pair of layers, from the student's width to the teacher's; none where they are equal.

    They belong to the lesson, not to the student: trained with it, never counted, saved or exported. Until `fit`
    they hold nothing: torch's usual start would draw from the global generator, which belongs to the run that trains.
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
        """Put each map where ridge regression from the student's states (N, H) to the teacher's (N, K) puts it."""
        for to_teacher, ours, theirs in zip(self.maps, student, teacher, strict=True):
            if not isinstance(to_teacher, nn.Linear):
                continue
            mean, goal = ours.mean(0), theirs.mean(0)
            centred = (ours - mean).double()
            gram = centred.T @ centred
            gram.diagonal().add_(RIDGE * gram.diagonal().mean())
            weight = torch.linalg.solve(gram, centred.T @ (theirs - goal).double()).T.float()
            to_teacher.weight.copy_(weight)
            to_teacher.bias.copy_(goal - weight @ mean)

    def forward(self, states: list[Tensor]) -> list[Tensor]:  # each (…, student hidden) → (…, teacher hidden)
        return [to_teacher(state) for to_teacher, state in zip(self.maps, states, strict=True)]
