"""Fewer tokens: the embedding table is most of a small model, and a task uses only some of its rows."""

from __future__ import annotations

import torch
from torch import Tensor

from labcore.compress.apply_step import apply_step
from labcore.compress.calibration import Calibration
from labcore.compress.student import Student
from labcore.compress.zeros import Remade, zeros_left
from labcore.config.checks import SpecError
from labcore.config.steps import TrimVocabulary
from labcore.models import encoder
from labcore.models.low_rank import keep_tokens
from labcore.models.new_sizes import set_vocabulary


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
    ranking, special, used = calibration.ranking
    if len(ranking) > available:
        raise SpecError(
            f"the tokenizer has {len(ranking)} tokens, the model only {available}; trim_vocabulary needs them to match"
        )
    size = used if step.size is None else step.size
    if size > len(ranking):
        raise SpecError(f"trim_vocabulary.size is {size}, but the tokenizer has {len(ranking)} tokens; give up to that")
    if size < special:
        raise SpecError(
            f"trim_vocabulary.size is {size}, but {special} tokens are special and stay; give {special} or more"
        )
    kept = sorted(ranking[:size])
    _, words = encoder.word_embeddings(student.model)
    keep_tokens(words, torch.tensor(kept))
    student.vocabulary = tuple(kept)
    set_vocabulary(student.model, kept)


@zeros_left.register(TrimVocabulary)
def _zeros_of_kept(step: TrimVocabulary, made: Remade, student: Student) -> Tensor:
    """Each row keeps its zeros."""
    return made.zeros[torch.tensor(student.vocabulary)]
