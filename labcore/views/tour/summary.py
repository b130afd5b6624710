"""What you found on the tour, as Markdown: every claim with your guess, your number and the recorded one."""

from __future__ import annotations

import re

from labcore.guide.tour import STOPS
from labcore.guide.tour.journal import Journal
from labcore.guide.tour.questions import QUESTIONS
from labcore.guide.tour.stop import ReferenceFigures, Stop
from labcore.views.words import student_in_words

READ_ON = (
    ("Hinton et al., 2015: distilling the knowledge in a neural network", "https://arxiv.org/abs/1503.02531"),
    ("Sanh et al., 2019: DistilBERT", "https://arxiv.org/abs/1910.01108"),
    ("Jiao et al., 2020: TinyBERT, which matches hidden states", "https://arxiv.org/abs/1909.10351"),
    ("Turc et al., 2019: pre-trained compact students", "https://arxiv.org/abs/1908.08962"),
    ("Mirzadeh et al., 2020: the capacity gap and teacher assistants", "https://arxiv.org/abs/1902.03393"),
    ("Stanton et al., 2021: does knowledge distillation really work?", "https://arxiv.org/abs/2106.05945"),
)
_COLOURED = re.compile(r":[a-z]+\[([^\]]*)\]")


def plain(text: str) -> str:
    """Markdown without Streamlit's colours, as a file has it."""
    return _COLOURED.sub(r"\1", text)


def guess_in_words(stop: Stop, journal: Journal, figures: ReferenceFigures) -> str:
    """Your guess, and whether the reference results support it."""
    supported = stop.right(figures)
    right = f"The reference results support “{stop.choices[supported]}”."
    guess = journal.guesses.get(stop.name)
    if guess is None or guess >= len(stop.choices):
        return f"You made no guess. {right}"
    if guess == supported:
        return f"You guessed “{stop.choices[guess]}”, which the reference results support."
    return f"You guessed “{stop.choices[guess]}”. {right}"


def result_in_words(stop: Stop, journal: Journal, figures: ReferenceFigures) -> str | None:
    """The stop's statement in your numbers; None if you have not done it."""
    own = journal.numbers.get(stop.name)
    return None if own is None else stop.statement(own, figures)


def summary_markdown(journal: Journal, figures: ReferenceFigures, origin: str) -> str:
    """The whole summary as a Markdown file. origin: of the reference results, in one line."""
    student = "none" if journal.student is None else student_in_words(journal.student)
    parts = ["# What you found", f"Your student: {student}. Reference results: {origin}."]
    for number, stop in enumerate(STOPS, 1):
        result = result_in_words(stop, journal, figures) or "You skipped this stop."
        parts += [
            f"## {number}. {stop.title}",
            f"**Claim.** {stop.claim}",
            f"**Question.** {stop.question} {guess_in_words(stop, journal, figures)}",
            f"**Result.** {result}",
            f"**What it does not show.** {stop.limits}",
        ]
    parts.append("## Three questions")
    for question in QUESTIONS:
        choice = journal.questions.get(question.name)
        chosen = "no choice yet" if choice is None else question.choices[choice]
        parts.append(f"- {question.text} Your choice: {chosen}.")
    parts.append("## Read on")
    parts.append("\n".join(f"- [{title}]({address})" for title, address in READ_ON))
    return plain("\n\n".join(parts)) + "\n"
