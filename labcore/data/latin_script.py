"""How much of a text is in another script than Latin, the only one that the lab's teachers were trained on."""

from __future__ import annotations

import unicodedata
from collections import Counter


def non_latin_fraction(text: str) -> float:
    """The fraction of a text's letters that are not Latin; 0 if it has no letters."""
    scripts = _scripts(text)
    return 1 - scripts["LATIN"] / scripts.total() if scripts.total() else 0.0


def main_script(text: str) -> str:
    """The script of most of a text's letters, as Unicode names it: "Latin", "Arabic", "Cyrillic"; empty if none."""
    scripts = _scripts(text)
    name = max(scripts, key=scripts.__getitem__) if scripts else ""
    return name if name == "CJK" else name.capitalize()


def _scripts(text: str) -> Counter[str]:
    """The letters of each script: the first word of a letter's Unicode name is its script's."""
    letters = Counter(c for c in text if c.isalpha())
    scripts: Counter[str] = Counter()
    for letter, count in letters.items():
        scripts[unicodedata.name(letter, "?").split()[0]] += count
    return scripts
