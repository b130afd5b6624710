"""The exercise's rules: every limit by name, and each decision as one short function. Page and grader share them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from labcore.data.tasks import load_task, transfer_set_of
from labcore.evaluate.baselines import training_steps
from labcore.exercise.attempt import SLOTS, Attempt
from labcore.exercise.teacher_here import teacher_problem
from labcore.teacher.built_in import ready_teachers

APART = 0.05  # the least difference of two sizes, as a fraction of the teacher's parameters
COUNT_TOLERANCE = 0.005  # of a person's own count: a rounded 22.7 M is right, half a layer is not
MIN_WORDS = 20  # of a reason
# The largest difference between a claimed and a recomputed accuracy, agreement or retention. Processors round
# differently, with bfloat16 or without, and training amplifies that: three seeds of one student differ as much. The
# recomputed value is the one that counts, so a smaller lie gains nothing.
ACCURACY_TOLERANCE = 0.03
ROUNDING = 1e-9  # of a difference of two accuracies
# Tokens that all seeds of one student read in training, and again when a grader recomputes the results. On `reviews`,
# in batches of 32, that takes about a quarter of an hour for the largest student on two cores.
MAX_TOKENS_READ = 4_500_000
MAX_TRAINING_STEPS = 10_000  # a step takes time even if its batch is small
MAX_BATCH = 256  # examples, so that they fit into memory


# -- the three students --------------------------------------------------------------------------------


def design_problems(ratios: Sequence[float | str | None]) -> list[str]:
    """Why three students are not three levels of compression; empty if they are.

    ratios: each slot's parameters over the teacher's; why its steps fail, in words; or None if it is empty.
    """
    empty = [f"{name} is empty: choose a student" for name, ratio in zip(SLOTS, ratios, strict=True) if ratio is None]
    return [*empty, *size_problems(ratios)]


def size_problems(ratios: Sequence[float | str | None]) -> list[str]:
    """`design_problems` without those of empty slots."""
    problems = []
    for name, ratio in zip(SLOTS, ratios, strict=True):
        if isinstance(ratio, str):
            problems.append(f"{name} can't be made: {ratio}")
        elif ratio is not None and ratio >= 1:
            problems.append(
                f"{name} has as many parameters as its teacher or more ({100 * ratio:.1f} %): choose a smaller one. "
                "Zeros are parameters, too"
            )
    known = [(name, ratio) for name, ratio in zip(SLOTS, ratios, strict=True) if isinstance(ratio, float)]
    for i, (first, ratio) in enumerate(known):
        for second, other in known[i + 1 :]:
            if abs(ratio - other) < APART:
                problems.append(
                    f"{first} and {second} are one level of compression, {100 * ratio:.1f} % and {100 * other:.1f} % "
                    f"of the teacher: choose students that are at least {100 * APART:g} points apart"
                )
    return problems


def config_problem(attempt: Attempt) -> str:
    """Why this lab or a grader can't train with the attempt's training configuration; empty if both can."""
    config = attempt.config
    if problem := teacher_problem(attempt):
        return problem
    if not attempt.can_run:
        return (
            f"teacher '{attempt.teacher}' has no weights here. You can count it, but not train its students; "
            f"choose {ready_teachers()}"
        )
    if config.seconds is not None:
        return "its length is in seconds, in which another machine trains more or less; give steps or epochs"
    if config.batch_size > MAX_BATCH:
        return f"its batches have {config.batch_size:,} examples; give batches of at most {MAX_BATCH}"
    if config.transfer > 0 and transfer_set_of(attempt.task) is None:
        return f"task '{attempt.task}' has no transfer set; set its transfer examples to 0"
    steps = (training_steps(attempt.spec(0)) or 0) * attempt.seeds
    if steps > MAX_TRAINING_STEPS:
        return f"it has {steps:,} steps over all seeds; give at most {MAX_TRAINING_STEPS:,}, so that a grader can wait"
    examples, limit = (
        steps * config.batch_size + config.transfer,
        MAX_TOKENS_READ // load_task(attempt.task).mean_tokens,
    )
    if examples > limit:
        return (
            f"all seeds together read {examples:,} examples, with those of the transfer set; "
            f"give at most {limit:,}, so that a grader can wait"
        )
    return ""


# -- counting ------------------------------------------------------------------------------------------


def count_right(given: int, right: int) -> bool:
    """Whether a person's own count is within COUNT_TOLERANCE of the right one."""
    return abs(given - right) <= COUNT_TOLERANCE * right


# -- the best trade-off --------------------------------------------------------------------------------


def acceptable(accuracy: float, teacher: float, within: float) -> bool:
    """Whether an accuracy is at most `within` below the teacher's."""
    return accuracy >= teacher - within - ROUNDING


def best_trade_off(sizes: Sequence[int], accuracies: Sequence[float], teacher: float, within: float) -> int:
    """The smallest student whose accuracy is `acceptable`; if none is, the most accurate student.

    Among equal sizes the more accurate, among equal accuracies the smaller; then the first.
    """
    slots = range(len(sizes))
    good = [i for i in slots if acceptable(accuracies[i], teacher, within)]
    if good:
        return min(good, key=lambda i: (sizes[i], -accuracies[i]))
    return min(slots, key=lambda i: (-accuracies[i], sizes[i]))


def dominator(choice: int, sizes: Sequence[int], accuracies: Sequence[float]) -> int | None:
    """A student that is no larger and no less accurate than the chosen one, and better in one of both; or None."""
    for i in range(len(sizes)):
        no_worse = sizes[i] <= sizes[choice] and accuracies[i] >= accuracies[choice]
        if no_worse and (sizes[i], accuracies[i]) != (sizes[choice], accuracies[choice]):
            return i
    return None


def defensible_alternatives(
    best: int, sizes: Sequence[int], accuracies: Sequence[float], alike: Collection[frozenset[int]]
) -> tuple[int, ...]:
    """The students that are as good a choice as the rule's `best`: smaller, without a significant difference from it.

    A dominated student is none of them. alike: the pairs of students without a significant difference.
    """
    return tuple(
        i
        for i in range(len(sizes))
        if sizes[i] < sizes[best] and frozenset((i, best)) in alike and dominator(i, sizes, accuracies) is None
    )


def words_missing(reason: str) -> int:
    """The number of words that a reason lacks; 0 if it is long enough."""
    return max(0, MIN_WORDS - len(reason.split()))
