"""Whether a student mimics its teacher without learning: the verdict on a word that may mislead it.

It needs what a person has: labelled validation examples, and the logits for them without the word and with it.
These are the logits of the student, of its teacher and, if it was run, of the no-teacher baseline. The verdict does
not use how any of the models was trained.
"""

from __future__ import annotations

import torch
from torch import Tensor

from labcore.evaluate.significance import grouped
from labcore.results.evaluation import FOLLOWS, HARM, Effect, ShortcutTest, Verdict

LogitsPair = tuple[Tensor, Tensor]  # logits (N, C) for the same examples, without the word and with it


def effect(logits: LogitsPair, labels: Tensor) -> Effect:
    """The effect of the word on a model's predictions, given the true labels (N,).

    The word favours the label whose predictions increase most with it. It helps examples of that label, and misleads
    all others: the two are measured separately, as in "Right for the wrong reasons" (McCoy et al., 2019,
    https://arxiv.org/abs/1902.01007).
    """
    before, after = (each.argmax(-1) for each in logits)
    classes = logits[0].shape[1]
    increase = torch.bincount(after, minlength=classes) - torch.bincount(before, minlength=classes)
    towards = int(increase.argmax())
    helped = labels == towards
    clean = before == labels
    contradicted = torch.where(helped, before, after) == labels
    harm = grouped([clean.numpy()], [contradicted.numpy()])
    return Effect(
        towards=towards,
        moved=float((before != after).float().mean()),
        clean=float(clean.float().mean()),
        agrees=float((torch.where(helped, after, before) == labels).float().mean()),
        contradicts=float(contradicted.float().mean()),
        low=harm.low,
        high=harm.high,
    )


def shortcut_test(
    word: str, labels: Tensor, student: LogitsPair, teacher: LogitsPair, no_teacher: LogitsPair | None
) -> ShortcutTest:
    """The verdict on a word. `no_teacher`: the logits of the no-teacher baseline, None if there is none."""
    of_student, of_teacher = effect(student, labels), effect(teacher, labels)
    of_baseline = None if no_teacher is None else effect(no_teacher, labels)
    without, with_word = (logits.argmax(-1) for logits in teacher)
    misled = (without == labels) & (with_word != labels)
    same = (student[1].argmax(-1) == with_word)[misled]
    followed = float(same.float().mean()) if len(same) else None
    return ShortcutTest(
        word=word,
        examples=len(labels),
        student=of_student,
        teacher=of_teacher,
        no_teacher=of_baseline,
        misled=len(same),
        followed=followed,
        verdict=verdict(of_student, of_teacher, of_baseline, followed),
    )


def verdict(student: Effect, teacher: Effect, no_teacher: Effect | None, followed: float | None) -> Verdict:
    """The rule. Harm is the accuracy that is lost if the word contradicts the label.

    1. The student's harm is significantly below HARM: *not misled*. Neither below nor above: *cannot tell*.
    2. It is above HARM. So is the baseline's, which is at least half as large and favours the same label: *misled by
       its texts*.
    3. It is above HARM. So is the teacher's, which favours the same label. The student *mimics* in two cases. Either
       the baseline's harm is significantly below HARM, so that the examples cannot be the cause. Or the student repeats
       more than FOLLOWS of the wrong predictions that the word causes in its teacher.
    4. Neither 2 nor 3 holds. The teacher cannot be the cause if its harm is significantly below HARM, or above HARM
       for another label. Then the student is *misled by its texts*, unless the baseline excludes the examples as in 3.
       Otherwise *cannot tell*.
    """
    if student.low <= HARM:
        return "not misled" if student.high < HARM else "cannot tell"
    if (
        no_teacher is not None
        and no_teacher.low > HARM
        and no_teacher.towards == student.towards
        and no_teacher.harm >= student.harm / 2
    ):
        return "misled by its texts"
    same_label, teacher_harmed = teacher.towards == student.towards, teacher.low > HARM
    teacher_excluded = teacher.high < HARM or (teacher_harmed and not same_label)
    examples_excluded = no_teacher is not None and no_teacher.high < HARM
    if same_label and teacher_harmed and (examples_excluded or (followed or 0.0) > FOLLOWS):
        return "mimics"
    return "misled by its texts" if teacher_excluded and not examples_excluded else "cannot tell"
