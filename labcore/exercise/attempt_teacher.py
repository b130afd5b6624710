"""Which names a teacher of the exercise may have. Standard library only."""

from __future__ import annotations

from labcore.config.checks import SpecError, shown
from labcore.teacher.built_in import BUILT_IN, TEACHERS
from labcore.teacher.own_teachers import folder_of_entry, is_own


def check_teacher_name(name: object) -> None:
    """Raise SpecError unless it is a built-in teacher's name, or that of one of your own, here or elsewhere."""
    if isinstance(name, str) and is_own(name):
        folder_of_entry(name)  # raises if the name could be a path
    elif not isinstance(name, str) or name not in BUILT_IN:
        raise SpecError(
            f"teacher is {shown(name)}; the exercise takes one of {', '.join(BUILT_IN)}, or a teacher of your own, "
            "such as 'own:my-teacher-1f2e'"
        )


def can_train(name: str) -> bool:
    """Whether a teacher of the exercise has weights; one of your own has."""
    return name in TEACHERS or is_own(name)
