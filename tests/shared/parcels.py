"""A small data set of one's own, which a teacher learns in a few steps."""

from __future__ import annotations

import random

from labcore.data.own.columns import Columns
from labcore.data.own.data_set import make_data_set
from labcore.data.own.data_store import save
from labcore.data.own.table import Table

SUBJECTS = ("parcel", "order", "invoice", "driver", "delivery", "box", "label", "refund", "courier", "letter")
SAID = {
    "complaint": ("broken", "lost", "rude", "late", "wrong", "damaged", "terrible", "missing"),
    "praise": ("perfect", "quick", "friendly", "early", "great", "careful", "lovely", "excellent"),
    "question": ("where", "when", "how", "who", "which", "what", "why", "whose"),
}


def own_rows(count: int = 240, seed: int = 0) -> list[tuple[str, str]]:
    """Different short texts, each with its label."""
    draw = random.Random(seed)
    rows: dict[str, str] = {}
    while len(rows) < count:
        label = list(SAID)[len(rows) % len(SAID)]
        subject, word, number = draw.choice(SUBJECTS), draw.choice(SAID[label]), draw.randint(1, 500)
        text = f"{word} is my {subject} {number}?" if label == "question" else f"the {subject} {number} was {word}"
        rows.setdefault(text, label)
    return list(rows.items())


def own_csv(count: int = 240) -> str:
    """The same as a file with semicolons."""
    return "\n".join(["text;label", *(f"{text};{label}" for text, label in own_rows(count))]) + "\n"


def kept_data(count: int = 240, name: str = "Parcels") -> str:
    """Keep the data set in the home; the name of its task."""
    table = Table(("text", "label"), tuple(own_rows(count)))
    made, report = make_data_set(table, Columns("text", "label"), name, max_tokens=32)
    save(made, report)
    return made.task
