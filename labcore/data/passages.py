"""Passages of long film reviews, each with its review's label: much in-domain text, weakly labelled.

A review that ends up praising a film has sentences that do not; a passage's label is right more often than not.
"""

from __future__ import annotations

import random
import re

from labcore.data.tasks import Examples, load_task, read_reviews

MAX_SENTENCES = 2
MAX_WORDS = 40
LAST_WORDS_SHARE = 0.4  # of the passages are the review's last sentences, where it says what it thinks


def review_passages(per_review: int, seed: int) -> Examples:
    """`per_review` passages of one or two sentences out of each of 25,000 IMDb reviews, lower-case as the sentences are.

    Maas et al., 2011, https://aclanthology.org/P11-1015. No text of the validation or test split is among them.
    """
    splits = load_task("reviews").splits
    held_out = {*splits["validation"].texts, *splits["test"].texts}
    draw = random.Random(seed)
    texts, labels = [], []
    for review, label in read_reviews("imdb"):
        plain = re.sub(r"<br\s*/?>", " ", review)
        sentences = [part.strip() for part in re.split(r"(?<=[.!?])\s+", plain) if len(part.split()) >= 3]
        if not sentences:
            continue
        for _ in range(per_review):
            length = draw.randint(1, min(MAX_SENTENCES, len(sentences)))
            last = len(sentences) - length
            start = last if draw.random() < LAST_WORDS_SHARE else draw.randint(0, last)
            words = " ".join(sentences[start : start + length]).lower().split()
            text = " ".join(words[:MAX_WORDS])
            if text not in held_out:
                texts.append(text)
                labels.append(label)
    return Examples(tuple(texts), tuple(labels))
