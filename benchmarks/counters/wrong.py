"""All wrong ones: of values, of parameters, of what is returned, and of what is left behind."""

from __future__ import annotations

from benchmarks.counters.wrong_answers import WRONG_ANSWERS
from benchmarks.counters.wrong_changes import WRONG_CHANGES
from benchmarks.counters.wrong_parameters import WRONG_PARAMETERS
from benchmarks.counters.wrong_values import WRONG_VALUES

WRONG = (*WRONG_VALUES, *WRONG_PARAMETERS, *WRONG_ANSWERS, *WRONG_CHANGES)
