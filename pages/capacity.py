"""Capacity: how small a student may be, what its teacher adds, and whether one in between helps."""

import streamlit as st

from labcore.evaluate.baselines import is_baseline
from labcore.evaluate.reference import recorded
from labcore.views.capacity.assistant_table import (
    assistant_comparisons,
    assistant_in_words,
    assistant_table,
    total_steps,
)
from labcore.views.capacity.capacity_chart import (
    added_in_words,
    capacities,
    capacity_gap,
    capacity_table,
    smallest_in_words,
    what_it_adds,
)
from labcore.views.words import percent
from ui.shell.chart import chart
from ui.shell.page_frame import page
from ui.shell.reference_notes import no_reference_results, origin, run_yourself

with page("capacity"):
    st.markdown(
        "A :orange[**student**] too like its :blue[**teacher**] hardly saves anything; one too small can't learn what the teacher "
        "knows. The best student is the *smallest that still can*. Here students of rising size were cut out of one teacher. "
        "Each was taught twice in as many steps: with the teacher, and alone, by :red[hard labels] only. The smaller had more steps, for theirs are cheaper."
    )
    recording = recorded("capacity")
    if recording is None:
        no_reference_results("capacity")
        st.stop()

    sizes = capacities(recording)
    distance = (
        st.select_slider(
            "How far below its teacher may a student be?",
            (1, 2, 3, 4, 5, 7, 10),
            value=3,
            key="capacity-distance",
            format_func=lambda points: f"{points} point{'s' if points > 1 else ''}",
            help="Points of test accuracy. What you can do without depends on what the student is for.",
        )
        / 100
    )
    st.markdown(smallest_in_words(sizes, distance))
    left, right = st.columns([8, 5], gap="large")
    with left:
        st.header("How small can it be?")
        chart(
            capacity_gap(sizes, distance),
            key="capacity",
            height=420,
            alt=f"Test accuracy against size with and without the teacher. {smallest_in_words(sizes, distance)}".replace(
                "*", ""
            ),
        )
        st.caption(
            "Means over seeds with 95 % intervals, each seed a dot; sizes on a logarithmic scale. Blue band: within the distance of the teacher. Grey: surely too small for it."
        )
    with right:
        st.header("What the teacher adds")
        chart(
            what_it_adds(sizes),
            key="adds",
            height=420,
            alt="Points of accuracy that the teacher adds at each size: "
            + ", ".join(f"{percent(size.ratio)}: {100 * sum(size.added) / len(size.added):+.1f}" for size in sizes),
        )
        st.caption(
            f"Accuracy with the teacher less accuracy alone, at equal steps, seed by seed. {added_in_words(sizes)}"
        )
    picked = st.select_slider(
        "A size to run yourself",
        sizes,
        value=sizes[2],
        key="capacity-size",
        format_func=lambda size: percent(size.ratio),
    )
    run_yourself(
        next(
            run.spec
            for run in recording.runs
            if run.counts and run.counts.ratio == picked.ratio and not is_baseline(run.spec)
        ),
        f"Run it yourself: {percent(picked.ratio)} of the teacher",
    )
    st.caption("Its baseline, the same student alone, is one click on the *Distil* page once the run has finished.")
    origin(recording)
    with st.expander("The figures as a table", icon=":material/table:"):
        st.dataframe(capacity_table(sizes, distance), hide_index=True)
        st.caption(
            f"*Within {100 * distance:g} points* is the chance that the student is, over other seeds and other test sentences: the gap is "
            "taken as normal, with the variance of a mean over seeds (one seed's spread is pooled over all sizes) and that of the sentences on "
            "which only one of the two is right."
        )

    st.header("A teacher assistant")
    st.markdown(
        "Where the gap between teacher and student is wide, a middle-sized student may stand in between: the teacher teaches the "
        "*assistant*, the assistant the small one ([Mirzadeh et al., 2020](https://arxiv.org/abs/1902.03393)). That costs the assistant's lesson, so it is "
        "fair only at an equal total budget: the same number of steps for the whole chain as for the small student straight from the teacher."
    )
    chains = recorded("assistant")
    if chains is not None:
        pairs = assistant_comparisons(chains)
        st.markdown(assistant_in_words(pairs))
        st.dataframe(assistant_table(pairs), hide_index=True)
        st.caption(
            f":material/inventory_2: These figures ship with the lab, {chains.origin}. Steps in sum: straight / by way of the assistant. Its steps cost more time, for it is larger."
        )
        run_yourself(
            pairs[0].by_way.spec,
            f"Run a chain yourself: {total_steps(pairs[0].by_way.spec):,} steps in two runs",
            key="run-chain",
        )
    st.markdown(
        "Any finished student can be the next teacher: press *Use as assistant* beside its result on the *Distil* page."
    )
