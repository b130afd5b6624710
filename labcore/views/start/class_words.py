"""How long a class waits, in words."""

from __future__ import annotations

from labcore.runs.class_time import ClassTime
from labcore.views.words import length_in_words, rough_duration


def class_time_in_words(time: ClassTime, people: int, each: int, *, measured: bool) -> str:
    """When the last person has a result if everyone makes `each` runs, and what the estimate rests on."""
    runs = "trains once" if each == 1 else f"trains {each} students"
    basis = "earlier runs on this machine" if measured else "two cores, because this machine has no earlier run"
    return (
        f"One run takes about {rough_duration(time.one)}. The lab trains one run at a time. If each of {people:,} "
        f"{'person' if people == 1 else 'people'} {runs}, the last result is there after about "
        f"**{rough_duration(time.last)}**. This estimate is based on {basis}."
    )


def offer_in_words(time: ClassTime) -> str:
    """Shorter settings on a button, with the time of the whole class."""
    return f"{length_in_words(time.spec.distil).capitalize()}: about {rough_duration(time.last)} in all"
