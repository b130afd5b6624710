"""Fewer tokens: the embedding table is most of a small model, and a task uses only some of its rows."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from labcore.compress.apply_step import apply_step
from labcore.compress.calibration import Calibration
from labcore.compress.student import Student
from labcore.compress.zeros import Remade, zeros_left
from labcore.config.checks import SpecError
from labcore.config.steps import TrimVocabulary
from labcore.data.tokenizers import check_trimmable
from labcore.models import encoder
from labcore.models.family import family_of
from labcore.models.new_sizes import select_tokens


@apply_step.register(TrimVocabulary)
def trim_vocabulary(step: TrimVocabulary, student: Student, calibration: Calibration | None) -> None:
    """Keep the rows of the tokens that the step keeps; words of other tokens are tokenised into those.

    Raises SpecError for a size above the vocabulary's or too small for the special tokens. Raises it, too, without
    training examples, which show how often a token is used.
    """
    if student.vocabulary is not None:
        raise SpecError("trim_vocabulary comes twice; keep one, with the size that you want")
    available = encoder.architecture_of(student.model).vocabulary
    if step.size is not None and step.size > available:
        raise SpecError(
            f"trim_vocabulary.size is {step.size}, but there are {available} tokens; give up to {available}"
        )
    if calibration is None:
        raise SpecError("trim_vocabulary needs the task's training examples, which show the tokens in use; give a task")
    check_trimmable(calibration.tokenizer)
    ranking, stay, used = calibration.ranking
    if len(ranking) > available:
        raise SpecError(
            f"the tokenizer has {len(ranking)} tokens, the model only {available}; trim_vocabulary needs them to match"
        )
    size = used if step.size is None else step.size
    if size > len(ranking):
        raise SpecError(f"trim_vocabulary.size is {size}, but the tokenizer has {len(ranking)} tokens; give up to that")
    if size < stay:
        raise SpecError(
            f"trim_vocabulary.size is {size}, but {stay} tokens are special (or single bytes) and stay; give {stay} or "
            "more"
        )
    kept = _in_order(ranking[:size], stay, family_of(student.model.config).fixed_token(student.model.config))
    student.vocabulary = tuple(kept)
    select_tokens(student.model, kept)


def _in_order(kept: Sequence[int], stay: int, fixed: int | None) -> list[int]:
    """These ids in rising order, but for `fixed`, which is kept and keeps its place; `stay` of them can't make room.

    Raises SpecError if there are too few for that.
    """
    if fixed is None:
        return sorted(kept)
    least = max(fixed + 1, stay if fixed in kept[:stay] else stay + 1)
    if len(kept) < least:
        raise SpecError(
            f"trim_vocabulary.size is {len(kept)}, but this teacher counts positions from token {fixed}, which must "
            f"keep its number; give {least} or more"
        )
    others = sorted(set(kept if fixed in kept else kept[:-1]) - {fixed})
    return [*others[:fixed], fixed, *others[fixed:]]


@zeros_left.register(TrimVocabulary)
def _zeros_of_kept(step: TrimVocabulary, made: Remade, student: Student) -> Tensor:
    """Each row keeps its zeros."""
    return made.zeros[torch.tensor(student.vocabulary)]
