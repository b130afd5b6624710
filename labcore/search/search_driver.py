"""One step of a search after another: what costs little is done here, and trainings are handed to whoever trains.

The command line trains at once, and the lab's queue when its turn comes. Both call `advance` until there is a training
to carry out, and `settle` once it has ended.
"""

from __future__ import annotations

import time
from typing import TypeVar

from labcore.config.spec import Spec, SpecError
from labcore.config.steps import Step
from labcore.results.events import Preparing, Validation
from labcore.results.run import FinishedRun, Run
from labcore.runs.run_files import RunNotFound
from labcore.runs.store import Store
from labcore.search.design_measures import measure_teacher, search_space, size_of, untrained_accuracy
from labcore.search.halving import Finish, MeasureTeacher, MeasureUntrained, Propose, Train, next_action, spec_of
from labcore.search.history import History
from labcore.search.proposing import propose
from labcore.search.ranking import Ranking
from labcore.search.search_events import (
    Begun,
    DesignMeasured,
    Failed,
    Proposed,
    SearchEvent,
    State,
    StateChanged,
    TeacherMeasured,
    Verdict,
)
from labcore.search.search_files import SearchEntry, SearchFiles
from labcore.search.space import Point, Space

SomeEvent = TypeVar("SomeEvent", bound=SearchEvent)


class Driver:
    """Carries out one search of a store's home. The caller holds it."""

    def __init__(self, entry: SearchEntry, store: Store, files: SearchFiles | None = None):
        self.entry, self.search, self.store = entry, entry.search, store
        self.files = files or SearchFiles(store.home)
        self.history: History = self.files.history(entry.id)
        self._space: Space | None = None

    # -- its state ---------------------------------------------------------------------------------

    def become(self, state: State, reason: str = "") -> StateChanged:
        """Note that it runs, pauses or ends. Raises OSError."""
        return self._note(StateChanged(state, reason))

    @property
    def left(self) -> float:
        """What is left of the budget, in its unit."""
        return max(0.0, self.search.budget - self.history.spent)

    # -- its steps ---------------------------------------------------------------------------------

    def next_training(self) -> Train | None:
        """The training that comes next; None if something else does. Nothing is done yet."""
        action = next_action(self.search, self.history)
        return action if isinstance(action, Train) else None

    def advance(self) -> SearchEvent:
        """Do the next step, which is no training, and return what it yielded. Raises OSError, and SpecError if the
        teacher is not here.
        """
        started = time.perf_counter()
        match next_action(self.search, self.history):
            case MeasureTeacher():
                size, accuracy = measure_teacher(self.search)
                return self._note(TeacherMeasured(size, accuracy, self._cost_since(started)))
            case Propose():
                return self._note(self._proposed(started))
            case MeasureUntrained(number):
                return self._note(self._measured_untrained(number, started))
            case Finish():
                return self.become("finished")
            case training:
                raise ValueError(f"design {training.number} is to be trained; call `begin`")

    def spec(self, training: Train) -> Spec:
        """The spec of a training."""
        return spec_of(self.search, self.history[training.number], training.rung, training.seed)

    def reused(self, training: Train) -> DesignMeasured | None:
        """The result of a training that the store has already, noted; None if it has none."""
        run = self.store.find(self.spec(training))
        return None if run is None else self._note(self._measured(training, run, new=False))

    def begin(self, training: Train, run_id: str) -> Begun:
        """Note the run of a training. Raises OSError."""
        return self._note(Begun(training.number, training.rung, training.seed, run_id))

    def settle(self) -> Run | SearchEvent | None:
        """Note the end of the training that was begun, if it has finished or failed, and return that event.

        Returns its run if it has not: one that waits, trains, or ended early. None if nothing was begun.
        """
        begun = self.history.begun
        if begun is None:
            return None
        training = Train(begun.number, begun.rung, begun.seed)
        try:
            run = self.store.read(begun.run)
        except RunNotFound:
            return self._note(Failed(begun.number, f"its run {begun.run} was deleted"))
        if isinstance(run, FinishedRun):
            return self._note(self._measured(training, run, new=True))
        if run.status == "failed":
            return self._note(Failed(begun.number, run.error or "its training failed"))
        return run

    # -- what a step yields ------------------------------------------------------------------------

    def _proposed(self, started: float) -> Proposed:
        if self._space is None:
            self._space = search_space(self.search)
        point: Point = propose(self.search, self._space, self.history)
        size: float | None = None
        verdict: Verdict = "invalid"
        reason = ""
        steps: tuple[Step, ...] = ()
        try:
            steps = self._space.steps(point)
            size = size_of(self._untrained(steps), self.search.goal.size)
            verdict, reason = self._verdict(steps, size)
        except SpecError as error:
            reason = str(error)
        as_json = Spec(steps=steps).to_dict()["steps"]
        return Proposed(
            number=len(self.history.designs),
            point=dict(point),
            steps=as_json,
            size=size,
            verdict=verdict,
            reason=reason,
            cost=self._cost_since(started),
        )

    def _verdict(self, steps: tuple[Step, ...], size: float) -> tuple[Verdict, str]:
        ranking, limit = Ranking(self.search, self.history), self.search.goal.limit
        same = next((each for each in self.history.designs if each.steps == steps), None)
        best = ranking.incumbent()
        if not steps:
            return "invalid", "it is the teacher itself"
        if same is not None:
            return "same", f"it is design {same.number}"
        if limit is not None and size > limit:
            return "over", "it is larger than the limit"
        if limit is None and best is not None and size >= best.known_size:
            return "larger", f"it is not smaller than design {best.number}, which meets the goal"
        return "kept", ""

    def _untrained(self, steps: tuple[Step, ...]) -> Spec:
        return Spec(teacher=self.search.teacher, task=self.search.task, steps=steps)

    def _measured_untrained(self, number: int, started: float) -> DesignMeasured | Failed:
        try:
            accuracy = untrained_accuracy(self._untrained(self.history[number].steps))
        except SpecError as error:
            return Failed(number, str(error), self._cost_since(started))
        cost = self._cost_since(started)
        return DesignMeasured(number=number, rung="untrained", seed=0, accuracy=accuracy, cost=cost)

    def _measured(self, training: Train, run: FinishedRun, *, new: bool) -> DesignMeasured:
        """A finished training's best validation. new: whether this search waited for it; steps cost the same anyway."""
        best = [each for each in self.store.events(run.id) if isinstance(each, Validation) and each.best]
        seconds = cost_of(run, self.store) if new else 0.0
        return DesignMeasured(
            number=training.number,
            rung=training.rung,
            seed=training.seed,
            accuracy=best[-1].accuracy,
            run=run.id,
            cost=seconds if self.search.unit == "seconds" else float(run.spec.distil.steps or 0),
        )

    def _cost_since(self, started: float) -> float:
        return time.perf_counter() - started if self.search.unit == "seconds" else 0.0

    def _note(self, event: SomeEvent) -> SomeEvent:
        self.files.append(self.entry.id, event)
        self.history = self.history.after(event)
        return event


def cost_of(run: FinishedRun, store: Store) -> float:
    """The seconds of a run without the teacher's logits, which are computed once for a task.

    Else a first search would be shorter than the next.
    """
    once = max((each.elapsed for each in store.events(run.id) if isinstance(each, Preparing)), default=0.0)
    return max(0.0, run.result.seconds - once)
