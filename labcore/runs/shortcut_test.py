"""A word that is suspected to mislead: what it does to a finished run's student, its teacher, and the student alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from pathlib import Path

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from labcore.compress.student_folder import load_student
from labcore.config.checks import check_characters, check_text, shown
from labcore.config.spec import Spec, SpecError
from labcore.data.batches import encode
from labcore.data.spurious_cue import with_word
from labcore.data.tasks import Examples, load_task, some
from labcore.data.tokenizers import trimmed
from labcore.evaluate.metrics import predict
from labcore.evaluate.monitor import StoredLogits, shortcut_test
from labcore.models.classifier import Classifier
from labcore.results.evaluation import MAX_WORD, ShortcutTest
from labcore.runs.cache import cached_teacher, calibration_for
from labcore.runs.teacher_models import max_tokens

TEXTS = 500  # of the validation split, evenly spread over it


def suspect(
    spec: Spec, folder: Path, word: str, alone: Path | None = None
) -> Generator[tuple[int, int], None, ShortcutTest]:
    """What the word does to the student in `folder`, to its spec's teacher, and to the student in `alone`.

    Validation texts are read without the word, which is taken out where it stands, and with it put in. A generator: it
    yields how many of how many readings are done, and returns the Suspicion.
    Raises SpecError for a word that can't be put in, or a student that can't be loaded.
    """
    word = checked(word)
    task = load_task(spec.task)
    longest = max_tokens(spec.teacher, spec.task)
    whole = calibration_for(spec.teacher, spec.task).tokenizer
    without, with_it = texts(task.splits["validation"], word, lambda text: beginning(text, word, whole, longest))
    folders = [folder] if alone is None else [folder, alone]
    models = [*(_loaded(each, whole) for each in folders), (cached_teacher(spec.teacher, spec.task), whole)]
    found: list[StoredLogits] = []
    for model, tokenizer in models:
        read: list[Tensor] = []
        for examples in (without, with_it):
            yield len(found) * 2 + len(read), len(models) * 2
            read.append(predict(model, encode(tokenizer, examples, longest)))
        found.append((read[0], read[1]))
    yield len(models) * 2, len(models) * 2
    labels = torch.tensor(without.labels)
    return shortcut_test(word, labels, found[0], found[-1], found[1] if alone is not None else None)


def checked(word: str) -> str:
    """The word as it is put into texts, lower-case, single spaces. Raises SpecError where there is none, or too much."""
    check_characters("the word", word)
    plain = " ".join(word.lower().split())
    check_text("the word", plain, MAX_WORD)
    if not any(c.isalnum() for c in plain):
        raise SpecError(f"the word is {shown(word)}; give a word or a few, with a letter or a digit")
    return plain


def beginning(text: str, word: str, tokenizer: PreTrainedTokenizerBase, longest: int) -> str:
    """As much of the text as a model reads of it beside the word: what stands further behind it never sees."""
    room = longest - len(tokenizer(word).input_ids)  # which holds what begins and ends a text, too
    read = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True).offset_mapping
    if len(read) <= room:
        return text
    cut = text[: read[room][0]]
    return cut.rstrip() if cut[-1:].isspace() else cut.rsplit(maxsplit=1)[0]  # no half a word


def texts(
    examples: Examples, word: str, readable: Callable[[str], str] = lambda text: text
) -> tuple[Examples, Examples]:
    """At most TEXTS of the examples without the word, and the same with it once. A text of nothing but the word is left out.

    readable: gives the part of a text that is read.
    """
    held = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
    few = some(examples, TEXTS)
    plain = [readable(" ".join(held.sub(" ", text).split())) for text in few.texts]
    kept = [i for i, text in enumerate(plain) if text]
    labels = tuple(few.labels[i] for i in kept)
    without = Examples(tuple(plain[i] for i in kept), labels)
    return without, Examples(tuple(with_word(text, word) for text in without.texts), labels)


def _loaded(folder: Path, whole: PreTrainedTokenizerBase) -> tuple[Classifier, PreTrainedTokenizerBase]:
    student = load_student(folder)
    return student.model, trimmed(whole, student.vocabulary)
