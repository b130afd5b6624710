"""How uncertain an accuracy is that was measured on independent examples. Standard library only.

The interval is Wilson's (1927, https://doi.org/10.1080/01621459.1927.10502953). At 0 % and at 100 % the normal
distribution would give a width of 0, as if a few examples settled it. In between both agree to a tenth of a point from
about a hundred examples on.
"""

from __future__ import annotations

import math

STANDARD_ERRORS = 1.96  # on each side of a normal distribution's interval of 95 %


def accuracy_interval(accuracy: float, examples: int) -> tuple[float, float]:
    """Wilson's 95 % interval of an accuracy over this number of examples, within 0 to 1; from 0 to 1 without any."""
    if examples < 1:
        return 0.0, 1.0
    shrunk = STANDARD_ERRORS**2 / examples
    middle = (accuracy + shrunk / 2) / (1 + shrunk)
    half = half_interval(accuracy, examples)
    return max(0.0, middle - half), min(1.0, middle + half)


def half_interval(accuracy: float, examples: int) -> float:
    """Half of the width of Wilson's 95 % interval; 0.5 without any example."""
    if examples < 1:
        return 0.5
    variance = accuracy * (1 - accuracy) / examples + (STANDARD_ERRORS / (2 * examples)) ** 2
    return STANDARD_ERRORS * math.sqrt(variance) / (1 + STANDARD_ERRORS**2 / examples)


def standard_error(accuracy: float, examples: int) -> float:
    """The standard error of an accuracy: half of Wilson's interval, divided by STANDARD_ERRORS."""
    return half_interval(accuracy, examples) / STANDARD_ERRORS
