"""The charts of a training as it goes: losses or shares of the gradient, accuracy, and the similarity of layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import streamlit as st

from labcore.config.training import DistilConfig
from labcore.results.events import ConditionAccuracy, Event, GradientNorms, Similarity, TrainStep, Validation
from labcore.views.distil.cka_map import similarity_in_words, similarity_map
from labcore.views.distil.curves import accuracies, condition_accuracies, gradient_shares, losses
from labcore.views.mimicry.cue_words import cue_of
from ui.shell.chart import chart

ACCURACIES, LOSSES = 240, 280  # pixels: the heights of the charts that every run has


@dataclass(frozen=True, kw_only=True)
class Curves:
    """A run's events so far, by kind. steps: none before the first training step. total: the steps of all of it."""

    config: DistilConfig
    steps: Sequence[TrainStep]
    gradients: Sequence[GradientNorms]
    validations: Sequence[Validation]
    conditions: Sequence[ConditionAccuracy]
    similarities: Sequence[Similarity]

    @classmethod
    def of(cls, config: DistilConfig, events: Sequence[Event]) -> Self:
        """The curves of a training with this configuration."""
        return cls(
            config=config,
            steps=[event for event in events if isinstance(event, TrainStep)],
            gradients=[event for event in events if isinstance(event, GradientNorms)],
            validations=[event for event in events if isinstance(event, Validation)],
            conditions=[event for event in events if isinstance(event, ConditionAccuracy)],
            similarities=[event for event in events if isinstance(event, Similarity)],
        )

    @property
    def total(self) -> int:
        """The number of steps of the whole training; 1 until the first step reports it."""
        return self.steps[-1].steps if self.steps else 1


def accuracy_chart(curves: Curves) -> None:
    """Validation accuracy against steps, or what will come."""
    chart(
        accuracies(curves.validations, curves.total),
        key="accuracies",
        height=ACCURACIES,
        alt="Accuracy of the student on the validation split, and its agreement with the teacher, against steps; "
        "the teacher's accuracy beside it.",
        awaits="" if curves.steps else "The student's validation accuracy grows here, beside its teacher's.",
    )


def loss_chart(curves: Curves, *, active: bool) -> None:
    """The loss terms against steps, or their shares of the gradient, or what will come.

    active: whether more events may come.
    """
    scale = st.segmented_control(
        "Losses",
        ["weighted", "raw", "gradient"],
        default="weighted",
        key="scale",
        format_func={"weighted": "weighted", "raw": "unweighted", "gradient": "share of the gradient"}.__getitem__,
        required=True,
        help="Weighted: each term times its weight, so that they sum to the total. Unweighted: as measured. Share of "
        "the gradient: the norm of a term's gradient times its weight, of the sum over all terms, measured 12 times "
        "in a training. Norms have no direction, so two terms with opposite gradients both count.",
    )
    names = [term.name for term in curves.config.terms]
    awaits = "The loss falls here, with each of its terms." if active and not curves.steps else ""
    if scale != "gradient":
        chart(
            losses(curves.steps, curves.config, weighted=scale == "weighted"),
            key="losses",
            height=LOSSES,
            alt=f"Loss against training steps: the total, and its terms: {', '.join(names)}.",
            awaits=awaits,
        )
        return
    measured = curves.gradients
    last = ", ".join(f"{term} {share:.0%}" for term, share in measured[-1].shares.items()) if measured else ""
    if not measured:
        awaits = (
            "Each term's share of the gradient stands here, after its first measurement." if active
            else "Gradient norms were not measured in this run."
        )  # fmt: skip
    chart(
        gradient_shares(measured, curves.config, curves.total),
        key="gradient-shares",
        height=LOSSES,
        alt="Share of each loss term in the gradient, against steps" + (f": last {last}" if last else "."),
        awaits=awaits,
    )
    if len(names) == 1:
        st.caption(f"The loss has one term only, {names[0]}, so its share of the gradient is always 100 %.")


def detail_charts(curves: Curves, task: str, *, active: bool) -> None:
    """The charts that only some runs have: accuracy with and without the cue, and the similarity of layers."""
    if curves.conditions:
        _conditions(curves.conditions, curves.total, cue_of(task)[0].word)
    if curves.similarities:
        _layers(curves.similarities, active)


def _conditions(measured: Sequence[ConditionAccuracy], total: int, word: str) -> None:
    """The student's accuracy with and without the spurious cue."""
    last = measured[-1]
    words = ", ".join(
        f"{name} {last.accuracy[name]:.0%} (teacher {teacher:.0%}, agreement {last.agreement[name]:.0%})"
        for name, teacher in last.teacher_accuracy.items()
    )
    st.markdown("**With and without the cue**")
    chart(
        condition_accuracies(measured, total),
        key="conditions",
        height=320,
        alt="Accuracy of the student under each condition of the same validation examples, against steps. Last: "
        f"{words}.",
    )
    st.caption(
        f"The same validation examples under three conditions: *clean*, without the cue; with the word “{word}” if it "
        "*agrees* with the label; if it *contradicts* the label. Dashes: the teacher. In the training examples the "
        "word is unrelated to the label. If the dashes differ, the teacher's logits depend on it all the same."
    )


def _layers(similarities: Sequence[Similarity], active: bool) -> None:
    """The map before training, and the map after it once the training is over."""
    with st.expander("Similarity of layers", icon=":material/grid_on:"):
        before, *after = similarities
        titles = ("Before training", "After training")
        for column, title, event in zip(st.columns(2), titles, (before, after[0] if after else None), strict=True):
            with column:
                if event is not None:
                    words, height = similarity_in_words(event, title.lower()), 84 + 34 * max(2, len(event.table))
                    key = f"similarity-{title.split()[0].lower()}"
                    chart(similarity_map(event, title), key=key, height=height, alt=words)
                elif active:
                    st.caption("After the training, the best student is compared here.")
        st.caption(
            "Linear CKA, from 0 to 1, of the mean states of 256 training examples. It is 1 if two layers see the same "
            "similarities between examples."
            + (" Framed: the pairs of layers that the loss compares." if before.pairs else "")
        )
