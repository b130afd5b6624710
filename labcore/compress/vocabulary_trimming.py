"""Fewer word pieces: in a small model the embedding table is most of it, and a task uses a part of its rows."""

from __future__ import annotations

import torch

from labcore.compress.calibration import Calibration
from labcore.compress.student import Student
from labcore.config.spec import SpecError, TrimVocabulary
from labcore.models import encoder
from labcore.models.low_rank import keep_tokens


def trim_vocabulary(student: Student, step: TrimVocabulary, calibration: Calibration | None) -> None:
    """Keep the rows of the pieces that the step keeps; the others' texts are spelled with what is left.

    Raises SpecError for a size that is no smaller, or too small for the special pieces, and where nothing tells
    how often a piece is used.
    """
    if student.vocabulary is not None:
        raise SpecError("trim_vocabulary comes twice; keep one, with the size that you want")
    available = encoder.architecture_of(student.model).vocabulary
    if step.size is not None and step.size > available:
        raise SpecError(
            f"trim_vocabulary.size is {step.size}, but there are {available} pieces; give up to {available}"
        )
    if calibration is None:
        raise SpecError(
            "trim_vocabulary needs the task's training sentences to tell which pieces are used; give a task"
        )
    ranking, special, used = calibration.ranking
    if len(ranking) > available:
        raise SpecError(
            f"the tokenizer has {len(ranking)} pieces, the model only {available}; trim_vocabulary needs them to match"
        )
    size = used if step.size is None else step.size
    if size > len(ranking):
        raise SpecError(f"trim_vocabulary.size is {size}, but the tokenizer has {len(ranking)} pieces; give up to that")
    if size < special:
        raise SpecError(
            f"trim_vocabulary.size is {size}, but {special} pieces are special and stay; give {special} or more"
        )
    kept = sorted(ranking[:size])
    _, words = encoder.word_embeddings(student.model)
    keep_tokens(words, torch.tensor(kept))
    student.vocabulary = tuple(kept)
    encoder.set_vocabulary(student.model, kept)
