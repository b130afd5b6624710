"""The charts of a training as it goes: losses or shares of the gradient, accuracy, and the similarity of layers."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from labcore.data.spurious_cue import WORD
from labcore.results.events import ConditionAccuracy, Event, GradientNorms, Similarity, TrainStep, Validation
from labcore.results.run import Run
from labcore.views.distil.cka_map import similarity_in_words, similarity_map
from labcore.views.distil.curves import accuracies, condition_accuracies, gradient_shares, losses
from ui.shell.chart import chart


def training_charts(run: Run, events: Sequence[Event]) -> None:
    """All charts of the events so far; the room for the curves is kept before there are any."""
    steps = [event for event in events if isinstance(event, TrainStep)]
    if not steps and not run.active:
        return
    total = steps[-1].steps if steps else 1
    _losses(run, steps, [event for event in events if isinstance(event, GradientNorms)], total)
    chart(
        accuracies([event for event in events if isinstance(event, Validation)], total),
        key="accuracies",
        height=280,
        alt="Accuracy of the student on the validation split, and its agreement with the teacher, against steps; "
        "the teacher's accuracy beside it.",
    )
    if conditions := [event for event in events if isinstance(event, ConditionAccuracy)]:
        _conditions(conditions, total)
    if similarities := [event for event in events if isinstance(event, Similarity)]:
        _layers(run, similarities)


def _losses(run: Run, steps: list[TrainStep], measured: list[GradientNorms], total: int) -> None:
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
    config = run.spec.distil
    names = [term.name for term in config.terms]
    if scale != "gradient":
        chart(
            losses(steps, config, weighted=scale == "weighted"),
            key="losses",
            height=320,
            alt=f"Loss against training steps: the total, and its terms: {', '.join(names)}.",
        )
        return
    last = ", ".join(f"{term} {share:.0%}" for term, share in measured[-1].shares.items()) if measured else ""
    chart(
        gradient_shares(measured, config, total),
        key="gradient-shares",
        height=320,
        alt="Share of each loss term in the gradient, against steps" + (f": last {last}" if last else "."),
    )
    if len(names) == 1:
        st.caption(f"The loss has one term only, {names[0]}, so its share of the gradient is always 100 %.")
    elif not measured and not run.active:
        st.caption("Gradient norms were not measured in this run.")


def _conditions(measured: list[ConditionAccuracy], total: int) -> None:
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
        f"The same validation examples under three conditions: *clean*, without the cue; with the word “{WORD}” if it "
        "*agrees* with the label; if it *contradicts* the label. Dashes: the teacher. In the training examples the "
        "word is unrelated to the label. If the dashes differ, the teacher's logits depend on it all the same."
    )


def _layers(run: Run, similarities: list[Similarity]) -> None:
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
                elif run.active:
                    st.caption("After the training, the best student is compared here.")
        st.caption(
            "Linear CKA, from 0 to 1, of the mean states of 256 training examples. It is 1 if two layers see the same "
            "similarities between examples."
            + (" Framed: the pairs of layers that the loss compares." if before.pairs else "")
        )
