"""The predictions of a run's student and of its teacher for a text of your own.

Neither is trained, nothing is stored.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from transformers import PreTrainedTokenizerBase

from labcore.config.checks import check_text
from labcore.data.batches import Encoded
from labcore.data.tokenizers import trimmed
from labcore.evaluate.metrics import predict
from labcore.models.classifier import Classifier
from labcore.results.evaluation import MAX_CHARACTERS, TextPrediction
from labcore.results.run import Run
from labcore.runs.cache import cached_teacher, calibration_for
from labcore.runs.cache_keys import CalibrationKey, calibration_key
from labcore.runs.store import Store
from labcore.runs.teacher_models import max_tokens


def predict_text(run: Run, text: str, store: Store) -> tuple[TextPrediction, TextPrediction]:
    """The student's and the teacher's prediction for a text, each with its own tokens.

    Raises SpecError if the text is too long or no text, and if one of the two models can't be loaded.
    """
    check_text("the text", text, MAX_CHARACTERS)
    teacher, task = run.spec.teacher, run.spec.task
    student, own = _student(calibration_key(teacher, task), store, run.id, store.student_version(run.id))
    limit = max_tokens(teacher, task)  # as in the run
    return (
        text_prediction(student, own, text, limit),
        text_prediction(cached_teacher(teacher, task), calibration_for(teacher, task).tokenizer, text, limit),
    )


def text_prediction(model: Classifier, tokenizer: PreTrainedTokenizerBase, text: str, limit: int) -> TextPrediction:
    """A model's prediction for the first `limit` tokens of a text, [CLS] and [SEP] included, as for test examples."""
    parts = tokenizer(
        [text], truncation=True, max_length=limit, return_overflowing_tokens=True, return_offsets_mapping=True
    )
    ids = tuple(parts["input_ids"][0])
    inner = ids[1:-1]
    if not inner:
        return TextPrediction(tokens=(), unknown=0.0, unread="", probabilities=None)
    unread = text[parts["offset_mapping"][1][1][0] :] if len(parts["input_ids"]) > 1 else ""  # from its first token on
    padding = tokenizer.pad_token_id
    assert isinstance(padding, int)
    [logits] = predict(model, Encoded((ids,), torch.zeros(1, dtype=torch.long), padding))
    return TextPrediction(
        tokens=tuple(tokenizer.convert_ids_to_tokens(list(inner))),
        unknown=inner.count(tokenizer.unk_token_id) / len(inner),
        unread=unread,
        probabilities=tuple(logits.double().softmax(-1).tolist()),
    )


@lru_cache(maxsize=4)
def _student(
    key: CalibrationKey, store: Store, run_id: str, version: str
) -> tuple[Classifier, PreTrainedTokenizerBase]:
    """The run's student, as long as its files have this version, with its tokenizer."""
    student = store.student(run_id)
    return student.model, trimmed(calibration_for(key.teacher.name, key.teacher.task).tokenizer, student.vocabulary)
