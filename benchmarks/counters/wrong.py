"""All wrong ones: of values, of parameters, of what is trained, returned, left behind, or kept from an earlier call."""

from __future__ import annotations

from benchmarks.counters.wrong_changes import WRONG_CHANGES
from benchmarks.counters.wrong_memory import WRONG_MEMORY
from benchmarks.counters.wrong_parameters import WRONG_PARAMETERS
from benchmarks.counters.wrong_results import WRONG_RESULTS
from benchmarks.counters.wrong_trainable import WRONG_TRAINABLE
from benchmarks.counters.wrong_values import WRONG_VALUES

WRONG = (*WRONG_VALUES, *WRONG_PARAMETERS, *WRONG_TRAINABLE, *WRONG_RESULTS, *WRONG_CHANGES, *WRONG_MEMORY)
