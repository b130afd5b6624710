"""The tour's middle stops: your student is trained, then students are compared that differ in one thing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from labcore.config.tour_students import LONGER, TRAINING
from labcore.guide.tour.statements import compared, difference_in_words, percentage
from labcore.guide.tour.stop import Compare, Distil, Facts, Own, ReferenceFigures, Stop, Verdict, always


def _distilled(facts: Facts) -> Own | None:
    accuracy = facts.accuracies.get("yours")
    return None if accuracy is None or facts.validations is None else (*facts.validations, accuracy)


def _distilled_in_words(own: Own, figures: ReferenceFigures) -> str:
    start, best = figures.validations["yours"]
    return (
        f"Your student went from **{percentage(own[0])}** to **{percentage(own[1])}** on validation examples, and has "
        f"{percentage(own[2])} on test examples. Recorded: from {percentage(start)} to {percentage(best)} "
        f"({figures.seeds} seeds). Compression alone broke it; distillation repairs part of that in "
        f"{TRAINING.steps} steps."
    )


def both_of(compare: Compare) -> Callable[[Facts], Own | None]:
    """The accuracies of both arms, once both have finished."""

    def measured(facts: Facts) -> Own | None:
        if not all(arm in facts.accuracies for arm in compare.arms):
            return None
        return tuple(facts.accuracies[arm] for arm in compare.arms)

    return measured


def _nothing_more(figures: ReferenceFigures) -> str:
    return ""


def comparison_stop(
    *,
    name: str,
    title: str,
    claim: str,
    question: str,
    button: str,
    arms: tuple[str, str],
    labels: tuple[str, str],
    meanings: Mapping[Verdict, str],
    limits: str,
    beyond: Callable[[ReferenceFigures], str] = _nothing_more,
) -> Stop:
    """A stop that compares two arms at equal training, in the tour's panel on the Distil page.

    question: about the second arm beside the first. beyond: what other reference results add to the result.
    """
    act = Compare(first=arms[0], second=arms[1], labels=labels, meanings=meanings, button=button)
    return Stop(
        name=name,
        title=title,
        claim=claim,
        page="distil",
        question=question,
        choices=tuple(MORE_LESS.values()),
        right=lambda figures: list(MORE_LESS).index(figures.verdicts[arms]),
        do=f"Press *{button}*, here in this panel. Training is equally long for both.",
        act=act,
        measured=both_of(act),
        statement=lambda own, figures: f"{compared(own, figures, act)} {beyond(figures)}".rstrip(),
        limits=limits,
    )


# What the second arm is, by the verdict on the first beside it.
MORE_LESS: Mapping[Verdict, str] = {
    "lower": "more accurate",
    "no difference": "hardly any difference",
    "higher": "less accurate",
}


def _worth_in_words(figures: ReferenceFigures) -> str:
    smallest, *_, largest = figures.by_size
    return (
        f"When is it not worth it? In the longer trainings of *Capacity* a teacher adds "
        f"{difference_in_words(smallest.gain)} at {percentage(smallest.ratio, 0)} of the size, and "
        f"{difference_in_words(largest.gain)} at {percentage(largest.ratio, 0)}."
    )


DISTILLING = (
    Stop(
        name="distil",
        title="Pruned, then distilled",
        claim="Compression comes first, distillation second: it wins back accuracy that compression took.",
        page="distil",
        question="Before training your student predicts near chance, 50 %. What does it reach after "
        f"{TRAINING.steps} training steps?",
        choices=("it stays at chance", "about three quarters", "its teacher's accuracy"),
        right=always(1),
        do="Press *Distil*. The recorded curve plays here meanwhile.",
        act=Distil(),
        measured=_distilled,
        statement=_distilled_in_words,
        limits="It does not show the limit of this student: longer training brings it further.",
        targets=(".st-key-distil",),
    ),
    comparison_stop(
        name="half-size",
        title="The half-size student",
        claim="A *manual* student has sizes of its own, here half of everything: hidden size, layers, heads and "
        "feed-forward. It is a new BERT with random weights, unless it is initialised from the teacher.",
        question="The half-size student from random weights: compared with the one that is initialised from the "
        "teacher, it is …",
        button="Run both half-size students",
        arms=("half, from the teacher", "half, from random"),
        labels=("from the teacher", "from random weights"),
        meanings={
            "higher": f"The weights carry what the teacher has learned. {TRAINING.steps} steps can't replace them.",
            "no difference": "No significant difference: this training learns as much from random weights.",
            "lower": "Here random weights are the better start.",
        },
        limits="It does not show that a random start never works: it needs far more steps and examples.",
    ),
    comparison_stop(
        name="soft targets",
        title="Hard, soft, temperature",
        claim="A student is trained on true labels (:red[**hard**]) and on the teacher's probabilities "
        "(:violet[**soft**]). A *temperature* softens these, so that they show more than the winning class. "
        "Probabilities need no labels, so texts that nobody has labelled count too.",
        question=f"A tiny student trains for {LONGER.steps:,} steps: with its teacher and {LONGER.transfer:,} more "
        "sentences without labels, or on the true labels only. Compared with the first, the second is …",
        button="Run both tiny students",
        arms=("tiny, longer", "tiny, longer, no teacher"),
        labels=("with its teacher", "on true labels only"),
        meanings={
            "higher": "The teacher's probabilities on many sentences carry more than the labels do.",
            "no difference": "No significant difference: here the labels are enough.",
            "lower": "Here the labels are the better signal: a teacher is not always worth its cost.",
        },
        beyond=_worth_in_words,
        limits="It does not show how much comes from soft targets, and how much from the sentences without labels. The "
        "curves are of few validation examples, so they may cross.",
    ),
    comparison_stop(
        name="hidden states",
        title="Intermediate matching",
        claim="The student can also match the teacher's hidden states after each layer (:green[**hidden**]). That is "
        "more signal in each example than one label.",
        question="Your student with a hidden weight of 1 beside its other weights: compared with yours, it is …",
        button="Run it with hidden states",
        arms=("yours", "hidden states"),
        labels=("without hidden states", "with them"),
        meanings={
            "lower": "More signal in each example gives a better student in as many steps.",
            "no difference": "No significant difference: more signal is not always more accuracy.",
            "higher": "More signal is not always more accuracy: here it takes weight from the other terms.",
        },
        limits="It does not show which layers to match, nor what hidden states add in a longer training.",
    ),
)
