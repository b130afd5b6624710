"""The transfer set: sentences without labels, on which a student can learn from its teacher alone.

Hinton et al., 2015 (https://arxiv.org/abs/1503.02531) call so what a student is distilled on. A teacher can answer
any sentence, so a small labelled set is not the limit of what there is to learn.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache

from labcore.config.spec import SpecError
from labcore.data.tasks import load_task, read_reviews

WORDS = (5, 40)  # of a sentence: at least, at most
SOURCES = ("reviews",)  # tasks that have a transfer set


def transfer_sentences(task: str, count: int) -> tuple[str, ...]:
    """The first `count` sentences of the task's transfer set, in an order that a hash fixes: fewer are the first of more.

    `reviews`: sentences of 25,000 IMDb reviews (Maas et al., 2011, https://aclanthology.org/P11-1015), lower-case as
    the task's are; their labels are not looked at. No text of the task's own splits is among them.
    Raises SpecError for a task without a transfer set.
    """
    if count == 0:
        return ()
    if task not in SOURCES:
        raise SpecError(
            f"distil.transfer is {count}, but task {task!r} has no sentences without labels; give 0, or task 'reviews'"
        )
    return _film_sentences()[:count]


@cache
def _film_sentences() -> tuple[str, ...]:
    labelled = {text for split in load_task("reviews").splits.values() for text in split.texts}
    found: set[str] = set()
    for review, _ in read_reviews("imdb"):
        plain = re.sub(r"<br\s*/?>", " ", review)
        for part in re.split(r"(?<=[.!?])\s+", plain):
            words = part.lower().split()
            if WORDS[0] <= len(words) <= WORDS[1]:
                found.add(" ".join(words))
    return tuple(sorted(found - labelled, key=lambda text: hashlib.sha256(text.encode()).digest()))
