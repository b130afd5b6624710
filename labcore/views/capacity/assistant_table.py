"""Teacher assistants as a table and in words: small students with an assistant, beside the same trained directly."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from labcore.evaluate.assistant_gain import AssistantComparison, total_steps
from labcore.evaluate.significance import is_significant
from labcore.views.evaluate.seed_table import accuracy_in_words, points_in_words
from labcore.views.words import percent, student_in_words


def assistant_table(pairs: Sequence[AssistantComparison]) -> pd.DataFrame:
    """A row for each small student: both ways, their difference, and the total number of steps."""
    return pd.DataFrame(
        [
            {
                "size": percent(pair.ratio, 1),
                "directly": accuracy_in_words(pair.direct.accuracy),
                "with the assistant": accuracy_in_words(pair.assisted.accuracy),
                "difference": points_in_words(pair.gain),
                "steps": f"{total_steps(pair.direct.spec):,} / {total_steps(pair.assisted.spec):,}",
                "seeds": len(pair.direct.finished),
                "student": student_in_words(pair.direct.spec),
                "assistant": student_in_words(pair.assistant),
            }
            for pair in pairs
        ]
    )


def assistant_in_words(pairs: Sequence[AssistantComparison]) -> str:
    """Whether the assistant helped: for each student, with its interval."""
    return " ".join(_in_words(pair) for pair in pairs)


def _in_words(pair: AssistantComparison) -> str:
    size, points = f"At {percent(pair.ratio)} of the teacher's size", f"({points_in_words(pair.gain)} points)"
    if not is_significant(pair.gain):
        return f"{size} the assistant makes **no significant difference** {points}."
    return f"{size} the assistant **{'helps' if pair.gain.mean > 0 else 'harms'}** {points}."
