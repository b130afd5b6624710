"""The same student with random weights: its shapes and zeros, and nothing of the teacher's weights.

Only beside such a student can you see what the teacher's weights and what distillation contribute.
"""

from __future__ import annotations

from labcore.compress.nonstandard import mark_if_nonstandard
from labcore.compress.student import Student
from labcore.models import classifier
from labcore.models.structure import build, structure_of


def reinitialise(student: Student) -> None:
    """Draw all the student's weights at random, by its seed; the masks still hold their zeros."""
    if student.on_meta:
        return
    training = student.model.training
    model = build(structure_of(student.model), student.model.config)
    student.model = classifier.initialise_randomly(model, student.seed).train(training)
    mark_if_nonstandard(student.model)
    student.energy = {}
    student.reinitialised = True
    student.hold_zeros()
    student.round_again()
