"""Capacity: how small a student may be, what its teacher adds, and whether an assistant helps."""

import streamlit as st

from labcore.evaluate.capacity_gap import size_results
from labcore.evaluate.reference import reference_results
from labcore.views.capacity.capacity_words import smallest_in_words
from ui.capacity.assistants import assistant_results
from ui.capacity.sizes import accuracy_by_size, choose_loss, gain_by_size, run_a_size, sizes_table
from ui.shell.page_frame import page
from ui.shell.reference_notes import no_reference_results, origin

with page("capacity"):
    st.markdown(
        "A large :orange[**student**] saves little; one that is too small cannot learn what its :blue[**teacher**] "
        "has learned. The best student is the *smallest that still can*. Here students of rising size were "
        "initialised from one teacher. Each was trained twice in the same number of steps: with the teacher, and "
        "without it, on :red[hard labels] only. Smaller students got more steps because their steps are cheaper."
    )
    reference = reference_results("capacity")
    if reference is None:
        no_reference_results("capacity")
        st.stop()

    sizes = size_results(reference)
    loss = choose_loss()
    st.markdown(smallest_in_words(sizes, loss))
    left, right = st.columns([8, 5], gap="large")
    with left:
        accuracy_by_size(sizes, loss)
    with right:
        gain_by_size(sizes)
    run_a_size(sizes)
    origin(reference)
    sizes_table(sizes, loss)

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
