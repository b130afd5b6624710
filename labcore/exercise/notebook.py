"""The exercise in a notebook, without a server: the same attempt, rules, runs and submission as on the page.

    exercise = Exercise(steps=200)
    exercise.design("A", "Light")                     # a ready student by its name, or steps
    exercise.design("B", TrimVocabulary(size=8000), KeepLayers(count=3))
    exercise.design("C", Manual(hidden=48, layers=3, heads=4, intermediate=192))
    exercise.count(count_parameters)                  # your own function
    exercise.predict("B", acceptable_loss=0.03)
    exercise.run()
    exercise.choose("B", "because …")
    exercise.submit("Ada Lovelace")

Each change is saved in the home, so `Exercise(attempt=ID)` continues where you left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import nn

from labcore.config.checks import shown
from labcore.config.spec import SpecError
from labcore.config.steps import Step
from labcore.data.tasks import load_task
from labcore.exercise import counting_proof
from labcore.exercise.attempt import DEFAULT_CONFIG, SLOTS, Attempt, new_id
from labcore.exercise.attempt_results import AttemptResults, results_of
from labcore.exercise.attempt_store import load_attempt, save_attempt
from labcore.exercise.counting_check import check
from labcore.exercise.counting_line import attempt_code, read_line
from labcore.exercise.grading import run_missing
from labcore.exercise.model_shapes import shapes_of
from labcore.exercise.own_counts import line_problem, right_totals, with_line
from labcore.exercise.ready_students import READY
from labcore.exercise.rules import MIN_WORDS, config_problem, design_problems, words_missing
from labcore.exercise.signature import mark_of
from labcore.exercise.stages import counts_done, ratios
from labcore.exercise.student_comparisons import compare_students
from labcore.exercise.submission import submit
from labcore.results.accuracy_error import half_interval
from labcore.results.events import Event, TrainStep
from labcore.runs.store import Store
from labcore.system.files import write_whole

Counter = Callable[[nn.Module], Any]


def counting_line(counter: Counter, code: str) -> str:
    """The line to paste on the Exercise page. code: what the page shows after `--attempt`.

    Raises SpecError if the function is wrong for a model, with its hint, or if the code can't be read.
    """
    if wrong := [f"{outcome.case}: {outcome.wrong}" for outcome in check(counter) if not outcome.passed]:
        raise SpecError(f"there is no line: {len(wrong)} models are counted wrong. The first is {wrong[0]}")
    return counting_proof.counting_line(counter, code)


class Exercise:
    """One attempt, changed by one call for each stage. Each call prints what it did."""

    def __init__(
        self, *, teacher: str = "reviews", steps: int = 200, home: Path | None = None, attempt: str | None = None
    ):
        """Begin an attempt, or continue the one with this id; then teacher and steps (of training) are its own.

        home: the folder of runs and attempts; by default LAB_HOME, or .lab in the lab's folder. Raises SpecError if
        there is no such attempt, or if the students of this teacher can't be trained.
        """
        self._store = Store(home)
        if attempt is None:
            new = Attempt(new_id(), teacher=teacher, config=replace(DEFAULT_CONFIG, steps=steps))
        elif (stored := load_attempt(attempt, self._store)) is not None:
            new = stored
        else:
            raise SpecError(f"no attempt {shown(attempt)} is in {self._store.home}; give the id that was printed")
        if problem := config_problem(new):
            raise SpecError(problem)
        self._save(new)
        print(f"Your attempt is {new.id}. Exercise(attempt={new.id!r}) continues it.")

    def design(self, letter: str, *student: str | Step) -> None:
        """Put a student into slot A, B or C: a ready student by its name, or the steps that make it.

        Raises SpecError if there is no such slot or ready student, or if the steps fail.
        """
        steps = tuple(step for each in student for step in (_ready(each) if isinstance(each, str) else (each,)))
        changed = self.attempt.with_student(_slot(letter), steps)
        comparison = compare_students(changed)[_slot(letter)]
        if isinstance(comparison, str):
            raise SpecError(f"{letter} can't be made: {comparison}")
        self._save(changed)
        assert comparison is not None
        print(f"{letter} has about {100 * comparison.ratio:.0f} % of its teacher's parameters.")

    def count(self, counter: Counter) -> str:
        """Check your own function, and count your four models with it. Returns the line that proves it.

        Raises SpecError if the students are not three levels of compression, or if a count is wrong.
        """
        comparisons, mark = compare_students(self.attempt), mark_of(self.attempt.id)
        if problems := design_problems(ratios(comparisons)):
            raise SpecError("; ".join(problems))
        text = counting_line(counter, attempt_code(self.attempt, mark, shapes_of(self.attempt)))
        right, line = right_totals(comparisons), read_line(text)
        assert right is not None
        if problem := line_problem(line, self.attempt, mark, right):
            raise SpecError(problem)
        self._save(with_line(self.attempt, line))
        print("Right:", ", ".join(f"{name} {n:,}" for name, n in zip(("the teacher", *SLOTS), right, strict=True)))
        return text

    def predict(self, letter: str, *, acceptable_loss: float = 0.03) -> None:
        """Predict the best trade-off: the smallest student with at most this loss of accuracy against its teacher.

        Raises SpecError if the models are not counted yet, or if runs have begun.
        """
        if not counts_done(self.attempt, compare_students(self.attempt)):
            raise SpecError("your models are not counted yet; call count(count_parameters) with your own function")
        self._save(self.attempt.with_acceptable_loss(acceptable_loss).with_prediction(_slot(letter)))
        print(f"You predict {letter}. You can change it until you call run().")

    def run(self) -> None:
        """Train what has not been trained yet, and show the results. From here on the prediction is final.

        Raises SpecError if there is no prediction, or if a run fails.
        """
        self._save(self.attempt.begin())
        work, last = run_missing(self.attempt.specs, self._store), None
        while True:
            try:
                spec, event = next(work)
            except StopIteration as end:
                failed = end.value
                break
            last = _report_progress(SLOTS[self.attempt.specs.index(spec) % len(SLOTS)], event, last)
        if failed:
            raise SpecError(f"a run failed: {next(iter(failed.values()))}; change its student or the training")
        print(self.results_table())

    def results_table(self) -> str:
        """The results as lines of text; ± is the 95 % interval over test examples.

        Raises SpecError if the runs have not finished.
        """
        results, examples = self._results(), len(load_task(self.attempt.task).splits["test"])
        lines = [_result_line("teacher", 1.0, results.teacher_accuracy, examples)]
        for name, student in zip(SLOTS, results.students, strict=True):
            size = student.parameters / results.teacher_parameters
            lines.append(_result_line(name, size, student.accuracy, examples))
        return "\n".join(lines)

    def choose(self, letter: str, reason: str) -> None:
        """Choose one student, with a reason of at least 20 words.

        Raises SpecError if the reason is shorter, or if there are no results yet.
        """
        self._results()
        if lacking := words_missing(reason):
            raise SpecError(f"the reason has {len(reason.split())} words; give {lacking} more, at least {MIN_WORDS}")
        self._save(replace(self.attempt, choice=_slot(letter), reason=reason))
        print(f"You choose {letter}.")

    def submit(self, name: str, folder: Path = Path()) -> Path:
        """Write the file to submit, and return its path. name: yours, as your instructor has it.

        Raises SpecError if no student is chosen, or if the name is too long.
        """
        if self.attempt.choice is None:
            raise SpecError("no student is chosen; call choose(letter, reason)")
        self._save(replace(self.attempt, name=" ".join(name.split())))
        file = folder / "exercise.json"
        write_whole(file, submit(self.attempt, self._results(), self._store.home).to_json())
        print(f"Submit {file}. It is signed by this home, whose key your instructor may not have.")
        return file

    def _save(self, attempt: Attempt) -> None:
        save_attempt(attempt, self._store)
        stored = load_attempt(attempt.id, self._store)
        assert stored is not None
        self.attempt = stored  # with its signature

    def _results(self) -> AttemptResults:
        results = results_of(self.attempt, self._store.runs()) if self.attempt.begun else None
        if results is None:
            raise SpecError("there are no results yet; call run()")
        return results


def _slot(letter: str) -> int:
    if letter not in SLOTS:
        raise SpecError(f"the slot is {shown(letter)}; give one of {', '.join(SLOTS)}")
    return SLOTS.index(letter)


def _ready(name: str) -> tuple[Step, ...]:
    if name not in READY:
        raise SpecError(f"no ready student is called {shown(name)}; give steps, or one of {', '.join(READY)}")
    return READY[name]


def _report_progress(letter: str, event: Event, last: object) -> object:
    """Print the start of a student's run and each quarter of its training; returns what was printed last."""
    now = (letter, 4 * event.step // event.steps) if isinstance(event, TrainStep) else (letter, 0)
    if now != last:
        print(f"{letter}: {25 * now[1]} % trained", flush=True)
    return now


def _result_line(name: str, size: float, accuracy: float, examples: int) -> str:
    interval = 100 * half_interval(accuracy, examples)
    return f"{name:8} {100 * size:5.1f} % of the teacher   test accuracy {100 * accuracy:.1f} % ± {interval:.1f}"
