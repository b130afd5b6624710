"""Three questions at the end of the tour, each with the stops whose results settle it. Plain data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Question:
    """A question with its choices, of which `right` is the index; `because` names the stops that show it."""

    name: str
    text: str
    choices: tuple[str, ...]
    right: int
    because: str


QUESTIONS = (
    Question(
        name="smallest",
        text="Why did the smallest student lose?",
        choices=(
            "Its teacher was bad.",
            "It was too small to represent what its teacher has learned.",
            "Its loss had no hard term.",
        ),
        right=1,
        because="*The capacity gap*: same teacher, same loss, same steps; only the size differed.",
    ),
    Question(
        name="hard weight",
        text="What does the hard weight do?",
        choices=(
            "It sets how much the true labels count, so how far a student repeats its teacher's mistakes.",
            "It sets the size of the student.",
            "It makes the teacher more accurate.",
        ),
        right=0,
        because="*Mimics without learning*: accuracy against the word rose with the hard weight.",
    ),
    Question(
        name="worth",
        text="When is distillation not worth it?",
        choices=(
            "If the student starts from its teacher's weights.",
            "If the student has fewer layers than its teacher.",
            "If the same student without a teacher is as accurate, as in the largest students.",
        ),
        right=2,
        because="*Hard, soft, temperature*: a teacher adds most to the smallest student, and nothing to the largest.",
    ),
)
