"""Mitigations of mimicry as a table and in words."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from labcore.evaluate.hard_weight_groups import CONDITIONS
from labcore.evaluate.mitigation_gain import Mitigation, MitigationEffect
from labcore.views.evaluate.seed_table import accuracy_in_words, points_in_words

EFFECTS: dict[MitigationEffect, str] = {
    "helps": "These help significantly",
    "harms": "These harm significantly",
    "unclear": "These make no significant difference",
    "none": "These lead to the same accuracies, because the best checkpoint is kept anyway",
}


def mitigations_table(tried: Sequence[Mitigation]) -> pd.DataFrame:
    """A row for the mimic and for each mitigation: accuracy by condition, and the gain, with 95 % intervals."""
    return pd.DataFrame(
        [
            {
                "training": each.name,
                **{name: accuracy_in_words(each.accuracy(name)) for name in CONDITIONS},
                "gain, contradicts": "–" if each.gain is None else points_in_words(each.gain),
                "seeds": each.seeds,
            }
            for each in tried
        ]
    )


def mitigations_in_words(tried: Sequence[Mitigation]) -> str:
    """Which mitigations help or harm significantly, and which do not, with their gains in points."""
    verdicts = []
    for effect, words in EFFECTS.items():
        named = [_name(each) for each in tried if each.gain is not None and each.effect == effect]
        if named:
            verdicts.append(f"{words}: {', '.join(named)}.")
    return " ".join(verdicts)


def _name(mitigation: Mitigation) -> str:
    if mitigation.gain is None or mitigation.effect == "none":
        return f"*{mitigation.name}*"
    return f"*{mitigation.name}* ({points_in_words(mitigation.gain)})"
