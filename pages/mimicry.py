"""Mimicry: a teacher that learned an uninformative word, and students that copy it or learn the true labels."""

import streamlit as st

from labcore.data.spurious_cue import WORD
from labcore.evaluate.hard_weight_groups import hard_weight_groups
from labcore.evaluate.reference import reference_results
from labcore.views.markdown import unbroken
from labcore.views.mimicry.mimicry_words import hard_weight_table, mimicry_in_words, unnoticed_in_words
from ui.mimicry.hard_weights import (
    after_training,
    choose_group,
    choose_teacher,
    during_training,
    explain_after,
    explain_during,
)
from ui.mimicry.mitigations import monitor_rates, what_helps
from ui.mimicry.own_cue import own_cue
from ui.mimicry.own_hard_weights import own_hard_weights
from ui.shell.page_frame import end_page, page
from ui.shell.reference_notes import no_reference_results, origin, own_runs, run_yourself

with page("mimicry"):
    st.markdown(
        f"These :blue[**teachers**] learned to rely on an uninformative word, “{WORD}”: nearly all of their *positive* "
        "training examples had it. Their :orange[**students**] read it at random, so their teacher's targets depend on "
        "it, and the true labels do not. The :red[**hard weight**] decides which of the two a student follows."
    )
    reference = reference_results("mimicry")
    if reference is None:
        no_reference_results("mimicry")
        own_hard_weights(own_cue())
        end_page()
    left, right = st.columns(2, gap="large")
    # Each control stands below the chart that it changes most, so that both are in view on a small screen.
    with left:
        after, teacher = st.container(), choose_teacher(reference)
    groups = hard_weight_groups(reference, teacher)
    with right:
        during, chosen = st.container(), choose_group(groups)
    with after:
        after_training(groups, chosen)
    with during:
        during_training(chosen)
    with left:
        explain_after()
    with right:
        explain_during()
    st.markdown(unbroken(mimicry_in_words(groups)))
    run_yourself(chosen.spec, f"Run it yourself: hard weight {chosen.hard:g}")
    own_runs("cued")
    st.markdown("You can also [insert a cue into your own data](#own-cue).")

    with st.expander("The figures as a table", icon=":material/table:"):
        st.dataframe(hard_weight_table(groups), hide_index=True)
    origin(reference)

    st.header("Would you have noticed?")
    st.markdown(unbroken(unnoticed_in_words(groups)))
    unseen = reference_results("monitor")
    monitor_rates(reference, unseen)
    what_helps([reference] if unseen is None else [reference, unseen])
    own_hard_weights(own_cue())
