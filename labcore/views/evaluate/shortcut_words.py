"""The verdict on a suspected word in words, and what to try."""

from __future__ import annotations

from collections.abc import Sequence

from labcore.results.evaluation import HARM, Effect, ShortcutTest
from labcore.views.evaluate.verdicts import interval
from labcore.views.markdown import escaped
from labcore.views.words import percent


def shortcut_test_in_words(test: ShortcutTest, labels: Sequence[str]) -> str:
    """The verdict on a word, by name, with the numbers that it rests on. Raises ValueError if it is unknown."""
    label, word = escaped(labels[test.student.towards]), escaped(test.word)
    student = (
        f"With “{word}” in every example that is not *{label}*, the student loses {_harm(test.student)} of its "
        "accuracy over all examples"
    )
    baseline = f" Without a teacher, the student loses {_harm(test.no_teacher)}." if test.no_teacher else ""
    misled = f"{student}, and predicts *{label}* more often. The teacher loses {_harm(test.teacher)}.{baseline}"
    match test.verdict:
        case "not misled":
            return f"**This word does not mislead it.** {student}; the teacher loses {_harm(test.teacher)}."
        case "cannot tell":
            question = "what misleads it" if test.student.low > HARM else "whether this word misleads it"
            return f"**Undecided: {question}.** {student}; the teacher loses {_harm(test.teacher)}."
        case "misled by its texts":
            why = "" if test.no_teacher else ", because its teacher is not misled"
            return f"**Its own training examples mislead it**{why}. {misled}"
        case "mimics":
            return (
                f"**It mimics without learning.** {misled} The word turns {test.misled:,} of the teacher's correct "
                f"predictions into wrong ones; the student repeats {percent(test.followed or 0.0)} of these."
            )
    raise ValueError(f"verdict {test.verdict!r} has no words")


def _harm(effect: Effect) -> str:
    return interval(effect.harm, effect.low, effect.high)


def advice(test: ShortcutTest) -> str:
    """What to try; empty if nothing is wrong."""
    match test.verdict:
        case "mimics":
            return (
                "Raise the *hard* weight, or let the *schedule* end on hard labels: that helps the mimics of the "
                "*Mimicry* page. Early stopping, dropout, weight decay and a random start are quick to try, but "
                "hardly helped those. Validate on examples without the word, too: those with the word do not reveal "
                "the mimic."
            )
        case "misled by its texts":
            return (
                "In the training examples the word seems to go with a label. Remove it from them, or add examples in "
                "which it goes with another label. "
                + (
                    "Other loss weights won't help: without its teacher the student is misled, too."
                    if test.no_teacher
                    else "Train it without its teacher, too: if the examples are the cause, that one is misled as well."
                )
            )
        case "cannot tell":
            return (
                "More validation examples, or more seeds, could decide it."
                if test.no_teacher
                else "The no-teacher baseline would help to decide it; so would more seeds."
            )
        case _:
            return ""
