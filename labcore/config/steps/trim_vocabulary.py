"""Fewer tokens. Standard library only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from labcore.config.checks import SpecError, shown
from labcore.config.steps.setting import Either, Integer, Option, set_by, stops_up_to
from labcore.config.steps.step import Step
from labcore.models.architecture import Structure


def _vocabulary(structure: Structure) -> int:
    return structure.architecture.vocabulary


@dataclass(frozen=True)
class TrimVocabulary(Step):
    """Keep only some tokens: the `size` most frequent ones, or (`task`) all that the training examples use."""

    kind: ClassVar[str] = "trim_vocabulary"
    label: ClassVar[str] = "Smaller vocabulary"
    summary: ClassVar[str] = "Removes tokens that the task hardly uses, with their rows of the embedding table."
    no_effect: ClassVar[str] = "keeps every token; keep fewer"
    changes_vocabulary: ClassVar[bool] = True
    shrinks_embeddings: ClassVar[bool] = True
    either: ClassVar[Either | None] = Either(
        label="Tokens to keep, of {available:,}",
        options={
            "task": Option(label="all that training uses", start=lambda before: True),
            "size": Option(label="the most frequent ones", start=lambda before: min(8000, _vocabulary(before))),
        },
        help="Frequencies are those in the training examples. Special tokens and single characters always stay. A word "
        "whose token is removed is tokenised into shorter ones.",
        available=_vocabulary,
    )

    size: int | None = field(
        default=None,
        metadata=set_by(
            Integer(
                label="Number of tokens",
                available=_vocabulary,
                stops=lambda step, available: stops_up_to(available, 250),
            )
        ),
    )
    task: bool | None = None

    def check(self) -> None:
        """Raises SpecError if `task` is given as anything but true."""
        if self.task is not None and self.task is not True:
            raise SpecError(f"trim_vocabulary.task is {shown(self.task)}; give true, or a 'size' instead")

    @classmethod
    def default(cls, before: Structure) -> TrimVocabulary:
        """All tokens that training uses."""
        return cls(task=True)

    def describe(self) -> str:
        """Such as `8,000 tokens`."""
        return "the task's tokens" if self.size is None else f"{self.size:,} tokens"

    def cost_note(self, steps: Sequence[Step]) -> str:
        """The arithmetic that it does not save."""
        return "**A smaller vocabulary saves bytes, not arithmetic**: a look-up multiplies nothing."
