"""How long a run will take on this machine: by earlier runs here, or by arithmetic if there are none.

A training example takes SECONDS_PER_EXAMPLE, and its forward multiply-accumulates over MACS_PER_SECOND. Both were
fitted to the reference results of two cores: the median run takes as long as its estimate, most take from a third to
twice as long. Earlier runs show how fast this machine is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from statistics import median

from labcore.config.finetuning import VALIDATED, FineTuning
from labcore.config.loss_terms import Need
from labcore.config.spec import Spec, SpecError
from labcore.config.validation_schedule import MAX_VALIDATIONS, validations
from labcore.data.tasks import load_task, task_is_here
from labcore.evaluate.baselines import training_steps
from labcore.results.counts import Comparison, Counts
from labcore.results.run import FinishedRun
from labcore.system.processor import machine
from labcore.teacher.built_in import MINILM
from labcore.teacher.own_teachers import OwnTeacher

SECONDS_PER_EXAMPLE = 0.0008  # beside the arithmetic
MACS_PER_SECOND = 11.4e9  # of the student's forward pass; the time of the backward pass is in it
FORWARD = 1 / 3  # of the arithmetic of a training step is its forward pass
STARTUP = 15.0  # seconds: the teacher is loaded, the student derived and saved
# In training examples that take as long: one validation, and the test split, which is evaluated in fp32.
VALIDATION, TEST = 350, 400
COMPARED = 3  # earlier runs
OFFERED_STEPS = (25, 50, 100, 150, 200, 300, 400, 600, 800, 1200)  # the lengths of `longest_within`


@dataclass(frozen=True)
class TimeEstimate:
    """Seconds of one run or several. measured: whether all of it rests on earlier runs of this machine."""

    seconds: float
    measured: bool

    def __add__(self, other: TimeEstimate) -> TimeEstimate:
        return TimeEstimate(self.seconds + other.seconds, self.measured and other.measured)


NO_TIME = TimeEstimate(0.0, measured=True)


def total_time(jobs: Sequence[Spec | OwnTeacher], earlier: Sequence[FinishedRun]) -> TimeEstimate:
    """The time of jobs one after another, the assistants of runs left out. earlier: finished runs of this machine.

    A run whose student can't be made will fail at once, and takes no time.
    """
    from labcore.runs.cache import counted  # imports torch: seconds that a page's import must not take

    total = NO_TIME
    for job in jobs:
        with suppress(SpecError):
            if isinstance(job, Spec):
                total += estimate(job, counted(job), earlier)
            elif job.finetuning is not None:
                total += making_time(job.finetuning)
    return total


def making_time(config: FineTuning) -> TimeEstimate:
    """The time of a teacher's fine-tuning, by arithmetic alone. Raises SpecError if there is no such task."""
    task = load_task(config.task)
    examples = len(task.splits["train"])
    macs_per_token = MINILM.layers * (4 * MINILM.hidden**2 + 2 * MINILM.hidden * MINILM.intermediate)
    per_example = SECONDS_PER_EXAMPLE + macs_per_token * task.mean_tokens / MACS_PER_SECOND
    epochs = config.epochs_for(examples)
    validated = config.validations_for(examples) * min(VALIDATED, len(task.splits["validation"]))
    evaluated = validated + len(task.splits["test"])
    return TimeEstimate(STARTUP + (epochs * examples + FORWARD * evaluated) * per_example, measured=False)


def estimate(spec: Spec, counts: Comparison, earlier: Sequence[FinishedRun]) -> TimeEstimate:
    """The time of a run with these counts, by the earlier runs whose examples take most nearly as long.

    Runs on another device do not count. It leaves out the teacher's targets, which are computed once. With patience the
    training may end earlier.
    """
    usual = _usual_seconds(spec, counts)
    alike = {None, machine()}  # runs of an earlier version keep no machine
    here = [run for run in earlier if run.machine in alike and task_is_here(run.spec.task)]
    timed = [run for run in here if run.result.examples_per_second > 0]
    if not timed:
        return TimeEstimate(_training(spec, usual) + _beside(spec, usual), measured=False)
    nearest = sorted(timed, key=lambda run: _unlike(run, spec, usual))[:COMPARED]
    per_example = usual * median(1 / run.result.examples_per_second / _usual_of(run) for run in nearest)
    beside = _beside(spec, per_example) * median(map(_pace_beside, nearest))
    return TimeEstimate(_training(spec, per_example) + beside, measured=True)


def _usual_of(run: FinishedRun) -> float:
    return _usual_seconds(run.spec, run.counts)


def _pace_beside(run: FinishedRun) -> float:
    """The time of a run beside its training, over the expected one."""
    measured = 1 / run.result.examples_per_second
    return max(0.0, run.result.seconds - _training(run.spec, measured)) / _beside(run.spec, measured)


def longest_within(
    spec: Spec, counts: Comparison, earlier: Sequence[FinishedRun], seconds: float
) -> tuple[Spec, TimeEstimate] | None:
    """`spec` with the most of OFFERED_STEPS whose run takes at most `seconds`, and its time; None if none does."""
    for steps in reversed(OFFERED_STEPS):
        shorter = replace(spec, distil=replace(spec.distil, steps=steps, seconds=None))
        if (time := estimate(shorter, counts, earlier)).seconds <= seconds:
            return shorter, time
    return None


def _usual_seconds(spec: Spec, counts: Comparison) -> float:
    """The seconds of one training example on the machine of this file's constants."""
    macs_per_token = _macs_per_token(counts.student)
    if _runs_teacher(spec):
        macs_per_token += FORWARD * _macs_per_token(counts.teacher)
    return SECONDS_PER_EXAMPLE + macs_per_token * load_task(spec.task).mean_tokens / MACS_PER_SECOND


def _macs_per_token(counts: Counts) -> float:
    """Without costs, as in runs of an earlier version: one for each parameter of the encoder."""
    return counts.parts["encoder"] if counts.cost is None else counts.cost.macs / counts.cost.tokens


def _runs_teacher(spec: Spec) -> bool:
    """Whether the teacher runs in each step, because outputs of all tokens are too large to be cached."""
    needs = spec.distil.needs
    return Need.RELATIONS in needs or (Need.STATES in needs and spec.distil.hidden_at == "tokens")


def _training(spec: Spec, seconds_per_example: float) -> float:
    """The seconds of the training itself."""
    if spec.distil.seconds is not None:
        return spec.distil.seconds
    return (training_steps(spec) or 0) * spec.distil.batch_size * seconds_per_example


def _beside(spec: Spec, seconds_per_example: float) -> float:
    """The seconds of a run beside its training: start and end, validations, and the test split."""
    examples = (training_steps(spec) or 0) * spec.distil.batch_size
    times = validations(spec.distil, examples) or MAX_VALIDATIONS
    return STARTUP + (VALIDATION * (times + 1) + TEST) * seconds_per_example


def _unlike(run: FinishedRun, spec: Spec, usual: float) -> tuple[bool, float]:
    """How little an earlier run tells about this one: another task, then the ratio of their examples' times."""
    return run.spec.task != spec.task, abs(math.log(_usual_of(run) / usual))
