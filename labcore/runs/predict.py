"""A sentence of one's own, read by a run's student and by its teacher. Neither is trained, and nothing is kept."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import torch
from transformers import PreTrainedTokenizerBase

from labcore.compress.student_folder import load_student
from labcore.config.checks import check_text
from labcore.config.spec import Spec
from labcore.data.batches import Encoded
from labcore.data.tokenizers import trimmed
from labcore.evaluate.metrics import predict
from labcore.models.classifier import Classifier
from labcore.results.evaluation import MAX_CHARACTERS, TextPrediction
from labcore.runs.cache import cached_teacher, calibration_for
from labcore.runs.cache_keys import CalibrationKey, calibration_key
from labcore.runs.teacher_models import max_tokens
from labcore.teacher.identity import of_files
from labcore.teacher.location import STRUCTURE


def ask(spec: Spec, folder: Path, text: str) -> tuple[TextPrediction, TextPrediction]:
    """What the student saved in `folder` and its spec's teacher make of a text, each with its own word pieces.

    Raises SpecError for a text that is too long or no text, and if one of the two can't be loaded.
    """
    check_text("the text", text, MAX_CHARACTERS)
    student, own = _student(calibration_key(spec.teacher, spec.task), folder, of_files([folder / STRUCTURE]))
    longest = max_tokens(spec.teacher, spec.task)  # as in the run
    teacher, whole = cached_teacher(spec.teacher, spec.task), calibration_for(spec.teacher, spec.task).tokenizer
    return read(student, own, text, longest), read(teacher, whole, text, longest)


def read(model: Classifier, tokenizer: PreTrainedTokenizerBase, text: str, longest: int) -> TextPrediction:
    """One text as the model reads its test sentences, cut at `longest` pieces ([CLS] and [SEP] among them)."""
    parts = tokenizer(
        [text], truncation=True, max_length=longest, return_overflowing_tokens=True, return_offsets_mapping=True
    )
    first = tuple(parts["input_ids"][0])
    inner = first[1:-1]
    if not inner:
        return TextPrediction((), 0.0, "", None)
    cut = text[parts["offset_mapping"][1][1][0] :] if len(parts["input_ids"]) > 1 else ""  # from its first piece on
    padding = tokenizer.pad_token_id
    assert isinstance(padding, int)
    [logits] = predict(model, Encoded((first,), torch.zeros(1, dtype=torch.long), padding))
    return TextPrediction(
        tokens=tuple(tokenizer.convert_ids_to_tokens(list(inner))),
        unknown=inner.count(tokenizer.unk_token_id) / len(inner),
        unread=cut,
        probabilities=tuple(logits.double().softmax(-1).tolist()),
    )


@lru_cache(maxsize=4)
def _student(key: CalibrationKey, folder: Path, content: str) -> tuple[Classifier, PreTrainedTokenizerBase]:
    """The student of a folder whose `structure.json`, which has the hashes of all else, has this hash."""
    student = load_student(folder)
    return student.model, trimmed(calibration_for(key.teacher.name, key.teacher.task).tokenizer, student.vocabulary)
