"""How often the monitor is right: its verdicts on reference runs, beside the truth, which follows from their data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from labcore.config.presets import SWEEPS
from labcore.evaluate.reference import ReferenceResults
from labcore.evaluate.seed_groups import with_seed, without_reruns
from labcore.evaluate.significance import error_rate_interval
from labcore.results.evaluation import HARM, Verdict
from labcore.results.run import FinishedRun

Truth = Literal["mimic", "unaffected"]
TRUTHS: tuple[Truth, ...] = get_args(Truth)
UNDECIDED: Verdict = "cannot tell"
CORRECT: Mapping[Truth, Verdict] = {"mimic": "mimics", "unaffected": "not misled"}
DEVELOPMENT_SWEEP = "mimicry"  # the rule was chosen by the runs of this sweep


@dataclass(frozen=True)
class MonitorErrors:
    """How many runs of each truth have each verdict."""

    counts: Mapping[tuple[Truth, Verdict], int]

    def count(self, truth: Truth, verdict: Verdict) -> int:
        """Runs of this truth with this verdict."""
        return self.counts.get((truth, verdict), 0)

    def runs(self, truth: Truth) -> int:
        """Runs of this truth."""
        return sum(n for (each, _), n in self.counts.items() if each == truth)

    def correct(self, truth: Truth) -> int:
        """Runs of this truth with the correct verdict."""
        return self.count(truth, CORRECT[truth])

    def undecided(self, truth: Truth) -> int:
        """Runs of this truth without a decision."""
        return self.count(truth, UNDECIDED)

    def wrong(self, truth: Truth) -> int:
        """Runs of this truth with a wrong decision: a missed mimic, or a false alarm."""
        return self.runs(truth) - self.correct(truth) - self.undecided(truth)

    @property
    def errors(self) -> int:
        """Runs with a wrong decision."""
        return sum(self.wrong(truth) for truth in TRUTHS)

    @property
    def decided(self) -> int:
        """Runs with a decision."""
        return sum(self.runs(truth) - self.undecided(truth) for truth in TRUTHS)

    @property
    def error_interval(self) -> tuple[float, float]:
        """The 95 % interval of the fraction of wrong decisions. Seeds of one design are not quite independent."""
        return error_rate_interval(self.errors, self.decided)


def truth_of(run: FinishedRun) -> Truth:
    """`mimic` if the cue that the run's teacher learned costs the student at least HARM of its test accuracy.

    The student's own training examples hold the cue at random, so its effect can come only from the teacher. A run
    without conditions has data in which no example holds the word: it is `unaffected`.
    """
    measured = run.result.conditions
    harmed = measured is not None and measured.accuracy["clean"] - measured.accuracy["contradicts"] >= HARM
    return "mimic" if harmed else "unaffected"


def monitor_errors_in(reference: ReferenceResults) -> MonitorErrors:
    """The monitor's verdicts on reference runs, counted by the truth, each seed once.

    The runs that the rule was chosen by count only in their own sweep.
    """
    development = set() if reference.name == DEVELOPMENT_SWEEP else set(SWEEPS[DEVELOPMENT_SWEEP])
    counts = Counter(
        (truth_of(run), reference.shortcut_tests[run.id].verdict)
        for run in without_reruns(reference.runs)
        if run.id in reference.shortcut_tests and with_seed(run.spec, 0) not in development
    )
    return MonitorErrors(dict(counts))
