"""How much of a text is in another script than Latin, the only one that the lab's teachers were trained on."""

from __future__ import annotations

import unicodedata


def non_latin_fraction(text: str) -> float:
    """The fraction of a text's letters that are not Latin; 0 if it has no letters."""
    letters = [c for c in text if c.isalpha()]
    return sum(not unicodedata.name(c, "").startswith("LATIN") for c in letters) / max(1, len(letters))
