"""How often the monitor is right, as a table and in words."""

from __future__ import annotations

from typing import get_args

import pandas as pd

from labcore.evaluate.monitor_errors import TRUTHS, MonitorErrors
from labcore.results.evaluation import Verdict
from labcore.views.words import percent


def score_table(score: MonitorErrors) -> pd.DataFrame:
    """A row for each truth, a column for each verdict."""
    verdicts: tuple[Verdict, ...] = get_args(Verdict)
    return pd.DataFrame(
        [
            {
                "truth": truth,
                "runs": score.runs(truth),
                **{verdict: score.count(truth, verdict) for verdict in verdicts},
            }
            for truth in TRUTHS
        ]
    )


def score_in_words(score: MonitorErrors) -> str:
    """The verdicts and the error rate, in three sentences."""
    low, high = score.error_interval
    return (
        f"Of {score.runs('mimic')} mimics it detected {score.correct('mimic')}, missed "
        f"{score.wrong('mimic') or 'none'}, and left {score.undecided('mimic') or 'none'} undecided. Of "
        f"{score.runs('unaffected')} unaffected students it cleared {score.correct('unaffected')}, falsely accused "
        f"{score.wrong('unaffected') or 'none'}, and left {score.undecided('unaffected') or 'none'} undecided. Of its "
        f"{score.decided} decisions {score.errors or 'none'} {'was' if score.errors == 1 else 'were'} wrong (95 % "
        f"interval of the error rate: {percent(low)} to {percent(high)})."
    )
