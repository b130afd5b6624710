"""The frontier's axes in words: their names, units, figures, and what each of them is."""

from __future__ import annotations

from labcore.evaluate.frontier_axes import Axes, CostAxis, QualityAxis
from labcore.views.words import millions, percent

COST_NAMES: dict[CostAxis, str] = {
    "total": "parameters",
    "nonzero": "non-zero parameters",
    "stored": "stored bytes",
    "sparse": "stored bytes, zeros left out",
    "macs": "multiply-accumulates",
    "milliseconds": "milliseconds per example",
    "memory": "peak memory",
}
QUALITY_NAMES: dict[QualityAxis, str] = {
    "accuracy": "test accuracy",
    "retention": "retention",
    "agreement": "agreement",
    "loyalty": "probability loyalty",
}
_MEGABYTES: tuple[CostAxis, ...] = ("stored", "sparse", "memory")
COST_HELP = (
    "What you pay for a model. Pruning leaves zeros in place: it lowers the non-zero parameters, and the bytes of a "
    "file without zeros. Stored bytes are those of the weights' file, in fp32 unless the student has fewer bits. "
    "Multiply-accumulates, milliseconds and peak memory are for one example of 128 tokens. Peak memory is the weights "
    "in fp32 and the activations that exist at the same moment. Milliseconds and peak memory are measured on this "
    "machine."
)
QUALITY_HELP = (
    "How good a model is on the test split. Retention is its accuracy divided by the teacher's. Agreement is the "
    "fraction of examples with the teacher's prediction. Probability loyalty is how close its probabilities are to the "
    "teacher's."
)


def drawn_cost(cost: float, axis: CostAxis) -> float:
    """A cost in the unit of its axis: bytes in MB, everything else as it is."""
    return cost / 1e6 if axis in _MEGABYTES else cost


def cost_title(axis: CostAxis) -> str:
    """The title of the x-axis, with its unit."""
    return f"{COST_NAMES[axis]}, MB" if axis in _MEGABYTES else COST_NAMES[axis]


def cost_in_words(cost: float, axis: CostAxis, exact: bool = False) -> str:
    """A cost with its unit, such as `9.04 M parameters`, `36.1 MB stored bytes` or `4.2 ms`. exact: counts in full."""
    if axis == "milliseconds":
        return f"{cost:,.1f} ms"
    if axis in _MEGABYTES:
        size = f"{cost / 1e6:,.{1 if cost >= 1e6 else 3}f} MB"
        return f"{size} of memory" if axis == "memory" else f"{size} {COST_NAMES[axis]}"
    if exact:
        return f"{round(cost):,} {COST_NAMES[axis]}"
    if axis == "macs" and cost >= 1e9:
        return f"{cost / 1e9:.2f} G {COST_NAMES[axis]}"
    return f"{millions(round(cost))} {COST_NAMES[axis]}"


def quality_in_words(quality: float, axis: QualityAxis) -> str:
    """A quality with its name, such as `test accuracy 82.0 %`."""
    return f"{QUALITY_NAMES[axis]} {percent(quality, 1)}"


def title_in_words(axes: Axes) -> str:
    """Both axes, such as `test accuracy against parameters`."""
    return f"{QUALITY_NAMES[axes.quality]} against {COST_NAMES[axes.cost]}"
