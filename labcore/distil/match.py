"""Which teacher layer each student layer learns from, and the projections between their widths."""

from __future__ import annotations

from torch import Tensor, nn


def even_layer_map(student_layers: int, teacher_layers: int) -> tuple[int, ...]:
    """For each student layer (from 0) a teacher layer (from 0), evenly spread; the last learns from the last.

    Three layers of six learn from 1, 3 and 5: the layers that `keep_layers` with `even` keeps.
    A student deeper than its teacher meets some of the teacher's layers more than once.
    """
    return tuple(max(0, (i + 1) * teacher_layers // student_layers - 1) for i in range(student_layers))


class Projections(nn.Module):
    """One learned linear map for each student layer, from its width to the teacher's; none where they are equal.

    They belong to the lesson, not to the student: trained with it, never counted, saved or exported.
    """

    def __init__(self, layers: int, student_hidden: int, teacher_hidden: int):
        super().__init__()
        same = student_hidden == teacher_hidden
        self.maps = nn.ModuleList(
            [nn.Identity() if same else nn.Linear(student_hidden, teacher_hidden) for _ in range(layers)]
        )

    def forward(self, states: list[Tensor]) -> list[Tensor]:  # each (B, student hidden) → (B, teacher hidden)
        return [to_teacher(state) for to_teacher, state in zip(self.maps, states, strict=True)]
