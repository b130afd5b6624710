"""How the tour puts numbers into lines: your own number first, the recorded one beside it."""

from __future__ import annotations

from dataclasses import replace

from labcore.guide.tour.stop import Compare, Own, ReferenceFigures
from labcore.results.evaluation import SeedMean


def percentage(fraction: float, digits: int = 1) -> str:
    """A fraction as a percentage, such as `68.4 %`."""
    return f"{100 * fraction:.{digits}f} %"


def points(first: float, second: float) -> str:
    """The second fraction minus the first as a reader subtracts them, rounded, in points: `+2.3 points`."""
    return f"{round(100 * second, 1) - round(100 * first, 1):+.1f} points".replace("-", "−")


def mean_in_words(mean: SeedMean) -> str:
    """A mean of accuracies over seeds with its 95 % interval, such as `67.2 ± 1.1 %`."""
    spread = "" if mean.half is None else f" ± {100 * mean.half:.1f}"
    return f"{100 * mean.mean:.1f}{spread} %"


def difference_in_words(mean: SeedMean) -> str:
    """A mean difference over seeds with its 95 % interval, such as `+1.9 ± 0.8 points`."""
    spread = "" if mean.half is None else f" ± {100 * mean.half:.1f}"
    return f"{100 * mean.mean:+.1f}{spread} points".replace("-", "−")


def negative(difference: SeedMean) -> SeedMean:
    """The same difference, of its second arm to its first."""
    return replace(difference, mean=-difference.mean)


def compared(own: Own, figures: ReferenceFigures, compare: Compare) -> str:
    """Two arms at equal training: your own accuracies, the reference results, and what they mean."""
    arms, labels = compare.arms, compare.labels
    first, second = own[:2]
    means = [figures.accuracies[arm] for arm in arms]
    difference, verdict = negative(figures.differences[arms]), figures.verdicts[arms]
    lines = [
        f"Yours: **{percentage(first)}** {labels[0]}, **{percentage(second)}** {labels[1]}, "
        f"**{points(first, second)}** (test, one seed).",
        f"Recorded: {mean_in_words(means[0])} and {mean_in_words(means[1])}, {difference_in_words(difference)} "
        f"({difference.n} seeds, 95 % interval).",
        compare.meanings[verdict],
    ]
    if verdict != "no difference" and (second - first) * difference.mean < 0:
        lines.insert(2, "Your single run points the other way: one seed can.")
    return " ".join(lines)
