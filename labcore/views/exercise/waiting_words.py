"""The time of runs that are not requested yet, in words."""

from __future__ import annotations

from labcore.runs.time_estimate import TimeEstimate
from labcore.views.words import rough_duration


def waiting_in_words(runs: int, own: TimeEstimate, runs_ahead: int, ahead: TimeEstimate) -> str:
    """About how long some runs take, with those of the queue before them, and what the estimate rests on."""
    these = "This run takes" if runs == 1 else f"These {runs} runs take"
    words = f"{these} about {rough_duration(own.seconds)}"
    if runs_ahead:
        queue = "1 run in the queue takes" if runs_ahead == 1 else f"{runs_ahead} runs in the queue take"
        both = rough_duration(own.seconds + ahead.seconds)
        words += f", and before that {queue} about {rough_duration(ahead.seconds)}: about {both} in all"
    if (own + ahead).measured:
        return f"{words}. This estimate is based on earlier runs on this machine."
    return (
        f"{words}. This estimate is based on the multiply-accumulates of the students and the speed of two cores, "
        "because this machine has no earlier run. It may be twice as long."
    )
