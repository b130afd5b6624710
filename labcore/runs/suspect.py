"""A word that is suspected to mislead: what it does to a finished run's student, its teacher, and the student alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from pathlib import Path

import torch
from torch import Tensor
from transformers import BertForSequenceClassification, PreTrainedTokenizerBase

from labcore.checks import check_characters, check_text, shown
from labcore.data.batches import encode
from labcore.data.cue import with_word
from labcore.data.tasks import Examples, load_task, some
from labcore.data.vocabulary import trimmed
from labcore.distil.evaluate import predict
from labcore.distil.monitor import Answers, suspicion
from labcore.judgement import MOST_WORD, Suspicion
from labcore.runs.teachers import max_tokens
from labcore.runs.workbench import evidence_for, teacher_at_hand
from labcore.spec import Spec, SpecError
from labcore.student.folder import load_student

TEXTS = 500  # of the validation split, evenly spread over it


def suspect(
    spec: Spec, folder: Path, word: str, alone: Path | None = None
) -> Generator[tuple[int, int], None, Suspicion]:
    """What the word does to the student in `folder`, to its spec's teacher, and to the student in `alone`.

    Validation texts are read without the word, which is taken out where it stands, and with it put in. A generator: it
    yields how many of how many readings are done, and returns the Suspicion.
    Raises SpecError for a word that can't be put in, or a student that can't be loaded.
    """
    word = checked(word)
    task = load_task(spec.task)
    longest = max_tokens(spec.teacher, spec.task)
    whole = evidence_for(spec.teacher, spec.task).tokenizer
    without, with_it = texts(task.splits["validation"], word, lambda text: beginning(text, word, whole, longest))
    folders = [folder] if alone is None else [folder, alone]
    models = [*(_loaded(each, whole) for each in folders), (teacher_at_hand(spec.teacher, spec.task), whole)]
    found: list[Answers] = []
    for model, tokenizer in models:
        read: list[Tensor] = []
        for examples in (without, with_it):
            yield len(found) * 2 + len(read), len(models) * 2
            read.append(predict(model, encode(tokenizer, examples, longest)))
        found.append((read[0], read[1]))
    yield len(models) * 2, len(models) * 2
    labels = torch.tensor(without.labels)
    return suspicion(word, labels, found[0], found[-1], found[1] if alone is not None else None)


def checked(word: str) -> str:
    """The word as it is put into texts, lower-case, single spaces. Raises SpecError where there is none, or too much."""
    check_characters("the word", word)
    plain = " ".join(word.lower().split())
    check_text("the word", plain, MOST_WORD)
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


def _loaded(
    folder: Path, whole: PreTrainedTokenizerBase
) -> tuple[BertForSequenceClassification, PreTrainedTokenizerBase]:
    student = load_student(folder)
    return student.model, trimmed(whole, student.vocabulary)
