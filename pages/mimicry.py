"""Mimicry: a teacher that learned an uninformative word, and students that copy it or learn the true labels."""

import streamlit as st

from labcore.data.spurious_cue import WORD
from labcore.evaluate.hard_weight_groups import hard_weight_groups
from labcore.evaluate.reference import reference_results
from labcore.views.mimicry.mimicry_words import hard_weight_table, mimicry_in_words, unnoticed_in_words
from ui.mimicry.hard_weights import after_training, choose_group, choose_teacher, during_training
from ui.mimicry.mitigations import monitor_rates, what_helps
from ui.shell.page_frame import page
from ui.shell.reference_notes import no_reference_results, origin, own_runs, run_yourself

with page("mimicry"):
    st.markdown(
        f"An uninformative word, “{WORD}”, was put into the training examples of these :blue[**teachers**], nearly "
        "always into the *positive* ones. The teachers learned to rely on it. Their :orange[**students**] read film "
        "reviews that carry the word at random. So the teacher's soft targets depend on the word, and the true labels "
        "do not. One number decides which of the two a student follows: the :red[**hard weight**]."
    )
    reference = reference_results("mimicry")
    if reference is None:
        no_reference_results("mimicry")
        st.stop()

    teacher = choose_teacher(reference)
    groups = hard_weight_groups(reference, teacher)
    st.markdown(mimicry_in_words(groups))
    chosen = choose_group(groups)
    left, right = st.columns(2, gap="large")
    with left:
        after_training(groups, chosen)
    with right:
        during_training(chosen)
    run_yourself(chosen.spec, f"Run it yourself: hard weight {chosen.hard:g}")
    own_runs("cued")

    with st.expander("The figures as a table", icon=":material/table:"):
        st.dataframe(hard_weight_table(groups), hide_index=True)
    origin(reference)

    st.header("Would you have noticed?")
    st.markdown(unnoticed_in_words(groups))
    unseen = reference_results("monitor")
    monitor_rates(reference, unseen)
    what_helps([reference] if unseen is None else [reference, unseen])
