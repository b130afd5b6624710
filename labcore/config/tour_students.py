"""The students that the tour trains: one is yours, the others are compared in pairs. Standard library only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from labcore.config.loss_terms import HARD, LOSS_TERMS
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Factorise, KeepLayers, Manual, Step, TrimVocabulary

# So few steps that a run takes seconds. A student of low rank starts near chance, so its curve rises visibly.
TRAINING = DistilConfig(steps=160, learning_rate=5e-4)
# What the tour builds, and what takes the place of your own student if you skip its design.
STUDENT = Spec(steps=(KeepLayers(count=3), Factorise(rank=24)), distil=TRAINING)

HALF = Manual(hidden=192, layers=3, heads=6, intermediate=768, init="teacher")
TINY = (TrimVocabulary(size=4_000), Manual(hidden=64, layers=4, heads=2, intermediate=256, init="teacher"))
# The tiny student's steps are so fast that it can train longer, and its teacher can add examples without labels.
LONGER = DistilConfig(steps=1000, learning_rate=5e-4, transfer=20_000)
HIDDEN_WEIGHT = 1.0

# A training that is too long for its labels, of a student whose steps are cheap: validation shows when to stop.
OVERFIT = Spec(
    steps=(TrimVocabulary(size=7_600), Manual(hidden=128, layers=2, heads=4, intermediate=512, init="teacher")),
    distil=DistilConfig(hard=1.0, soft=0.0, steps=640, learning_rate=1e-3),
)
REGULARISED = replace(OVERFIT, distil=replace(OVERFIT.distil, dropout=0.3, weight_decay=0.1))


def _yours(student: Spec) -> Spec:
    return student


def _hidden(student: Spec) -> Spec:
    return replace(student, distil=replace(student.distil, hidden=HIDDEN_WEIGHT))


def _with_steps(*steps: Step) -> Callable[[Spec], Spec]:
    """Other compression steps, in as many training steps as yours."""
    return lambda student: replace(student, steps=steps)


def _tiny_longer(student: Spec) -> Spec:
    return replace(student, steps=TINY, distil=LONGER)


def _tiny_no_teacher(student: Spec) -> Spec:
    weights = {term.name: 0.0 for term in LOSS_TERMS} | {HARD.name: 1.0}
    return replace(student, steps=TINY, distil=replace(LONGER, transfer=0, **weights))  # type: ignore[arg-type]


# Each arm of a comparison by its name: how it is made of your student.
ARMS: Mapping[str, Callable[[Spec], Spec]] = {
    "yours": _yours,
    "half, from the teacher": _with_steps(HALF),
    "half, from random": _with_steps(replace(HALF, init="random")),
    "tiny, longer": _tiny_longer,
    "tiny, longer, no teacher": _tiny_no_teacher,
    "hidden states": _hidden,
    "tiny": _with_steps(*TINY),
}
LONG: Mapping[str, Spec] = {"long": OVERFIT, "long, regularised": REGULARISED}
TOUR_SPECS: Mapping[str, Spec] = {**{name: make(STUDENT) for name, make in ARMS.items()}, **LONG}
