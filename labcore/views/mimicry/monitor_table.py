"""How often the monitor was right: its verdicts on recorded runs beside the truth, which is known from how their data were made."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import get_args

import pandas as pd
from scipy.stats import binomtest

from labcore.config.presets import SWEEPS
from labcore.evaluate.reference import ReferenceResults
from labcore.evaluate.seed_groups import with_seed, without_reruns
from labcore.results.evaluation import HARM, Verdict
from labcore.results.run import FinishedRun
from labcore.views.words import percent

MIMIC, SOUND = "mimic", "sound"
SET_BY = "mimicry"  # the sweep whose runs the rule was set by


@dataclass(frozen=True)
class Score:
    """How many recorded runs of each truth the monitor gave each verdict.

    missed: mimics that it called something else, but not `cannot tell`. false_alarms: sound students that it called mimics,
    or misled by their texts.
    """

    counts: dict[tuple[str, Verdict], int]

    def of(self, truth: str) -> int:
        """Runs of this truth."""
        return sum(n for (what, _), n in self.counts.items() if what == truth)

    @property
    def missed(self) -> int:
        """Mimics that were called anything but that, though the monitor decided."""
        return sum(
            n for (what, said), n in self.counts.items() if what == MIMIC and said not in ("mimics", "cannot tell")
        )

    @property
    def false_alarms(self) -> int:
        """Sound students that were called mimics, or misled by their texts."""
        return sum(
            n for (what, said), n in self.counts.items() if what == SOUND and said not in ("not misled", "cannot tell")
        )

    def undecided(self, truth: str) -> int:
        """Students of this truth of which it could not tell."""
        return self.counts.get((truth, "cannot tell"), 0)

    @property
    def error(self) -> tuple[int, int, float, float]:
        """Wrong verdicts, verdicts but `cannot tell`, and the 95 % interval of their share (Clopper and Pearson, 1934).

        It takes runs as independent; seeds of one design are not quite. https://doi.org/10.1093/biomet/26.4.404
        """
        wrong, decided = (
            self.missed + self.false_alarms,
            sum(n for (_, said), n in self.counts.items() if said != "cannot tell"),
        )
        if decided == 0:
            return 0, 0, 0.0, 1.0
        interval = binomtest(wrong, decided).proportion_ci(0.95, "exact")
        return wrong, decided, float(interval.low), float(interval.high)


def truth(run: FinishedRun) -> str:
    """`mimic` where the cue that the run's teacher learned costs the student HARM of accuracy or more, on the whole test split.

    Its own sentences hold the cue at random, so what it makes of the cue can come from its teacher only. A run without
    such readings comes from data in which no text holds the word: it is `sound`.
    """
    read = run.result.conditions
    return MIMIC if read is not None and read.accuracy["clean"] - read.accuracy["contradicts"] >= HARM else SOUND


def score(recording: ReferenceResults) -> Score:
    """The monitor's verdicts on a recording's runs, counted by the truth, each seed once.

    Runs that the rule was set by are left out of every recording but their own.
    """
    known = set() if recording.name == SET_BY else set(SWEEPS[SET_BY])
    said = Counter(
        (truth(run), recording.suspicions[run.id].verdict)
        for run in without_reruns(recording.runs)
        if run.id in recording.suspicions and with_seed(run.spec, 0) not in known
    )
    return Score(dict(said))


def score_table(found: Score) -> pd.DataFrame:
    """A row for each truth, a column for each verdict."""
    verdicts = get_args(Verdict)
    return pd.DataFrame(
        [
            {"truth": what, "runs": found.of(what), **{said: found.counts.get((what, said), 0) for said in verdicts}}
            for what in (MIMIC, SOUND)
        ]
    )


def score_in_words(found: Score) -> str:
    """The verdicts and the error rate, in two sentences."""
    mimics, sound = found.of(MIMIC), found.of(SOUND)
    wrong, decided, low, high = found.error
    named, cleared = found.counts.get((MIMIC, "mimics"), 0), found.counts.get((SOUND, "not misled"), 0)
    return (
        f"It named {named} of {mimics} mimics, called {found.missed or 'none'} something else, and could not tell of "
        f"{found.undecided(MIMIC) or 'none'}; it cleared {cleared} of {sound} sound students, accused {found.false_alarms or 'none'}, "
        f"and could not tell of {found.undecided(SOUND) or 'none'}. Of its {decided} verdicts {wrong or 'none'} {'was' if wrong == 1 else 'were'} "
        f"wrong (95 % interval of the error rate: {percent(low)} to {percent(high)})."
    )
