"""What a judgement comes to, in words with their numbers."""

from __future__ import annotations

import unicodedata

from labcore.results.evaluation import ErrorOverlap, Groups, Pair, TextPrediction, Seeds
from labcore.views.words import percent

SIGNIFICANT = 0.05


def error_overlap_in_words(fates: ErrorOverlap, accuracy: float) -> str:
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
    counts = (
        f"They differ on {pair.only_first + pair.only_second:,} sentences: {first} alone is right on {pair.only_first:,}, "
        f"{second} alone on {pair.only_second:,}."
    )
    if pair.p >= SIGNIFICANT:
        return (
            f"**Cannot tell {first} and {second} apart**: {first} less {second} is "
            f"{interval(pair.difference, pair.low, pair.high)}, {_p(pair.p)}. {counts}"
        )
    better, worse, gap = _ranked(pair, first, second)
    return f"**{better} is better than {worse}**, by {gap}, {_p(pair.p)}. {counts}"


def groups_in_words(groups: Groups, first: str, second: str) -> str:
    """The verdict on two designs over the seeds that were run."""
    rest = "This is chance over sentences; what other seeds would give is in the ± of each, not here."
    if groups.low <= 0 <= groups.high:
        gap = interval(groups.difference, groups.low, groups.high)
        return f"**Over these seeds the two can't be told apart**: {first} less {second} is {gap}. {rest}"
    better, _, gap = _ranked(groups, first, second)
    return f"**Over these seeds {better} is better on average**, by {gap}. {rest}"


def _ranked(found: Pair | Groups, first: str, second: str) -> tuple[str, str, str]:
    """The better one, the worse one, and by how much."""
    if found.difference > 0:
        return first, second, interval(found.difference, found.low, found.high)
    return second, first, interval(-found.difference, -found.high, -found.low)


def seeds_in_words(seeds: Seeds) -> str:
    """A mean over seeds and its interval, such as `79.6 % ± 0.5 points (3 seeds)`."""
    if seeds.half is None:
        return f"{percent(seeds.mean, 1)} (one seed: no interval)"
    return f"{percent(seeds.mean, 1)} ± {100 * seeds.half:.1f} points ({seeds.n} seeds)"


def reading_in_words(reading: TextPrediction, name: str) -> str:
    """What a model could not read of a text; empty where it read all."""
    if reading.probabilities is None:
        return f"There is nothing in this text that {name} could read."
    parts = []
    if reading.unknown:
        parts.append(
            f"{percent(reading.unknown)} of the word pieces that {name} read are [UNK]: words that it does not know."
        )
    if reading.unread:
        parts.append(
            f"{name.capitalize()} read the first {len(reading.tokens):,} word pieces; what follows was cut off: "
            f"{_quoted(reading.unread)}"
        )
    return " ".join(parts)


def foreign_share(text: str) -> float:
    """The share of a text's letters that are not Latin; 0 where it has no letters."""
    letters = [c for c in text if c.isalpha()]
    return sum(not unicodedata.name(c, "").startswith("LATIN") for c in letters) / max(1, len(letters))


def _quoted(text: str, most: int = 120) -> str:
    """The beginning of a person's text as code, so that nothing in it is taken for Markdown."""
    line = " ".join(text.replace("`", "'").split())
    return f"`{line}`" if len(line) <= most else f"`{line[:most].rstrip()}…` ({len(text):,} characters)"


def interval(difference: float, low: float, high: float) -> str:
    """A difference of shares in points with its 95 % interval, such as `1.2 points (95 % interval −0.3 to 2.7)`."""
    points = [f"{100 * share:.1f}".replace("-", "−") for share in (difference, low, high)]
    return f"{points[0]} points (95 % interval {points[1]} to {points[2]})"


def _p(p: float) -> str:
    return "p < 0.0001" if p < 1e-4 else f"p = {p:.2g}" if p < 0.1 else f"p = {p:.2f}"
