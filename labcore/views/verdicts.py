"""What a judgement comes to, in words with their numbers."""

from __future__ import annotations

import unicodedata

from labcore.judgement import Fates, Groups, Pair, Reading, Seeds
from labcore.views.words import percent

SIGNIFICANT = 0.05


def fates_in_words(fates: Fates, accuracy: float) -> str:
    """Whether the student makes its teacher's mistakes or its own."""
    wrong = fates.corrected + fates.inherited + fates.other
    if not wrong:
        return f"The teacher makes no mistake here. The student makes {fates.new:,} of its own."
    inherited, chance = fates.inherited / wrong, 1 - accuracy
    first = (
        f"Of the teacher's {wrong:,} mistakes the student repeats **{fates.inherited:,} ({percent(inherited)})** and "
        f"corrects **{fates.corrected:,}**; of its {fates.kept + fates.new:,} right answers it loses **{fates.new:,}**."
    )
    return (
        f"{first} A student whose mistakes had nothing to do with the teacher's would be wrong on about "
        f"{percent(chance)} of both."
    )


def pair_in_words(pair: Pair, first: str, second: str) -> str:
    """The verdict on two students: which is better, or that they can't be told apart, with the numbers."""
    discordant = pair.only_first + pair.only_second
    numbers = (
        f"{_points(pair.difference)} (95 % interval {_points(pair.low)} to {_points(pair.high)}), p = {_p(pair.p)}. "
        f"They differ on {discordant:,} sentences: {first} alone is right on {pair.only_first:,}, {second} alone on {pair.only_second:,}."
    )
    if pair.p >= SIGNIFICANT:
        return f"**Cannot tell {first} and {second} apart**: {numbers}"
    better, worse = (first, second) if pair.difference > 0 else (second, first)
    return f"**{better} is better than {worse}**: {numbers}"


def groups_in_words(groups: Groups, ours: Seeds, theirs: Seeds, first: str, second: str) -> str:
    """The verdict on two designs over their seeds."""
    numbers = (
        f"{_points(groups.difference)} between their means (95 % interval {_points(groups.low)} to {_points(groups.high)}, "
        f"over sentences; the seeds' own spread is in the ± above)."
    )
    if groups.low <= 0 <= groups.high:
        return f"**Cannot tell the two designs apart**: {numbers}"
    better = first if groups.difference > 0 else second
    return f"**{better}'s design is better**: {numbers}"


def seeds_in_words(seeds: Seeds) -> str:
    """A mean over seeds and its interval, such as `79.6 % ± 0.5 points (3 seeds)`."""
    if seeds.half is None:
        return f"{percent(seeds.mean, 1)} (one seed: no interval)"
    return f"{percent(seeds.mean, 1)} ± {100 * seeds.half:.1f} points ({seeds.n} seeds)"


def reading_in_words(reading: Reading, name: str) -> str:
    """What a model could not read of a text; empty where it read all."""
    if reading.probabilities is None:
        return f"There is nothing in this text that {name} could read."
    parts = []
    if reading.unknown:
        parts.append(
            f"{percent(reading.unknown)} of the word pieces that {name} read are [UNK]: words that it does not know."
        )
    if reading.cut:
        parts.append(
            f"{name.capitalize()} read the first {len(reading.pieces):,} word pieces; what follows was cut off: "
            f"“{_shortened(reading.cut)}”"
        )
    return " ".join(parts)


def foreign_share(text: str) -> float:
    """The share of a text's letters that are not Latin; 0 where it has no letters."""
    letters = [c for c in text if c.isalpha()]
    return sum(not unicodedata.name(c, "").startswith("LATIN") for c in letters) / max(1, len(letters))


def _shortened(text: str, most: int = 120) -> str:
    return text if len(text) <= most else f"{text[:most].rstrip()}… ({len(text):,} characters)"


def _points(share: float) -> str:
    return f"{100 * share:+.1f} points"


def _p(p: float) -> str:
    return "< 0.0001" if p < 1e-4 else f"{p:.2g}" if p < 0.1 else f"{p:.2f}"
