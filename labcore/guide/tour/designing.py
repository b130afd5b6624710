"""The tour's first stops: a teacher, and a student that you derive from it without training."""

from __future__ import annotations

from labcore.config.spec import Spec
from labcore.config.steps import Factorise, KeepLayers
from labcore.guide.tour.statements import percentage
from labcore.guide.tour.stop import Change, Facts, Measure, Own, ReferenceFigures, Stop, always

WIDTH = 384  # of the teacher's hidden states: a 384 × 384 matrix holds 147,456 numbers
RANKS = range(16, 33)  # of a student that trains visibly in seconds
ADD = '[class*="st-key-adding-a-step-"]:not(.st-key-adding-a-step-choices)'  # the menu of steps on the Design page


def keeps_three(spec: Spec) -> bool:
    """Whether a student keeps three layers."""
    return any(isinstance(step, KeepLayers) and (step.count or len(step.layers or ())) == 3 for step in spec.steps)


def chosen_rank(spec: Spec) -> int | None:
    """The rank of a student's matrices, if it is one of `RANKS`."""
    ranks = (step.rank for step in spec.steps if isinstance(step, Factorise))
    return next((rank for rank in ranks if rank is not None and rank in RANKS), None)


def _teacher(facts: Facts) -> Own | None:
    accuracy = facts.chosen.get("teacher")
    return None if accuracy is None else (accuracy,)


def _teacher_in_words(own: Own, figures: ReferenceFigures) -> str:
    return (
        f"You measured **{percentage(own[0])}** on 256 validation examples. Recorded: {percentage(figures.teacher)} "
        "on all test examples. Chance is 50 %. A student is trained on these predictions, so a bad teacher would "
        "pass on bad targets."
    )


def _pruned(facts: Facts) -> Own | None:
    return (facts.ratio,) if facts.ratio is not None and keeps_three(facts.spec) else None


def _pruned_in_words(own: Own, figures: ReferenceFigures) -> str:
    return (
        f"Your student has **{percentage(own[0])}** of the teacher's parameters. Counts are exact: 3 layers and no "
        "other step leave 76.6 %. Half of the encoder is gone, but half of this teacher is word embeddings, and no "
        "layer holds them."
    )


def _factorised(facts: Facts) -> Own | None:
    rank = chosen_rank(facts.spec)
    return None if rank is None or facts.ratio is None else (rank, facts.ratio)


def _factorised_in_words(own: Own, figures: ReferenceFigures) -> str:
    rank, ratio = int(own[0]), own[1]
    factors = 2 * WIDTH * rank
    return (
        f"At rank {rank}, two factors hold **{factors:,}** numbers in place of {WIDTH * WIDTH:,}. Your student has "
        f"**{percentage(ratio)}** of the teacher's parameters. At rank {WIDTH // 2} the factors hold as many numbers "
        "as the matrix: the break-even rank."
    )


DESIGNING = (
    Stop(
        name="teacher",
        title="The teacher",
        claim="A :blue[**teacher**] must perform well before anything is distilled from it.",
        page="design",
        question="How many of 256 film sentences that it has never read does the teacher classify correctly?",
        choices=("about half", "two thirds", "five sixths", "all"),
        right=always(2),
        do="Press *Test the teacher*, here in this panel.",
        act=Measure("Test the teacher"),
        measured=_teacher,
        statement=_teacher_in_words,
        limits="It does not show that a better teacher makes a better student.",
    ),
    Stop(
        name="pruning",
        title="Prune layers",
        claim="Pruning removes whole layers. The student keeps the others with their weights.",
        page="design",
        question="You keep 3 of 6 layers. How many of the parameters are left?",
        choices=("half", "two thirds", "three quarters"),
        right=always(2),
        do="Press *Add a step*, choose *Fewer layers*, and keep 3. This student is yours to the end of the tour.",
        act=Change(keeps_three),
        measured=_pruned,
        statement=_pruned_in_words,
        limits="It does not show what the student can still do: it has not been tested.",
        targets=(".st-key-keep_layers-count-0", ADD),
    ),
    Stop(
        name="low rank",
        title="Low rank",
        claim="Low rank replaces a matrix by the product of two thin ones.",
        page="design",
        question=f"From which rank on do the two thin matrices save nothing, if the matrix is {WIDTH} × {WIDTH}?",
        choices=("48", "192", "384"),
        right=always(1),
        do=f"Add *Low rank* to your student, and set a rank from {RANKS[0]} to {RANKS[-1]}.",
        act=Change(lambda spec: chosen_rank(spec) is not None),
        measured=_factorised,
        statement=_factorised_in_words,
        limits="It does not show how accurate the student is. Untrained, it is near chance: the next stop shows that.",
        targets=('[class*="st-key-factorise-rank"]', ADD),
    ),
)
