"""What a suspected word does to a student, in words and in a picture."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from labcore.results.evaluation import HARM, ShortcutTest
from labcore.views.distil.curves import LEGEND
from labcore.views.evaluate.verdicts import interval
from labcore.views.palette import CONDITION_COLOURS
from labcore.views.words import percent


def shortcut_test_in_words(found: ShortcutTest, labels: Sequence[str]) -> str:
    """The verdict on a word, by name, with the numbers that it rests on."""
    harm = interval(found.student.harm, found.student.low, found.student.high)
    lean = labels[found.student.towards]
    costs = f"With “{found.word}” put into every text that is not *{lean}*, the student loses {harm} of its accuracy over all texts"
    teachers = f"the teacher loses {interval(found.teacher.harm, found.teacher.low, found.teacher.high)}"
    match found.verdict:
        case "not misled":
            return f"**This word does not mislead it.** {costs}; {teachers}."
        case "cannot tell":
            misled = "what misleads it" if found.student.low > HARM else "whether this word misleads it"
            return f"**Cannot tell** {misled}. {costs}; {teachers}."
        case "mimics" | "misled by its texts":
            pass
        case _:
            raise ValueError(f"verdict {found.verdict!r} has no words")
    alone = (
        f"; taught without its teacher it loses {interval(found.no_teacher.harm, found.no_teacher.low, found.no_teacher.high)}"
        if found.no_teacher
        else ""
    )
    if found.verdict == "misled by its texts":
        by = "" if found.no_teacher else ", for its teacher is not misled"
        return f"**Its own texts mislead it**{by}. {costs}, drawn to *{lean}*. {teachers.capitalize()}{alone}."
    return (
        f"**It mimics without learning.** {costs}, drawn to *{lean}*. {teachers.capitalize()}{alone}. Of the {found.misled:,} right answers "
        f"that the word turns into wrong ones of the teacher, the student gives {percent(found.followed or 0.0)}."
    )


def advice(found: ShortcutTest) -> str:
    """What to try; empty where nothing is wrong."""
    match found.verdict:
        case "mimics":
            return (
                "Raise the *hard* weight, or let the *schedule* end the lesson on hard labels: that is what helps the mimics of the "
                "*Mimicry* page. Stopping earlier, dropout, weight decay and a random start are quickly tried, and hardly helped "
                "those. And validate on texts without the word: those that carry it as the teacher's did will not show it."
            )
        case "misled by its texts":
            return (
                "In the training texts the word seems to go with a label. Take it out of them, or add texts in which it goes "
                "with the other. "
                + (
                    "Another weight of the loss won't help: without its teacher it is misled, too."
                    if found.no_teacher
                    else "Run it without its teacher, too: if the texts are why, that student is misled as well."
                )
            )
        case "cannot tell":
            return (
                "More validation texts, or more seeds, would tell."
                if found.no_teacher
                else "The same student taught without its teacher would tell more; so would more seeds."
            )
    return ""


def effects(found: ShortcutTest) -> go.Figure:
    """Accuracy without the word, with it where it agrees with the label, and where it contradicts it: of each model."""
    models = {"teacher": found.teacher, "student": found.student} | (
        {"student alone": found.no_teacher} if found.no_teacher else {}
    )
    figure = go.Figure()
    for reading, colour in zip(("clean", "agrees", "contradicts"), CONDITION_COLOURS, strict=True):
        shares = [getattr(effect, reading) for effect in models.values()]
        figure.add_bar(
            x=list(models), y=shares, name=reading, marker={"color": colour},
            text=[percent(share) for share in shares], textposition="outside", cliponaxis=False,
            hovertemplate="%{x}, %{fullData.name}: %{y:.1%}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(
        barmode="group",
        bargap=0.3,
        xaxis={"fixedrange": True, "ticks": ""},
        yaxis={
            "title": "accuracy",
            "range": [0, 1.08],
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
            "tickformat": ".0%",
            "fixedrange": True,
        },
        legend=LEGEND,
        margin={"l": 56, "r": 12, "t": 40, "b": 32},
    )
    return figure
