"""What a student made of its teacher, beyond accuracy: how closely it copies it, and whose mistakes it makes.

Pure functions of the logits (N, C) of student and teacher and of the true labels (N,), worked out in fp64.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from labcore.results.evaluation import Calibration, Difference, ErrorOverlap, Evaluation

BINS = 15  # as Guo et al.
MAX_DIFFERENCES = 30


def judge(student: Tensor, teacher: Tensor, labels: Tensor) -> Evaluation:
    """All of this file's measures."""
    return Evaluation(
        probability_loyalty=loyalty(student, teacher),
        error_overlap=fates(student, teacher, labels),
        student_calibration=calibration(student, labels),
        teacher_calibration=calibration(teacher, labels),
        student_confusion=confusion(student, labels),
        teacher_confusion=confusion(teacher, labels),
        differences=differences(student, teacher),
    )


def divergence(student: Tensor, teacher: Tensor) -> Tensor:
    """Jensen–Shannon divergence of each sentence's two distributions, (N,), in bits: 0 where they are equal, at most 1.

    ½ KL(P ‖ M) + ½ KL(Q ‖ M), where M = ½ (P + Q). Lin, 1991, https://doi.org/10.1109/18.61115
    """
    ours, theirs = _probabilities(student), _probabilities(teacher)
    middle = (ours + theirs) / 2
    return ((_kl(ours, middle) + _kl(theirs, middle)) / 2 / math.log(2)).clamp(0.0, 1.0)  # rounding may pass an end


def loyalty(student: Tensor, teacher: Tensor) -> float:
    """Probability loyalty: 1 − √(Jensen–Shannon divergence in bits), a mean over the sentences; 1 where all are equal.

    Its sibling, label loyalty, is labcore.evaluate.metrics.agreement. Xu et al., 2021, "Beyond Preserved Accuracy",
    https://arxiv.org/abs/2109.03228
    """
    return float((1 - divergence(student, teacher).sqrt()).mean())


def fates(student: Tensor, teacher: Tensor, labels: Tensor) -> ErrorOverlap:
    """How many of the teacher's right answers the student kept, and what became of its mistakes."""
    ours, theirs = student.argmax(-1), teacher.argmax(-1)
    right, taught = ours == labels, theirs == labels
    same = ours == theirs
    return ErrorOverlap(
        kept=int((taught & right).sum()),
        new=int((taught & ~right).sum()),
        corrected=int((~taught & right).sum()),
        inherited=int((~taught & same).sum()),
        other=int((~taught & ~right & ~same).sum()),
    )


def calibration(logits: Tensor, labels: Tensor, bins: int = BINS) -> Calibration:
    """Expected calibration error: Σ over bins of (sentences in it / N) · |mean accuracy − mean confidence|.

    Confidence is the highest probability; bin m holds those in ((m − 1) / bins, m / bins].
    Guo et al., 2017, https://arxiv.org/abs/1706.04599
    """
    answer = logits.argmax(-1)  # not of the probabilities: two that are next to each other may round to one
    confidence = _probabilities(logits).gather(-1, answer[:, None])[:, 0]
    right = (answer == labels).double()
    edges = torch.arange(1, bins, dtype=torch.float64) / bins
    place = torch.bucketize(confidence, edges)  # (N,): edges[i − 1] < confidence ≤ edges[i] is in bin i
    sentences = torch.bincount(place, minlength=bins)
    filled = sentences.clamp(min=1)
    sure = torch.bincount(place, confidence, minlength=bins) / filled
    good = torch.bincount(place, right, minlength=bins) / filled
    error = float((sentences * (good - sure).abs()).sum() / len(labels))
    return Calibration(error, tuple(sentences.tolist()), tuple(sure.tolist()), tuple(good.tolist()))


def confusion(logits: Tensor, labels: Tensor) -> tuple[tuple[int, ...], ...]:
    """How often each answer was given: C rows of true labels × C columns of answers."""
    classes = logits.shape[-1]
    counts = torch.bincount(labels * classes + logits.argmax(-1), minlength=classes * classes)
    return tuple(tuple(row) for row in counts.view(classes, classes).tolist())


def differences(student: Tensor, teacher: Tensor, most: int = MAX_DIFFERENCES) -> tuple[Difference, ...]:
    """The sentences with the greatest divergence, greatest first; at equal ones the earlier."""
    apart = divergence(student, teacher)
    ours, theirs = _probabilities(student), _probabilities(teacher)
    return tuple(
        Difference(i, float(apart[i]), tuple(ours[i].tolist()), tuple(theirs[i].tolist()))
        for i in apart.argsort(descending=True, stable=True)[:most].tolist()
    )


def _probabilities(logits: Tensor) -> Tensor:
    return logits.double().softmax(-1)


def _kl(p: Tensor, q: Tensor) -> Tensor:
    """KL(p ‖ q) of each row, in nats; a probability that is 0 in `p` adds nothing, whatever it is in `q`."""
    return torch.where(p > 0, torch.special.xlogy(p, p / q), 0.0).sum(-1)
