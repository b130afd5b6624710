"""The tour's last stops: how small is too small, what a student copies, when to stop, and what is worth having."""

from __future__ import annotations

from labcore.config.tour_students import LONGER
from labcore.guide.tour.distilling import comparison_stop
from labcore.guide.tour.statements import mean_in_words, percentage
from labcore.guide.tour.stop import Choose, Facts, Own, ReferenceFigures, Stop, always

SIZED = ("yours", "half, from the teacher", "tiny")  # the students among which the last stop chooses
SIZED_LABELS = ("your student", "the half-size student", "the tiny student")
LOSSES = (0.02, 0.05, 0.07, 0.10, 0.15)
ASKED_LOSS = 0.07


def _misled(facts: Facts) -> Own | None:
    hard = facts.chosen.get("mimicry")
    return None if not hard else (hard,)


def _misled_in_words(own: Own, figures: ReferenceFigures) -> str:
    at = min(figures.misled, key=lambda hard: abs(hard - own[0]))
    chosen, lowest, highest = (mean_in_words(figures.misled[hard]) for hard in (at, 0.0, 1.0))
    return (
        f"At your hard weight, **{at:g}**, students are right on **{chosen}** of the texts whose word contradicts the "
        f"label. At 0 they are right on {lowest}, at 1 on {highest} ({figures.misled[at].n} seeds, 95 % interval). "
        "The hard weight decides whether a student copies its teacher's mistake."
    )


def _stopped(facts: Facts) -> Own | None:
    step = facts.chosen.get("monitoring")
    return None if step is None else (step,)


def _stopped_in_words(own: Own, figures: ReferenceFigures) -> str:
    lowest, last = figures.losses["long"]
    regularised = figures.losses["long, regularised"][1]
    return (
        f"You stopped after **{own[0]:,.0f}** steps. Validation loss is lowest after {figures.best_step:,} "
        f"({lowest:.2f}), and ends at {last:.2f} ({figures.seeds} seeds). With dropout and weight decay it ends at "
        f"{regularised:.2f}. The lab keeps the checkpoint that is best on validation examples, not the last one."
    )


def smallest_within(own: Own) -> int | None:
    """The index in `SIZED` of the smallest student within the chosen loss of the teacher; None if there is none.

    own: the loss, the teacher's accuracy, then size and accuracy of each student.
    """
    loss, teacher, *pairs = own
    students = [(pairs[2 * i], i) for i in range(len(SIZED)) if pairs[2 * i + 1] >= teacher - loss]
    return min(students)[1] if students else None


def _right_trade_off(figures: ReferenceFigures) -> int:
    """The index of the question's right choice: a student, or the last choice if none is good enough."""
    sized = (value for arm in SIZED for value in (figures.ratios[arm], figures.accuracies[arm].mean))
    best = smallest_within((ASKED_LOSS, figures.teacher, *sized))
    return len(SIZED) if best is None else best


def _traded(facts: Facts) -> Own | None:
    loss, teacher = facts.chosen.get("trade-off"), facts.chosen.get("teacher accuracy")
    if loss is None or teacher is None or not all(arm in facts.accuracies for arm in SIZED):
        return None
    return (loss, teacher, *(value for arm in SIZED for value in (facts.ratios[arm], facts.accuracies[arm])))


def _traded_in_words(own: Own, figures: ReferenceFigures) -> str:
    best = smallest_within(own)
    listed = ", ".join(
        f"{label} {percentage(own[3 + 2 * i])} at {percentage(own[2 + 2 * i], 0)} of the size"
        for i, label in enumerate(SIZED_LABELS)
    )
    listed_means = ", ".join(mean_in_words(figures.accuracies[arm]) for arm in SIZED)
    verdict = "no student of yours is good enough" if best is None else f"**{SIZED_LABELS[best]}** is the smallest"
    return (
        f"Yours: {listed}. Within {100 * own[0]:.0f} points of the teacher ({percentage(own[1])}), {verdict}. "
        f"Recorded: {listed_means} ({figures.seeds} seeds). The best trade-off depends on the loss that you accept "
        f"and on the training: in {LONGER.steps:,} steps the tiny student reached "
        f"{mean_in_words(figures.accuracies['tiny, longer'])}."
    )


def _gap_in_words(figures: ReferenceFigures) -> str:
    smallest, *_, largest = figures.by_size
    return (
        f"Longer training helps the tiny one, but not enough: on *Capacity*, {percentage(smallest.ratio, 0)} of the "
        f"size reaches {mean_in_words(smallest.accuracy)} in {smallest.steps:,} steps, "
        f"and {percentage(largest.ratio, 0)} reaches {mean_in_words(largest.accuracy)} in {largest.steps:,}."
    )


DECIDING = (
    comparison_stop(
        name="capacity",
        title="The capacity gap",
        claim="A student that is too small cannot represent what its teacher has learned.",
        question="The tiny student has 2 % of the parameters, the half-size student 32 %. Both are initialised from "
        "the teacher. Compared with the half-size student, the tiny one is …",
        button="Run the tiny student",
        arms=("half, from the teacher", "tiny"),
        labels=("half-size", "tiny"),
        meanings={
            "higher": "Same teacher, same loss, same steps: only the capacity differs.",
            "no difference": "No significant difference: the tiny student holds as much of this task.",
            "lower": "Here the smaller student is better.",
        },
        beyond=_gap_in_words,
        limits="It does not show which size is the smallest that still can: *Capacity* does.",
    ),
    Stop(
        name="mimicry",
        title="Mimics without learning",
        claim="These teachers learned an uninformative word, *thursday*. A student that is trained only on soft "
        "targets copies it.",
        page="mimicry",
        question="With hard weight 0, how often is a student right if the word contradicts the label?",
        choices=("about 85 %", "about half the time", "less than a third"),
        right=always(2),
        do="Move *Hard weight* to the value at which you would trust the student.",
        act=Choose("Hard weight", control="mimicry-hard"),
        measured=_misled,
        statement=_misled_in_words,
        limits="It does not show cues that nobody expects: the word must be known to be tested.",
        targets=(".st-key-mimicry-hard",),
    ),
    Stop(
        name="monitoring",
        title="Watch validation",
        claim="A student can fit its training examples ever better and get worse on others. Validation shows when.",
        page="distil",
        question="A small student trains for 640 steps on 6,370 labels. What does its validation loss do?",
        choices=("it keeps falling", "it falls, then stays", "it falls, then rises"),
        right=always(2),
        do="Move the slider, which reveals a recorded curve step by step. Stop at the step that you would keep.",
        act=Choose("Stop after", options=tuple(range(0, 641, 160)), unit="steps", button="Keep this step"),
        measured=_stopped,
        statement=_stopped_in_words,
        limits="It does not show test accuracy: a loss can rise while accuracy stays.",
    ),
    Stop(
        name="trade-off",
        title="The best trade-off",
        claim="The best student is the smallest one that is still good enough. Yours meets two others here, both "
        "initialised from the teacher: a manual half-size student, and a tiny one.",
        page="frontier",
        question=f"You accept a loss of {100 * ASKED_LOSS:.0f} points. Which of the three is the best trade-off?",
        choices=(*SIZED_LABELS, "none"),
        right=_right_trade_off,
        do="Choose the loss that you accept, here in this panel. Your students are points on the chart as well.",
        act=Choose("Acceptable loss", options=LOSSES, unit="points", button="Accept this loss", needs=SIZED),
        measured=_traded,
        statement=_traded_in_words,
        limits="It does not compare with students that trained longer, which the chart shows as well.",
        targets=(".st-key-frontier",),
    ),
)
