"""Capacity: how small a student may be, what its teacher adds, and whether an assistant helps."""

import streamlit as st

from labcore.evaluate.capacity_gap import size_results
from labcore.evaluate.reference import reference_results
from labcore.runs.own_sweep import comparable
from labcore.views.capacity.capacity_words import smallest_in_words
from labcore.views.markdown import unbroken
from ui.capacity.assistants import assistant_results
from ui.capacity.own_sweep import choose_teacher, own_sweep
from ui.capacity.sizes import accuracy_by_size, gain_by_size, run_a_size, sizes_table
from ui.shell.page_frame import end_page, page
from ui.shell.reference_notes import no_reference_results, origin

with page("capacity"):
    st.markdown(
        "A large :orange[**student**] saves little; one that is too small cannot learn what its :blue[**teacher**] "
        "has learned. The best student is the *smallest that still can*."
    )
    teacher = choose_teacher()
    reference = reference_results("capacity")
    if teacher is not None:
        swept = own_sweep(teacher)
        if swept is None:
            end_page()
        finished = comparable(swept)
        if not finished:
            st.info(
                "The two figures appear here as soon as one size has both runs: with the teacher, and without it.",
                icon=":material/straighten:",
            )
            end_page()
    elif reference is None:
        no_reference_results("capacity")
        end_page()
    else:
        finished = reference.runs

    sizes = size_results(finished)
    left, right = st.columns([8, 5], gap="large")
    with left:
        loss = accuracy_by_size(sizes)
        st.markdown(unbroken(smallest_in_words(sizes, loss)))
    with right:
        gain_by_size(sizes)
    st.markdown(
        "Students of rising size were initialised from one teacher. Each was trained twice in the same number of "
        "steps: with the teacher, and without it, on :red[hard labels] only. Smaller students got more steps because "
        "their steps are cheaper."
    )
    if teacher is None and reference is not None:
        run_a_size(sizes)
        origin(reference)
    sizes_table(sizes, loss)
    if teacher is not None:
        end_page()

    st.header("A teacher assistant")
    st.markdown(
        "If the gap between teacher and student is wide, a student of middle size can stand in between. The teacher "
        "trains this *assistant*, and the assistant trains the small student ([Mirzadeh et al., "
        "2020](https://arxiv.org/abs/1902.03393)). The assistant costs a training run of its own. So a comparison is "
        "fair only at an equal total number of steps, with the assistant and directly."
    )
    chains = reference_results("assistant")
    if chains is not None:
        assistant_results(chains)
    st.markdown(
        "Any finished student can be an assistant: press *Use as assistant* beside its result on the *Distil* page."
    )
