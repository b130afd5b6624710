"""How far an exported file may differ from the model that it was made of. Beyond that it is not handed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labcore.config.checks import SpecError
from labcore.export.exported_folder import Kind, Measured


@dataclass(frozen=True)
class Bound:
    """The limits of a kind, on the test split.

    difference: the largest of a logit; None for no limit. agreement: the least. loss: the most that accuracy may fall.
    """

    difference: float | None
    agreement: float
    loss: float


BOUNDS: Mapping[Kind, Bound] = {
    "onnx": Bound(difference=1e-3, agreement=0.98, loss=0.005),
    "onnx-int8": Bound(difference=None, agreement=0.95, loss=0.02),
    "onnx-4bit": Bound(difference=None, agreement=0.95, loss=0.02),
    "huggingface": Bound(difference=1e-3, agreement=0.98, loss=0.005),
}


def check_bounds(kind: Kind, measured: Measured, *, exact: bool = False) -> None:
    """Raises SpecError, with the figures, if a measured export is beyond its kind's bounds.

    One example may always differ: of a small test split it is more than the bound. exact: whether nothing was rounded
    for this export, because the student has low bits itself; then the bounds are those of fp32.
    """
    bound, one = BOUNDS["onnx" if exact else kind], 1 / measured.examples
    wrong = []
    if bound.difference is not None and measured.largest_difference > bound.difference:
        wrong.append(f"a logit differs by {measured.largest_difference:.2g} (at most {bound.difference:g})")
    if measured.agreement < min(bound.agreement, 1 - one):
        wrong.append(f"agreement is {_percent(measured.agreement)} (at least {_percent(bound.agreement)})")
    loss = measured.accuracy_in_torch - measured.accuracy
    if loss > max(bound.loss, one) + 1e-9:
        wrong.append(f"accuracy falls by {100 * loss:.1f} points (at most {100 * bound.loss:g})")
    if wrong:
        raise SpecError(
            f"the {kind} file differs too much from the student, so it was not kept: {'; '.join(wrong)}. "
            f"Accuracy is {_percent(measured.accuracy)} instead of {_percent(measured.accuracy_in_torch)} on "
            f"{measured.examples:,} test examples; export another kind, such as onnx"
        )


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.1f} %"
