"""Which designs are promising, and which meets the goal best, on validation examples. Standard library only.

A design is compared by the accuracy that it is expected to have after a full training. Training closes a part of the
gap between a student's accuracy and the teacher's: that part is learned from the designs that were trained further.
"""

from __future__ import annotations

import math

from labcore.search.history import Design, History
from labcore.search.search_events import Rung
from labcore.search.search_settings import SearchSettings

USUAL: dict[Rung, float] = {"untrained": 0.8, "short": 0.4, "full": 0.0}  # of the gap, before any design is trained
PRIOR = 0.5  # weight of the usual fraction beside designs that were trained further; one of equal size has 1
HALVINGS_A_POINT = 2.0  # of size, that a design must save for a point that its accuracy is too low
OVER = 1_000.0  # a rank below all designs within the limit


class Ranking:
    """The designs of a search in their order. It needs the teacher's measurements."""

    def __init__(self, search: SearchSettings, history: History):
        assert history.teacher is not None
        self._goal, self._history, self._teacher = search.goal, history, history.teacher
        self._expected: dict[int, float] = {}  # by number

    @property
    def target(self) -> float:
        """The accuracy that a student needs, from 0 to 1; 0 if only its size is limited."""
        return 0.0 if self._goal.within is None else self._teacher.accuracy - self._goal.within / 100

    def expected(self, design: Design) -> float | None:
        """The accuracy that a design is expected to have after a full training; None if none was measured."""
        if (rung := design.rung) is None:
            return None
        if design.number not in self._expected:
            accuracy = design.at(rung) or 0.0
            closed = 0.0 if rung == "full" else self._closed_from(design, rung)
            self._expected[design.number] = accuracy + closed * max(0.0, self._teacher.accuracy - accuracy)
        return self._expected[design.number]

    def value(self, design: Design) -> float:
        """A design's rank as one number, smaller is better; a refused one has what it would have at best.

        Within a distance: the binary logarithm of its size over the teacher's, and a penalty for missing points of
        accuracy. Under a limit: the expected points that it lacks to 100.
        """
        expected = self.expected(design)
        ratio = math.log2(max(design.known_size, 1e-9) / self._teacher.size)
        if self._goal.within is None:
            if design.verdict == "over":
                return OVER + ratio
            return 100 * (1 - (self._teacher.accuracy if expected is None else expected))
        short = 0.0 if expected is None else 100 * max(0.0, self.target - expected)
        return ratio + HALVINGS_A_POINT * short

    def meets(self, design: Design) -> bool:
        """Whether a fully trained design is within the distance, or under the limit."""
        accuracy = design.at("full")
        if accuracy is None:
            return False
        limit = self._goal.limit
        return accuracy >= self.target and (limit is None or design.known_size <= limit)

    def seems_to_meet(self, design: Design) -> bool:
        """Whether a design meets the goal at the rung that it has reached, without further training."""
        accuracy = None if design.rung is None else design.at(design.rung)
        return accuracy is not None and accuracy >= self.target

    def finalists(self) -> list[Design]:
        """The fully trained designs, the best first: those that meet the goal before the others."""
        return sorted(self._history.reached("full"), key=self._place)

    def incumbent(self) -> Design | None:
        """The best fully trained design that meets the goal; None if none does."""
        return next((design for design in self.finalists() if self.meets(design)), None)

    def could_win(self, design: Design) -> bool:
        """Whether a design could still be better than the best known: it is smaller, or only accuracy counts."""
        best = self.incumbent()
        return best is None or self._goal.within is None or design.known_size < best.known_size

    def best_so_far(self) -> Design | None:
        """The best design of the highest rung that any has reached; None if none was measured."""
        if finalists := self.finalists():
            return finalists[0]
        rungs: tuple[Rung, ...] = ("short", "untrained")
        for rung in rungs:
            if reached := self._history.reached(rung):
                return min(reached, key=lambda design: (self.value(design), design.number))
        return None

    def _place(self, design: Design) -> tuple[float, ...]:
        accuracy = design.at("full") or 0.0
        if self._goal.within is None or not self.meets(design):
            return (not self.meets(design), -accuracy, design.known_size, design.number)
        return (False, design.known_size, -accuracy, design.number)

    def _closed_from(self, design: Design, rung: Rung) -> float:
        """The fraction of the gap to the teacher that a full training closes for a design at a rung.

        The mean over the designs that went on from there, the nearer in size the heavier, and the usual one.
        """
        total, weight = PRIOR * USUAL[rung], PRIOR
        for other in self._history.designs:
            before = other.at(rung)
            if before is None or other.rung == rung or before >= self._teacher.accuracy:
                continue
            closed = ((self.expected(other) or 0.0) - before) / (self._teacher.accuracy - before)
            near = 2 ** -abs(math.log2(other.known_size / design.known_size))
            total, weight = total + near * min(1.0, max(0.0, closed)), weight + near
        return total / weight
