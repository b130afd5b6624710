"""The same student from a random start: its shapes and zeros, and nothing of the teacher's weights.

What distillation adds to being derived, or derivation to being distilled, shows only beside such a student.
"""

from __future__ import annotations

from labcore.student.odd import mark_if_odd
from labcore.student.structure import build, structure_of
from labcore.student.student import Student
from labcore.teacher import bert


def start_anew(student: Student) -> None:
    """Draw all the student's weights anew, by its seed; the masks still hold their zeros."""
    if student.on_meta:
        return
    training = student.model.training
    model = build(structure_of(student.model), student.model.config)
    student.model = bert.start_at_random(model, student.seed).train(training)
    mark_if_odd(student.model)
    student.energy = {}
    student.anew = True
    student.hold_zeros()
