"""What the reader must know about a training before its figures: a kind, and a sentence. Standard library only.

The sentence is for people. Code looks at the `kind`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from labcore.config.loss_terms import LOSS_TERMS, LossTerm
from labcore.results.evaluation import Evaluation

FindingKind = Literal[
    "never improved",  # the best checkpoint is the student before training
    "no better than untrained",  # gradually pruned and trained, it is no better than pruned in one shot and not trained
    "term without value",  # a loss term that counted, but could be computed in no step
    "term in few steps",  # in too few of them
    "one class",  # every prediction of the student is the same class
    "not above majority",  # the student's accuracy is not above that of always naming the most frequent class
    "teacher not above majority",  # the same of its teacher
]
AccuracyAndLoss = tuple[float, float]  # a fraction, and a cross-entropy in nats
NEARLY_ALL = 0.9  # of the steps: with transfer examples, a batch without any label is to be expected now and then


@dataclass(frozen=True)
class Finding:
    """kind: what is wrong. words: one sentence or two with the figures, and what to try."""

    kind: FindingKind
    words: str

    @staticmethod
    def from_dict(data: Mapping[str, Any]) -> Finding:
        """The inverse of `asdict`; what a later version adds is left out."""
        return Finding(data["kind"], data["words"])


class TermCounts:
    """In how many steps of a training each loss term had a weight, and in how many of them it had a value."""

    def __init__(self, terms: Iterable[LossTerm] = LOSS_TERMS) -> None:
        self.terms = {term.name: term for term in terms}
        self.weighted: Counter[str] = Counter()
        self.computed: Counter[str] = Counter()

    def add(self, weights: Mapping[str, float], losses: Mapping[str, float]) -> None:
        """Count one step, given the weights of the terms and the losses that were computed, by name."""
        for name in self.terms:
            if weights.get(name, 0.0) > 0:
                self.weighted[name] += 1
                self.computed[name] += name in losses


def findings_of_training(
    best_step: int,
    validations: int,
    terms: TermCounts,
    best: AccuracyAndLoss | None = None,
    pruned_one_shot: AccuracyAndLoss | None = None,
) -> tuple[Finding, ...]:
    """The findings in the events of a training.

    best_step: of the best checkpoint, among `validations` after the first step. best, pruned_one_shot: for gradual
    pruning, which has no untrained student that could be the best checkpoint. They are the scores, on the validation
    split, of the best checkpoint and of the student that was pruned in one shot and not trained.
    """
    findings = []
    if best is not None and pruned_one_shot is not None and not _better(best, pruned_one_shot):
        loss = f", with a loss of {pruned_one_shot[1]:.3g} instead of {best[1]:.3g}" * (best[0] == pruned_one_shot[0])
        findings.append(
            Finding(
                "no better than untrained",
                f"Training did not improve this student: its accuracy on the validation split is {100 * best[0]:.1f} "
                f"%. Pruned in one shot and not trained, it is {100 * pruned_one_shot[0]:.1f} %{loss}. Try a lower "
                "learning rate or a longer training, or switch gradual pruning off.",
            )
        )
    if best_step == 0 and validations:
        later = "the one later checkpoint was" if validations == 1 else f"none of {validations} later checkpoints was"
        not_better = "not better" if validations == 1 else "better"
        findings.append(
            Finding(
                "never improved",
                f"Training did not improve this student: on the validation split {later} {not_better} than the "
                "untrained student, which is kept. Try a lower learning rate or a longer training.",
            )
        )
    for term, steps in sorted(terms.weighted.items()):
        fraction = terms.computed[term] / steps
        why = terms.terms[term].no_value
        if fraction == 0:
            words = f"The {term} loss had a weight but never a value: {why}. The student learned nothing from it."
            findings.append(Finding("term without value", words))
        elif fraction < NEARLY_ALL:
            words = f"The {term} loss had a value in only {100 * fraction:.0f} % of the steps: in the others {why}."
            findings.append(Finding("term in few steps", words))
    return tuple(findings)


def findings_of_test(evaluation: Evaluation) -> tuple[Finding, ...]:
    """The findings in the confusion matrices of student and teacher on the test split."""
    student, teacher = evaluation.student_confusion, evaluation.teacher_confusion
    examples = sum(map(sum, student))
    if not examples:
        return ()
    majority = max(map(sum, student)) / examples
    findings = []
    if sum(any(row[c] for row in student) for c in range(len(student))) == 1:
        findings.append(
            Finding(
                "one class",
                "The student predicts the same class for every test example, so it tells nothing apart. Try a lower "
                "learning rate, a longer training or a larger student.",
            )
        )
    for kind, who, confusion in (
        ("not above majority", "student", student),
        ("teacher not above majority", "teacher", teacher),
    ):
        accuracy = _correct(confusion) / examples
        if accuracy <= majority:
            advice = (
                "Do not read its other figures as a success."
                if who == "student"
                else "A student can learn little from it: check that this teacher fits the task."
            )
            words = (
                f"The {who}'s test accuracy, {100 * accuracy:.1f} %, is not above {100 * majority:.1f} %, which a "
                f"model gets that always names the most frequent class. {advice}"
            )
            findings.append(Finding(kind, words))  # type: ignore[arg-type]
    return tuple(findings)


def never_improved(findings: Iterable[Finding]) -> bool:
    """Whether the student is as it was before training."""
    return any(finding.kind == "never improved" for finding in findings)


def no_better_than_untrained(findings: Iterable[Finding]) -> bool:
    """Whether the student was trained, and is no better than if it had been pruned in one shot and not trained."""
    return any(finding.kind == "no better than untrained" for finding in findings)


def _better(score: AccuracyAndLoss, than: AccuracyAndLoss) -> bool:
    """Whether the accuracy is higher, or at equal accuracy the loss lower: as the best checkpoint is chosen."""
    return (score[0], -score[1]) > (than[0], -than[1])


def _correct(confusion: Sequence[Sequence[int]]) -> int:
    return sum(confusion[i][i] for i in range(len(confusion)))
