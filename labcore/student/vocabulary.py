"""Fewer word pieces: in a small model the embedding table is most of it, and a task uses a part of its rows."""

from __future__ import annotations

import torch

from labcore.spec import SpecError, TrimVocabulary
from labcore.student.evidence import Evidence
from labcore.student.linear import keep_pieces
from labcore.student.student import Student
from labcore.teacher import bert


def trim_vocabulary(student: Student, step: TrimVocabulary, evidence: Evidence | None) -> None:
    """Keep the rows of the pieces that the step keeps; the others' texts are spelled with what is left.

    Raises SpecError for a size that is no smaller, or too small for the special pieces, and where nothing tells
    how often a piece is used.
    """
    if student.vocabulary is not None:
        raise SpecError("trim_vocabulary comes twice; keep one, with the size that you want")
    available = bert.architecture_of(student.model).vocabulary
    if step.size is not None and step.size > available:
        raise SpecError(
            f"trim_vocabulary.size is {step.size}, but there are {available} pieces; give up to {available}"
        )
    if evidence is None:
        raise SpecError(
            "trim_vocabulary needs the task's training sentences to tell which pieces are used; give a task"
        )
    ranking, special, used = evidence.ranking
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
    _, words = bert.piece_table(student.model)
    keep_pieces(words, torch.tensor(kept))
    student.vocabulary = tuple(kept)
    bert.set_vocabulary(student.model, kept)
