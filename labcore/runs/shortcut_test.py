"""The shortcut test of a finished run: the effect of a suspected word on its student, its teacher, and the baseline."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from dataclasses import replace

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from labcore.config.checks import check_characters, check_text, shown
from labcore.config.spec import SpecError
from labcore.data.batches import encode
from labcore.data.examples import Examples
from labcore.data.spurious_cue import with_word
from labcore.data.tasks import load_task
from labcore.data.tokenizers import trimmed
from labcore.evaluate.metrics import predict
from labcore.evaluate.monitor import shortcut_test
from labcore.models.classifier import Classifier
from labcore.results.evaluation import MAX_WORD, ShortcutTest
from labcore.results.run import Run
from labcore.runs.cache import cached_teacher, calibration_for
from labcore.runs.store import Store
from labcore.runs.teacher_models import max_tokens

EXAMPLES = 500  # of the validation split, evenly spread over it


def shortcut_test_of(
    run: Run, word: str, store: Store, no_teacher: Run | None = None
) -> Generator[tuple[int, int], None, ShortcutTest]:
    """Test the run's student and teacher, and the student of its no-teacher baseline, for a word.

    Each model predicts validation examples without the word, and the same with it; of a pair, the first text
    gets it. A generator: it yields how many of how many such passes are done, and returns the ShortcutTest.
    Raises SpecError if the word can't be put into a text, or if a student can't be loaded.
    """
    word = checked(word)
    teacher, task = run.spec.teacher, load_task(run.spec.task)
    limit = max_tokens(teacher, run.spec.task)
    tokenizer = calibration_for(teacher, run.spec.task).tokenizer
    room = limit // 2 if task.pairs else limit  # half of a pair's tokens are its first text's, whatever the second has
    without, with_it = examples_for(
        task.splits["validation"], word, lambda text: beginning(text, word, tokenizer, room)
    )
    runs = [run] if no_teacher is None else [run, no_teacher]
    models = [_student(each, store, tokenizer) for each in runs]
    models.append((cached_teacher(teacher, run.spec.task), tokenizer))
    passes = len(models) * 2
    logits: list[Tensor] = []
    for model, own_tokenizer in models:
        for examples in (without, with_it):
            yield len(logits), passes
            logits.append(predict(model, encode(own_tokenizer, examples, limit)))
    yield passes, passes
    student, *baseline, of_teacher = zip(logits[::2], logits[1::2], strict=True)
    return shortcut_test(word, torch.tensor(without.labels), student, of_teacher, baseline[0] if baseline else None)


def checked(word: str) -> str:
    """The word as it is put into texts: in lower case, with single spaces.

    Raises SpecError if it is empty or too long.
    """
    check_characters("the word", word)
    plain = " ".join(word.lower().split())
    check_text("the word", plain, MAX_WORD)
    if not any(c.isalnum() for c in plain):
        raise SpecError(f"the word is {shown(word)}; give a word or a few, with a letter or a digit")
    return plain


def beginning(text: str, word: str, tokenizer: PreTrainedTokenizerBase, limit: int) -> str:
    """The part of the text that a model reads if the word is added: the token limit cuts off the rest."""
    room = limit - len(tokenizer(word).input_ids)  # which include the tokens that begin and end a text
    offsets = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True).offset_mapping
    if len(offsets) <= room:
        return text
    part = text[: offsets[room][0]]
    return part.rstrip() if part[-1:].isspace() else part.rsplit(maxsplit=1)[0]  # no half a word


def examples_for(
    examples: Examples, word: str, readable: Callable[[str], str] = lambda text: text
) -> tuple[Examples, Examples]:
    """At most EXAMPLES of the examples without the word, and the same with it once.

    An example whose text is nothing but the word is left out. readable: returns the part of a text that a model reads.
    """
    pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
    few = examples.spread(EXAMPLES)
    plain = [readable(" ".join(pattern.sub(" ", text).split())) for text in few.text]
    kept = [i for i, text in enumerate(plain) if text]
    labels = tuple(few.labels[i] for i in kept)
    second = None if few.second is None else tuple(" ".join(pattern.sub(" ", few.second[i]).split()) for i in kept)
    without = Examples(tuple(plain[i] for i in kept), labels, second)
    return without, replace(without, text=tuple(with_word(text, word) for text in without.text))


def _student(run: Run, store: Store, tokenizer: PreTrainedTokenizerBase) -> tuple[Classifier, PreTrainedTokenizerBase]:
    """The run's student with its tokenizer."""
    student = store.student(run.id)
    return student.model, trimmed(tokenizer, student.vocabulary)
