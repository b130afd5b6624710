"""The exercise's rules: every limit by name, and each judgement as one short function. Page and grader use the same ones."""

from __future__ import annotations

from collections.abc import Sequence

from labcore.data.transfer import SOURCES
from labcore.evaluate.baselines import training_steps
from labcore.exercise.attempt import SLOTS, Attempt
from labcore.models.architecture import ready_teachers
from labcore.results.record import Counts

APART = 0.05  # two levels differ at least by so much of the teacher's parameters
COUNT_TOLERANCE = 0.005  # of the right number, for a person's own count: a rounded 22.7 M is right, half a layer is not
MIN_WORDS = 20  # of a reason
# A claimed accuracy, agreement or retention may be so far from the recomputed one. Processors round differently, with
# bfloat16 or without, and a lesson makes another student of that: three seeds of one student are as far apart. What
# counts is the recomputed figure, so that a smaller lie gains nothing.
ACCURACY_TOLERANCE = 0.03
# What all seeds' lessons of one student read, for which the grader has to wait, too: of reviews, in batches of 32, about a quarter of
# an hour for the largest student on two cores. An article is as long as nine sentences.
MAX_TOKENS_READ = 4_500_000
MEAN_TOKENS = {"reviews": 28, "cued": 28, "news": 250}  # word pieces of a text as it is read
MAX_TRAINING_STEPS = 10_000  # a step takes its time, however few sentences it reads
MAX_BATCH = 256  # sentences at once, so that they fit into memory


# -- the three students --------------------------------------------------------------------------------


def design_problems(ratios: Sequence[float | str | None]) -> list[str]:
    """What keeps three students from being three levels of compression; empty where nothing does.

    ratios: of each slot, its parameters over the teacher's; why it can't be made; or None where it is empty.
    """
    problems = []
    for name, ratio in zip(SLOTS, ratios, strict=True):
        if ratio is None:
            problems.append(f"{name} is empty: take a student")
        elif isinstance(ratio, str):
            problems.append(f"{name} can't be made: {ratio}")
        elif ratio >= 1:
            problems.append(
                f"{name} has as many parameters as its teacher or more ({100 * ratio:.1f} %): take a smaller one. "
                "Zeros are parameters, too"
            )
    known = [(name, ratio) for name, ratio in zip(SLOTS, ratios, strict=True) if isinstance(ratio, float)]
    for i, (name, ratio) in enumerate(known):
        for other, theirs in known[i + 1 :]:
            if abs(ratio - theirs) < APART:
                problems.append(
                    f"{name} and {other} are one level of compression, {100 * ratio:.1f} % and {100 * theirs:.1f} % of the "
                    f"teacher: take students that are at least {100 * APART:g} points apart"
                )
    return problems


def config_problem(attempt: Attempt) -> str:
    """What keeps the lesson from being run here and by a grader alike; empty where nothing does."""
    config = attempt.lesson
    if not attempt.can_run:
        return f"teacher '{attempt.teacher}' has no weights here: it can be counted, not run; take {ready_teachers()}"
    if config.seconds is not None:
        return "it is counted in seconds, in which another machine teaches more or less; count it in steps or epochs"
    if config.batch_size > MAX_BATCH:
        return f"it reads {config.batch_size:,} sentences at once; give batches of at most {MAX_BATCH}"
    if config.transfer > 0 and attempt.task not in SOURCES:
        return f"task '{attempt.task}' has no transfer set; set its transfer sentences to 0"
    steps = (training_steps(attempt.spec(0)) or 0) * attempt.seeds
    if steps > MAX_TRAINING_STEPS:
        return (
            f"it has {steps:,} steps over all seeds; give at most {MAX_TRAINING_STEPS:,}, so that it can be run again"
        )
    texts, most = steps * config.batch_size + config.transfer, MAX_TOKENS_READ // MEAN_TOKENS[attempt.task]
    if texts > most:
        return f"all seeds together read {texts:,} texts, the transfer set's among them; give at most {most:,}, so that it can be run again"
    return ""


# -- counting ------------------------------------------------------------------------------------------


def count_right(given: int, right: int) -> bool:
    """Whether a person's own count is right, within COUNT_TOLERANCE of the right one."""
    return abs(given - right) <= COUNT_TOLERANCE * right


def count_hint(given: int, counts: Counts) -> str:
    """How far a count is off, and what of the model is as large as that; the right number is not said."""
    difference = given - counts.total
    parts = {
        "the embeddings": counts.parts["embeddings"],
        "the encoder": counts.parts["encoder"],
        "the pooler": counts.parts["pooler"],
        "one encoder layer": counts.layers[0] if counts.layers else 0,
    }
    size = f"{abs(difference) / 1e6:.2f} M" if abs(difference) >= 1e5 else f"{abs(difference):,}"
    words = f"{size} too {'many' if difference > 0 else 'few'}"
    alike = [part for part, parameters in parts.items() if abs(abs(difference) - parameters) <= 0.02 * parameters]
    if alike:
        return f"{words}: did you {'count' if difference > 0 else 'leave out'} {alike[0]}{' twice' if difference > 0 else ''}?"
    if counts.nonzero < counts.total and count_right(given, counts.nonzero):
        return f"{words}: are these the non-zero ones? Zeros stay in their matrices, and count"
    return f"{words}"


# -- which student trades best -------------------------------------------------------------------------


def best_trade(sizes: Sequence[int], accuracies: Sequence[float], teacher: float, within: float) -> int:
    """The smallest student whose accuracy is at most `within` below the teacher's; where none is, the most accurate.

    Of equals the more accurate, or the smaller; then the first.
    """
    slots = range(len(sizes))
    good = [i for i in slots if accuracies[i] >= teacher - within - 1e-9]
    if good:
        return min(good, key=lambda i: (sizes[i], -accuracies[i]))
    return min(slots, key=lambda i: (-accuracies[i], sizes[i]))


def dominator(choice: int, sizes: Sequence[int], accuracies: Sequence[float]) -> int | None:
    """A student that is no larger and no less accurate than the chosen one, and better in one of both; None where none is."""
    for i in range(len(sizes)):
        no_worse = sizes[i] <= sizes[choice] and accuracies[i] >= accuracies[choice]
        if no_worse and (sizes[i], accuracies[i]) != (sizes[choice], accuracies[choice]):
            return i
    return None


def words_missing(reason: str) -> int:
    """How many words a reason lacks; 0 where it is long enough."""
    return max(0, MIN_WORDS - len(reason.split()))
