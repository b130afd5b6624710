"""Whether a student mimics its teacher without learning, asked by a word that is suspected to mislead.

It takes what a person has: labelled validation texts, read without the word and with it by the student, by its teacher
and, if there is one, by the same student taught without the teacher. Nothing is known of how any of them was trained.
"""

from __future__ import annotations

import torch
from torch import Tensor

from labcore.evaluate.significance import grouped
from labcore.results.evaluation import FOLLOWS, HARM, Effect, ShortcutTest, Verdict

StoredLogits = tuple[Tensor, Tensor]  # logits (N, C) to the same texts, without the word and with it


def effect(answers: StoredLogits, labels: Tensor) -> Effect:
    """What the word does to a model's answers, given the true labels (N,).

    A text of the label that the word pulls towards is helped by it, every other is led away from its own: as in "Right for
    the wrong reasons" (McCoy et al., 2019, https://arxiv.org/abs/1902.01007) both are measured apart.
    """
    before, after = (logits.argmax(-1) for logits in answers)
    classes = answers[0].shape[1]
    risen = torch.bincount(after, minlength=classes) - torch.bincount(before, minlength=classes)
    towards = int(risen.argmax())
    helped = labels == towards
    clean = before == labels
    contradicted = torch.where(helped, before, after) == labels
    gap = grouped([clean.numpy()], [contradicted.numpy()])
    return Effect(
        towards=towards,
        moved=float((before != after).float().mean()),
        clean=float(clean.float().mean()),
        agrees=float((torch.where(helped, after, before) == labels).float().mean()),
        contradicts=float(contradicted.float().mean()),
        low=gap.low,
        high=gap.high,
    )


def shortcut_test(
    word: str, labels: Tensor, student: StoredLogits, teacher: StoredLogits, alone: StoredLogits | None
) -> ShortcutTest:
    """The student's verdict on a word. `alone` are the answers of the same student without its teacher."""
    effects = {
        name: effect(answers, labels) for name, answers in (("student", student), ("teacher", teacher), ("alone", alone))
        if answers is not None
    }  # fmt: skip
    without, with_word = (logits.argmax(-1) for logits in teacher)
    misled = (without == labels) & (with_word != labels)
    same = (student[1].argmax(-1) == with_word)[misled]
    followed = float(same.float().mean()) if len(same) else None
    return ShortcutTest(
        word=word,
        examples=len(labels),
        student=effects["student"],
        teacher=effects["teacher"],
        no_teacher=effects.get("alone"),
        misled=len(same),
        followed=followed,
        verdict=verdict(effects["student"], effects["teacher"], effects.get("alone"), followed),
    )


def verdict(student: Effect, teacher: Effect, alone: Effect | None, followed: float | None) -> Verdict:
    """The rule.

    1. The word surely costs the student less than HARM where it contradicts the label: it is *not misled*. Neither surely
       less nor surely more: *cannot tell*.
    2. It surely costs more, and so it does the same student without a teacher, at least half as much and towards the same
       label: *misled by its texts*.
    3. It surely costs more, so it does the teacher, and both lean to the same label: it *mimics*, where the same student
       without a teacher surely loses less than HARM, for then its texts can't be why; or where it gives more than FOLLOWS
       of the wrong answers that the word makes its teacher give.
    4. The teacher surely loses less than HARM, or leans to another label, and the texts are not cleared as in 3: by elimination
       *misled by its texts*. Otherwise *cannot tell*.
    """
    if student.low <= HARM:
        return "not misled" if student.high < HARM else "cannot tell"
    if alone is not None and alone.low > HARM and alone.towards == student.towards and alone.harm >= student.harm / 2:
        return "misled by its texts"
    led, astray = teacher.towards == student.towards, teacher.low > HARM
    teacher_cleared = teacher.high < HARM or (astray and not led)
    texts_cleared = alone is not None and alone.high < HARM
    if led and astray and (texts_cleared or (followed or 0.0) > FOLLOWS):
        return "mimics"
    return "misled by its texts" if teacher_cleared and not texts_cleared else "cannot tell"
