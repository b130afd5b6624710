"""A student beside its teacher, beyond accuracy: how closely it copies the teacher, and which mistakes they share.

Pure functions of the logits (N, C) of student and teacher and of the true labels (N,), computed in fp64.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from labcore.results.evaluation import ConfidenceCalibration, DivergentExample, ErrorOverlap, Evaluation

BINS = 15  # as Guo et al.
MAX_DIFFERENCES = 30


def evaluate(student: Tensor, teacher: Tensor, labels: Tensor) -> Evaluation:
    """All measures of this file."""
    return Evaluation(
        probability_loyalty=probability_loyalty(student, teacher),
        error_overlap=error_overlap(student, teacher, labels),
        student_calibration=calibration(student, labels),
        teacher_calibration=calibration(teacher, labels),
        student_confusion=confusion(student, labels),
        teacher_confusion=confusion(teacher, labels),
        most_divergent=most_divergent(student, teacher),
    )


def divergence(student: Tensor, teacher: Tensor) -> Tensor:
    """Jensen–Shannon divergence of each example's two distributions, (N,), in bits: 0 if they are equal, at most 1.

    ½ KL(P ‖ M) + ½ KL(Q ‖ M), with M = ½ (P + Q). Lin, 1991, https://doi.org/10.1109/18.61115
    """
    p, q = _probabilities(student), _probabilities(teacher)
    middle = (p + q) / 2
    return ((_kl(p, middle) + _kl(q, middle)) / 2 / math.log(2)).clamp(0.0, 1.0)  # rounding may pass an end


def probability_loyalty(student: Tensor, teacher: Tensor) -> float:
    """1 − √(Jensen–Shannon divergence in bits), a mean over the examples; 1 if all distributions are equal.

    Its sibling for labels is labcore.evaluate.metrics.agreement. Xu et al., 2021, "Beyond Preserved Accuracy",
    https://arxiv.org/abs/2109.03228
    """
    return float((1 - divergence(student, teacher).sqrt()).mean())


def error_overlap(student: Tensor, teacher: Tensor, labels: Tensor) -> ErrorOverlap:
    """How many of the teacher's correct predictions the student keeps, and which of its mistakes it repeats."""
    predicted, teachers = student.argmax(-1), teacher.argmax(-1)
    right, teacher_right = predicted == labels, teachers == labels
    same = predicted == teachers
    return ErrorOverlap(
        kept=int((teacher_right & right).sum()),
        new=int((teacher_right & ~right).sum()),
        corrected=int((~teacher_right & right).sum()),
        inherited=int((~teacher_right & same).sum()),
        other=int((~teacher_right & ~right & ~same).sum()),
    )


def calibration(logits: Tensor, labels: Tensor, bins: int = BINS) -> ConfidenceCalibration:
    """Expected calibration error: Σ over bins of (examples in it / N) · |mean accuracy − mean confidence|.

    Confidence is the highest probability; bin m holds those in ((m − 1) / bins, m / bins].
    Guo et al., 2017, https://arxiv.org/abs/1706.04599
    """
    predicted = logits.argmax(-1)  # not of the probabilities: two close ones may round to one value
    confidence = _probabilities(logits).gather(-1, predicted[:, None])[:, 0]
    right = (predicted == labels).double()
    edges = torch.arange(1, bins, dtype=torch.float64) / bins
    bin_of = torch.bucketize(confidence, edges)  # (N,): edges[i − 1] < confidence ≤ edges[i] is in bin i
    examples = torch.bincount(bin_of, minlength=bins)
    filled = examples.clamp(min=1)
    mean_confidence = torch.bincount(bin_of, confidence, minlength=bins) / filled
    accuracy = torch.bincount(bin_of, right, minlength=bins) / filled
    error = float((examples * (accuracy - mean_confidence).abs()).sum() / len(labels))
    return ConfidenceCalibration(
        error, tuple(examples.tolist()), tuple(mean_confidence.tolist()), tuple(accuracy.tolist())
    )


def confusion(logits: Tensor, labels: Tensor) -> tuple[tuple[int, ...], ...]:
    """The confusion matrix: C rows of true labels × C columns of predicted ones."""
    classes = logits.shape[-1]
    counts = torch.bincount(labels * classes + logits.argmax(-1), minlength=classes * classes)
    return tuple(tuple(row) for row in counts.view(classes, classes).tolist())


def most_divergent(student: Tensor, teacher: Tensor, maximum: int = MAX_DIFFERENCES) -> tuple[DivergentExample, ...]:
    """The `maximum` examples with the greatest divergence, greatest first; of equal ones the earlier first."""
    divergences = divergence(student, teacher)
    students, teachers = _probabilities(student), _probabilities(teacher)
    return tuple(
        DivergentExample(i, float(divergences[i]), tuple(students[i].tolist()), tuple(teachers[i].tolist()))
        for i in divergences.argsort(descending=True, stable=True)[:maximum].tolist()
    )


def _probabilities(logits: Tensor) -> Tensor:
    return logits.double().softmax(-1)


def _kl(p: Tensor, q: Tensor) -> Tensor:
    """KL(p ‖ q) of each row, in nats; a probability that is 0 in `p` adds nothing, whatever it is in `q`."""
    return torch.where(p > 0, torch.special.xlogy(p, p / q), 0.0).sum(-1)
