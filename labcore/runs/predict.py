"""The predictions of a run's student and of its teacher for a text, or a pair of texts, of your own.

Neither is trained, nothing is stored.
"""

from __future__ import annotations

from functools import lru_cache

from transformers import BatchEncoding, PreTrainedTokenizerBase

from labcore.config.checks import check_text
from labcore.config.spec import SpecError
from labcore.data.batches import encode
from labcore.data.examples import Examples
from labcore.data.tasks import load_task
from labcore.data.tokenizers import trimmed
from labcore.evaluate.metrics import predict
from labcore.models.classifier import Classifier
from labcore.results.evaluation import MAX_CHARACTERS, TextPrediction
from labcore.results.run import Run
from labcore.runs.cache import cached_teacher, calibration_for
from labcore.runs.cache_keys import CalibrationKey, calibration_key
from labcore.runs.store import Store
from labcore.runs.teacher_models import max_tokens


def predict_text(run: Run, text: str, store: Store, second: str | None = None) -> tuple[TextPrediction, TextPrediction]:
    """The student's and the teacher's prediction for a text, or for a pair of texts, each with its own tokens.

    Raises SpecError if a text is too long or no text, or if one of the two models can't be loaded. It raises it, too,
    if one text is given and the task has pairs, or two and it has none.
    """
    check_text("the text", text, MAX_CHARACTERS)
    if second is not None:
        check_text("the second text", second, MAX_CHARACTERS)
    teacher, task = run.spec.teacher, run.spec.task
    if (pairs := load_task(task).pairs) != (second is not None):
        given, wanted = ("one text", "pairs of texts") if pairs else ("two texts", "single texts")
        raise SpecError(f"there are {given}, but the examples of task {task!r} are {wanted}; give the same")
    student, own = _student(calibration_key(teacher, task), store, run.id, store.student_version(run.id))
    limit = max_tokens(teacher, task)  # as in the run
    return (
        text_prediction(student, own, text, limit, second),
        text_prediction(cached_teacher(teacher, task), calibration_for(teacher, task).tokenizer, text, limit, second),
    )


def text_prediction(
    model: Classifier, tokenizer: PreTrainedTokenizerBase, text: str, limit: int, second: str | None = None
) -> TextPrediction:
    """A model's prediction for the first `limit` tokens of a text, [CLS] and [SEP] included, as for test examples.

    second: the second text of a pair, of which the longer text is cut.
    """
    encoded = encode(tokenizer, Examples((text,), (0,), None if second is None else (second,)), limit)
    read = tokenizer(text, second, truncation="longest_first", max_length=limit)
    of_text = [i for i, of in enumerate(read.sequence_ids(0)) if of is not None]
    if not of_text:
        return TextPrediction(tokens=(), unknown=0.0, unread="", probabilities=None)
    unread = " … ".join(filter(None, _unread(tokenizer, text, second, read)))
    [logits] = predict(model, encoded)
    return TextPrediction(
        tokens=tuple(tokenizer.convert_ids_to_tokens(read["input_ids"][of_text[0] : of_text[-1] + 1])),
        unknown=sum(read["input_ids"][i] == tokenizer.unk_token_id for i in of_text) / len(of_text),
        unread=unread,
        probabilities=tuple(logits.double().softmax(-1).tolist()),
    )


def _unread(tokenizer: PreTrainedTokenizerBase, text: str, second: str | None, read: BatchEncoding) -> list[str]:
    """What is not in the tokens that were read: of a text, and of the second text of a pair."""
    full = tokenizer(text, second, return_offsets_mapping=True)
    unread = []
    for sequence, given in enumerate([text] if second is None else [text, second]):
        indices = [i for i, of in enumerate(full.sequence_ids(0)) if of == sequence]
        kept = sum(of == sequence for of in read.sequence_ids(0))
        unread.append(given[full["offset_mapping"][indices[kept]][0] :] if kept < len(indices) else "")
    return unread


@lru_cache(maxsize=4)
def _student(
    key: CalibrationKey, store: Store, run_id: str, version: str
) -> tuple[Classifier, PreTrainedTokenizerBase]:
    """The run's student, as long as its files have this version, with its tokenizer."""
    student = store.student(run_id)
    return student.model, trimmed(calibration_for(key.teacher.name, key.teacher.task).tokenizer, student.vocabulary)
