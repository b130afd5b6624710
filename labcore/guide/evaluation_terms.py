"""Terms of comparing a student with its teacher and with other students. Standard library only."""

from __future__ import annotations

from labcore.guide.term import Term

EVALUATION_TERMS: tuple[Term, ...] = (
    # -- evaluate --------------------------------------------------------------------------------------------
    Term(
        name="retention",
        page="evaluate",
        definition="The student's accuracy divided by the teacher's: the part of it that is left.",
    ),
    Term(
        name="agreement",
        page="evaluate",
        definition=(
            "The fraction of examples with the same prediction from student and teacher, right or wrong. It is "
            "not accuracy: a repeated mistake raises it."
        ),
        source="https://arxiv.org/abs/2106.05945",
    ),
    Term(
        name="probability loyalty",
        page="evaluate",
        definition=(
            "How close the student's probabilities are to the teacher's: 1 minus their Jensen–Shannon distance. "
            "It is 1 if they are equal."
        ),
        source="https://arxiv.org/abs/2109.03228",
    ),
    Term(
        name="error overlap",
        page="evaluate",
        definition="The test examples by whether each model is correct: kept (both), new mistakes (only the teacher), "
        "corrected ones (only the student), and shared mistakes. An inherited mistake is the same wrong class "
        "from both.",
    ),
    Term(
        name="calibration error",
        page="evaluate",
        definition=(
            "The mean difference between confidence and accuracy. A model with 90 % confidence should be correct "
            "nine times in ten."
        ),
        source="https://arxiv.org/abs/1706.04599",
    ),
    Term(
        name="95 % interval",
        page="evaluate",
        definition=(
            "The range of values that the data support. Over repeated samples of examples or seeds, 95 of 100 "
            "such intervals contain the true value."
        ),
    ),
    Term(
        name="significant",
        page="evaluate",
        definition=(
            "A difference is significant if its 95 % interval excludes 0. Otherwise chance is enough to explain it."
        ),
    ),
    Term(
        name="paired comparison",
        page="evaluate",
        definition=(
            "A comparison of two models on the same test examples. It cancels the difficulty of the examples, so "
            "it detects smaller differences."
        ),
    ),
    Term(
        name="shortcut test",
        page="evaluate",
        definition=(
            "A test of whether a model relies on a word: the lab inserts the suspected word into test examples "
            "and compares the accuracy. It falls if the word misleads the model."
        ),
        source="https://arxiv.org/abs/2004.07780",
    ),
    # -- frontier --------------------------------------------------------------------------------------------
    Term(
        name="Pareto front",
        page="frontier",
        definition=(
            "The students that no other student dominates. A student is dominated if another costs at most as much "
            "and is at least as good, and better in one of the two."
        ),
    ),
    Term(
        name="lower anchor",
        page="frontier",
        definition=(
            "What a task gives without an encoder: the accuracy of always predicting the majority class, and of a "
            "linear head on the mean of the teacher's token vectors. The encoder buys what lies above."
        ),
        source="https://arxiv.org/abs/1607.01759",
    ),
    Term(
        name="peak memory",
        page="frontier",
        definition=(
            "The most memory that a model takes while it predicts one example of 128 tokens: its weights in fp32, and "
            "the activations that exist at the same moment."
        ),
    ),
    Term(
        name="standard error",
        page="frontier",
        definition="How much a measured accuracy would typically vary over other test splits of this size.",
    ),
    # -- capacity --------------------------------------------------------------------------------------------
    Term(
        name="teacher assistant",
        page="capacity",
        definition="A model of middle size that is distilled from the teacher, and then is the student's teacher. It "
        "replaces one wide capacity gap by two narrow ones.",
        idea="teacher",
        source="https://arxiv.org/abs/1902.03393",
    ),
    Term(
        name="reference results",
        page="capacity",
        definition="Runs that were made once, with several seeds, and that come with the lab. Your runs are drawn "
        "beside them.",
    ),
    Term(
        name="provenance",
        page="runs",
        definition="Which teacher a student came of, by which steps. Students that share their first steps share a "
        "branch of the tree.",
    ),
    Term(
        name="acceptable loss",
        page="capacity",
        definition="How many points of accuracy below its teacher a student may be. You choose it before you choose "
        "the student.",
    ),
    Term(
        name="no-teacher baseline",
        page="capacity",
        definition="The same student, trained for the same number of steps on the true labels only. The difference in "
        "accuracy is what the teacher adds.",
    ),
    # -- mimicry ---------------------------------------------------------------------------------------------
    Term(
        name="condition",
        page="mimicry",
        definition="Which test examples have the cue: none (clean), each positive one (agrees), or each negative one "
        "(contradicts). Accuracy is over all examples.",
    ),
    Term(
        name="hard-weight group",
        page="mimicry",
        definition=(
            "Students that differ only in their seed, with one hard weight. The page compares the groups, from "
            "soft targets only to true labels only."
        ),
    ),
    Term(
        name="monitor",
        page="mimicry",
        definition=(
            "A rule that decides whether a student mimics without learning. It needs labelled examples, a "
            "suspected word, and the predictions of both models."
        ),
    ),
)
