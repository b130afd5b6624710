"""Verdicts of an evaluation in words, with their numbers."""

from __future__ import annotations

from labcore.evaluate.significance import is_significant, mcnemar
from labcore.results.evaluation import ErrorOverlap, MeanDifference, Pair, SeedMean, TextPrediction
from labcore.views.words import percent

MAX_QUOTED = 120  # characters of a person's text


def error_overlap_in_words(overlap: ErrorOverlap, accuracy: float) -> str:
    """Whether the student makes its teacher's mistakes or its own."""
    wrong = overlap.corrected + overlap.inherited + overlap.other
    if not wrong:
        return f"The teacher makes no mistake here. The student makes {overlap.new:,} of its own."
    return (
        f"Of the teacher's {wrong:,} mistakes the student repeats **{overlap.inherited:,} "
        f"({percent(overlap.inherited / wrong)})** and corrects **{overlap.corrected:,}**. Of the teacher's "
        f"{overlap.kept + overlap.new:,} correct predictions it loses **{overlap.new:,}**. If its mistakes were "
        f"independent of the teacher's, it would be wrong on about {percent(1 - accuracy)} of both."
    )


def above_teacher_in_words(overlap: ErrorOverlap) -> str:
    """What it means that a student is significantly better than its teacher, with the numbers."""
    return (
        f"**This student is significantly better than its teacher.** Only the student is right on "
        f"{overlap.corrected:,} test examples, only the teacher on {overlap.new:,} "
        f"({_p(mcnemar(overlap.corrected, overlap.new))}). The teacher was probably trained too little: a teacher that "
        "is trained longer should give a better student."
    )


def pair_in_words(pair: Pair, first: str, second: str) -> str:
    """The verdict on two students: which is better, or no significant difference, with the numbers."""
    counts = (
        f"They differ on {pair.only_first + pair.only_second:,} examples: only {first} is right on "
        f"{pair.only_first:,}, only {second} on {pair.only_second:,}."
    )
    if not is_significant(pair):
        gap = interval(pair.difference, pair.low, pair.high)
        verdict = f"**No significant difference between {first} and {second}**: {first} minus {second} is {gap}"
    else:
        better, worse, gap = _ranked(pair, first, second)
        verdict = f"**{better} is better than {worse}**, by {gap}"
    return f"{verdict}, {_p(pair.p)}. {counts}"


def mean_difference_in_words(difference: MeanDifference, first: str, second: str) -> str:
    """The verdict on two designs over the seeds that were run."""
    rest = "This interval is over test examples; the ± of each design is over seeds."
    if not is_significant(difference):
        gap = interval(difference.difference, difference.low, difference.high)
        return f"**No significant difference over these seeds**: {first} minus {second} is {gap}. {rest}"
    better, _, gap = _ranked(difference, first, second)
    return f"**Over these seeds {better} is better on average**, by {gap}. {rest}"


def _ranked(compared: Pair | MeanDifference, first: str, second: str) -> tuple[str, str, str]:
    """The better one, the worse one, and by how much."""
    if compared.difference > 0:
        return first, second, interval(compared.difference, compared.low, compared.high)
    return second, first, interval(-compared.difference, -compared.high, -compared.low)


def seeds_in_words(seeds: SeedMean) -> str:
    """A mean over seeds and its interval, such as `79.6 % ± 0.5 points (3 seeds)`."""
    if seeds.half is None:
        return f"{percent(seeds.mean, 1)} (one seed: no interval)"
    return f"{percent(seeds.mean, 1)} ± {100 * seeds.half:.1f} points ({seeds.n} seeds)"


def unread_in_words(prediction: TextPrediction, name: str) -> str:
    """What a model could not read of a text; empty if it read all."""
    if prediction.probabilities is None:
        return f"This text has no token that {name} can read."
    parts = []
    if prediction.unknown:
        parts.append(
            f"{percent(prediction.unknown)} of the tokens that {name} read are [UNK]: words outside its vocabulary."
        )
    if prediction.unread:
        parts.append(
            f"{name.capitalize()} read the first {len(prediction.tokens):,} tokens; the rest was cut off: "
            f"{_quoted(prediction.unread)}"
        )
    return " ".join(parts)


def tokens_in_words(prediction: TextPrediction) -> str:
    """The tokens that a model read, as text."""
    return " ".join(prediction.tokens)


def _quoted(text: str) -> str:
    """The beginning of a person's text as code, so that none of it counts as Markdown."""
    line = " ".join(text.replace("`", "'").split())
    return f"`{line}`" if len(line) <= MAX_QUOTED else f"`{line[:MAX_QUOTED].rstrip()}…` ({len(text):,} characters)"


def interval(difference: float, low: float, high: float) -> str:
    """A difference of fractions in points with its 95 % interval: `1.2 points (95 % interval −0.3 to 2.7)`."""
    points = [f"{100 * fraction:.1f}".replace("-", "−") for fraction in (difference, low, high)]
    return f"{points[0]} points (95 % interval {points[1]} to {points[2]})"


def _p(p: float) -> str:
    return "p < 0.0001" if p < 1e-4 else f"p = {p:.2g}" if p < 0.1 else f"p = {p:.2f}"
