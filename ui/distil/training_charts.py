"""The pictures of a lesson as it goes: losses, or their shares of the gradient; accuracy; which layers are alike."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from labcore.data.spurious_cue import WORD
from labcore.results.events import ConditionAccuracy, Event, GradientNorms, Similarity, TrainStep, Validation
from labcore.results.run import Run
from labcore.views.distil.cka_map import alike, alike_in_words
from labcore.views.distil.curves import accuracies, gradient_shares, losses, readings
from ui.shell.chart import chart


def training_charts(run: Run, events: Sequence[Event]) -> None:
    """All of them, so far; the curves' place is held before there are any."""
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
    if looks := [event for event in events if isinstance(event, ConditionAccuracy)]:
        _readings(looks, total)
    if maps := [event for event in events if isinstance(event, Similarity)]:
        _layers(run, maps)


def _losses(run: Run, steps: list[TrainStep], measured: list[GradientNorms], total: int) -> None:
    look = st.segmented_control(
        "Losses",
        ["weighted", "raw", "gradient"],
        default="weighted",
        key="scale",
        format_func={"weighted": "weighted", "raw": "raw", "gradient": "share of the gradient"}.__getitem__,
        required=True,
        help="Weighted: each part times its weight, so that they sum to the total. Raw: as measured. Share of the gradient: how "
        "hard each part pulls at the student, which is the length of its gradient times its weight, measured a dozen times in "
        "a lesson; lengths, so that parts which pull against each other both count.",
    )
    config = run.spec.distil
    if look != "gradient":
        chart(
            losses(steps, config, weighted=look == "weighted"),
            key="losses",
            height=320,
            alt=f"Loss against training steps: the total, and its parts: {', '.join(config.parts)}.",
        )
        return
    chart(
        gradient_shares(measured, config, total),
        key="gradient-shares",
        height=320,
        alt="Share of each part of the loss in the gradient, against steps"
        + (
            ": last " + ", ".join(f"{part} {share:.0%}" for part, share in measured[-1].shares.items())
            if measured
            else "."
        ),
    )
    if len(config.parts) == 1:
        st.caption(f"The loss has one part only, {config.parts[0]}: all of the gradient is its own.")
    elif not measured and not run.active:
        st.caption("Gradients were not measured in this run.")


def _readings(looks: list[ConditionAccuracy], total: int) -> None:
    """What the student makes of a word that says nothing."""
    last = looks[-1]
    words = ", ".join(
        f"{name} {last.accuracy[name]:.0%} (teacher {right:.0%}, agreement {last.agreement[name]:.0%})"
        for name, right in last.teacher_accuracy.items()
    )
    st.markdown("**With and without the cue**")
    chart(
        readings(looks, total),
        key="readings",
        height=320,
        alt=f"Accuracy of the student in each reading of the same validation sentences, against steps. Last: {words}.",
    )
    st.caption(
        f"The same validation sentences three ways: *clean*; with the word “{WORD}” where it *agrees* with the label; where it "
        "*contradicts* it. Dashes: the teacher. In the training sentences the word stands at random, so their labels say that it "
        "means nothing; where the dashes part, the teacher's answers say that it means something."
    )


def _layers(run: Run, maps: list[Similarity]) -> None:
    """Start against end: the first map, and once the lesson is over the last."""
    with st.expander("Which layers are alike", icon=":material/grid_on:"):
        titles = ("Before the lesson", "After it")
        for column, title, event in zip(
            st.columns(2), titles, (maps[0], maps[1] if len(maps) > 1 else None), strict=True
        ):
            with column:
                if event is not None:
                    words, height = alike_in_words(event, title.lower()), 84 + 34 * max(2, len(event.table))
                    chart(alike(event, title), key=f"alike-{title.split()[0].lower()}", height=height, alt=words)
                elif run.active:
                    st.caption("Once the lesson is over, the student that did best is compared here.")
        st.caption(
            "Linear CKA, from 0 to 1, of the mean states of 256 training sentences: 1 where two layers see the same likenesses "
            "between sentences." + (" Framed: the pairs that the lesson compares." if maps[0].pairs else "")
        )
