"""What a search does next, as a function of its history: successive halving over the rungs. Standard library only.

counts → accuracy before training → short training → full training → seeds. A third of the designs of a rung goes on
to the next, as soon as there are enough of them (Li et al., 2020, https://arxiv.org/abs/1810.05934). The first half of
the budget goes to new designs, the next quarter to full trainings, the rest to further seeds of the two best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from labcore.config.spec import Spec
from labcore.config.training import DistilConfig
from labcore.search.history import Design, History
from labcore.search.ranking import Ranking
from labcore.search.search_events import Rung
from labcore.search.search_settings import SearchSettings

ONE_IN = 3  # of the designs of a rung goes on
EXPLORE, DEEPEN = 0.5, 0.75  # of the budget: until then new designs, then full trainings, then seeds
FULL, SHORT = 0.12, 0.25  # a full training is this part of the budget, and a short one this part of a full one
LONGEST = {"steps": 4_000.0, "seconds": 600.0}  # of a full training
SECURE = 3.0  # full trainings: with less time left, a student that meets the goal comes first
SEEDS, FINALISTS = 3, 2
FRUITLESS = 80  # proposals in a row that were not kept


@dataclass(frozen=True)
class MeasureTeacher:
    """Measure the teacher's size and its accuracy on the validation split."""


@dataclass(frozen=True)
class Propose:
    """Propose a design, and count it."""

    number: int


@dataclass(frozen=True)
class MeasureUntrained:
    """Measure a design's accuracy before training."""

    number: int


@dataclass(frozen=True)
class Train:
    """Train a design, at rung `short` or `full`, with a seed counted from 0."""

    number: int
    rung: Rung
    seed: int = 0


@dataclass(frozen=True)
class Finish:
    """Nothing is left to do in this budget."""


Action = MeasureTeacher | Propose | MeasureUntrained | Train | Finish


def training_length(search: SearchSettings, rung: Rung) -> float:
    """The length of a training at a rung, in the unit of the budget: whole steps, or seconds."""
    full = min(LONGEST[search.unit], FULL * search.budget)
    return max(1.0, float(round(full if rung == "full" else SHORT * full)))


def training_of(search: SearchSettings, rung: Rung, seed: int) -> DistilConfig:
    """How a design is trained at a rung. seed: counts from 0 on top of the search's own."""
    length = training_length(search, rung)
    steps, seconds = (round(length), None) if search.unit == "steps" else (None, length)
    return replace(search.distil, steps=steps, seconds=seconds, seed=search.seed + seed)


def spec_of(search: SearchSettings, design: Design, rung: Rung, seed: int = 0) -> Spec:
    """The spec of a design's training."""
    config = training_of(search, rung, seed)
    return Spec(teacher=search.teacher, task=search.task, steps=design.steps, distil=config)


def next_action(search: SearchSettings, history: History) -> Action:
    """What comes next. Equal histories have equal next actions."""
    if history.teacher is None:
        return MeasureTeacher()
    waiting = next((each for each in history.designs if each.alive and each.rung is None), None)
    if waiting is not None:
        return MeasureUntrained(waiting.number)
    return _Plan(search, history).action()


class _Plan:
    def __init__(self, search: SearchSettings, history: History):
        self._history, self._ranking = history, Ranking(search, history)
        self._short, self._full = (_cost(search, history, rung) for rung in ("short", "full"))
        self._left, self._progress = search.budget - history.spent, history.spent / search.budget

    def action(self) -> Action:
        chosen = self._secure()
        if chosen is None and self._progress < EXPLORE:
            chosen = self._explore()
        if chosen is None and self._progress < DEEPEN:
            chosen = self._deepen()
        return chosen or self._repeat() or self._deepen() or self._explore() or Finish()

    def _secure(self) -> Action | None:
        """If the time is short and nothing meets the goal: a full training of the best design that already seems to.

        If none does, of the one that is expected to be the most accurate.
        """
        if self._ranking.incumbent() is not None or not self._full <= self._left < SECURE * self._full:
            return None
        full = self._history.reached("full")
        seeming = [each for each in self._history.designs if each.alive and self._ranking.seems_to_meet(each)]
        best = self._best(seeming, full) or self._most_accurate(full)
        return None if best is None else Train(best.number, "full")

    def _most_accurate(self, gone_on: Sequence[Design]) -> Design | None:
        """The design with the highest expected accuracy of those that have not gone on."""
        known = {design.number for design in gone_on}
        left = [each for each in self._history.designs if each.alive and each.number not in known]
        return max(left, key=lambda each: (self._ranking.expected(each) or 0.0, -each.number), default=None)

    def _explore(self) -> Action | None:
        """A new design, unless enough of a rung are there for one of them to go on."""
        if self._left < self._short + self._full:
            return None
        untrained, short, full = (self._history.reached(rung) for rung in ("untrained", "short", "full"))
        if len(short) >= ONE_IN * (len(full) + 1) and (best := self._best_third(short, full)) is not None:
            return Train(best.number, "full")
        if len(untrained) >= ONE_IN * (len(short) + 1) and (best := self._best_third(untrained, short)) is not None:
            return Train(best.number, "short")
        if self._fruitless >= FRUITLESS:
            best = self._best(untrained, short)
            return None if best is None else Train(best.number, "short")
        return Propose(len(self._history.designs))

    def _deepen(self) -> Action | None:
        """A full training of the best design that had a short one; of an untrained one if none had."""
        if self._left < self._full:
            return None
        full = self._history.reached("full")
        for rung in ("short", "untrained"):
            if (reached := self._history.reached(rung)) and (best := self._best(reached, full)) is not None:
                return Train(best.number, "full")
            if reached:
                return None
        return None

    def _repeat(self) -> Action | None:
        """A further seed of a finalist, the one with the fewest first."""
        finalists = [each for each in self._ranking.finalists()[:FINALISTS] if len(each.trained("full")) < SEEDS]
        if self._left < self._full or not finalists:
            return None
        chosen = min(finalists, key=lambda each: len(each.trained("full")))  # the better of two with as many
        return Train(chosen.number, "full", len(chosen.trained("full")))

    def _best_third(self, reached: Sequence[Design], gone_on: Sequence[Design]) -> Design | None:
        ranked = sorted(reached, key=self._rank)[: max(1, len(reached) // ONE_IN)]
        return self._best(ranked, gone_on)

    def _best(self, reached: Sequence[Design], gone_on: Sequence[Design]) -> Design | None:
        """The best of the designs that have not gone on and could still win."""
        known = {design.number for design in gone_on}
        left = [each for each in reached if each.number not in known and self._ranking.could_win(each)]
        return min(left, key=self._rank, default=None)

    def _rank(self, design: Design) -> tuple[float, int]:
        return self._ranking.value(design), design.number

    @property
    def _fruitless(self) -> int:
        """How many proposals in a row were not kept, up to the last."""
        kept = [design.number for design in self._history.designs if design.verdict == "kept"]
        return len(self._history.designs) - 1 - max(kept, default=-1)


def _cost(search: SearchSettings, history: History, rung: Rung) -> float:
    """What a training is expected to cost: its length, and for seconds the median time around such a training."""
    length = training_length(search, rung)
    if search.unit == "steps":
        return length
    beside = [
        each.cost - training_length(search, each.rung)
        for design in history.designs
        for each in design.measured
        if each.rung != "untrained" and each.cost > 0
    ]
    return length + max(0.0, median(beside) if beside else 0.0)
