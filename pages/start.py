"""Start: what a teacher and a student are, three students to begin with, and the way back to your run."""

import streamlit as st

from labcore.config.presets import PRESETS
from labcore.views.markdown import escaped
from labcore.views.run_names import run_name
from labcore.views.student_names import student_name
from labcore.views.teacher_names import short_name
from labcore.views.words import percent, whose_in_words
from ui.shell import server, state
from ui.shell.listed import own_runs
from ui.shell.page_frame import page
from ui.shell.tour import tour_invitation
from ui.start.assignment_maker import assignment_maker, large_type_switch

with page("start"):
    st.markdown(
        "A :blue[**teacher**] is a large model that already does its task well. A :orange[**student**] is a smaller "
        "model, derived from the teacher and trained on its predictions: that is *distillation*. A student saves "
        "memory and time, but may lose accuracy. In this lab you derive a student and count its parameters exactly. "
        "You then distil it in minutes on this machine's processor, and measure whether it is worth having."
    )

    tour_invitation()
    active = [run for run in own_runs(server.store().runs()) if run.active]
    mine = next((run for run in active if run.id == state.run_id()), active[-1] if active else None)
    if mine is not None:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                ":material/model_training: **Training now:** "
                f":orange[**{escaped(run_name(mine))}**]{whose_in_words(mine.spec)}"
            )
            if st.button("Watch it", key="watch"):
                state.show_run(mine.id)
                st.switch_page("pages/distil.py")
    elif state.begun():
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"**Your last student:** :orange[**{escaped(student_name(state.spec()))}**], "
                f"from `{short_name(state.spec().teacher)}`"
            )
            if st.button("Go on with it", key="resume"):
                st.switch_page("pages/distil.py" if state.run_id() else "pages/design.py")

    st.header("Begin with one of three students")
    for preset, column in zip(PRESETS, st.columns(3), strict=True):
        card = column.container(border=True, height="stretch", vertical_alignment="distribute")
        card.markdown(
            f"### {preset.name}: :orange[{percent(preset.ratio)}] of the size\n**{preset.summary}.** {preset.reason}"
        )
        if card.button(
            f"Take {preset.name.lower()}",
            key=f"preset-{preset.name.lower()}",
            width="stretch",
            disabled=not state.allows(preset.spec),
        ):
            state.change(preset.spec)
            st.switch_page("pages/design.py")

    st.header("Two effects to watch for")
    left, right = st.columns(2)
    left.markdown(
        "**The capacity gap.** A student close to its teacher's size saves little. A student that is too small "
        "cannot reproduce the teacher. The best student is the smallest one that still can. The *Capacity* page shows "
        "the gap."
    )
    right.markdown(
        "**Mimics without learning.** A student can copy its teacher's predictions, mistakes included, and ignore the "
        "true labels. The hard weight on the *Distil* page sets how much the true labels count. The *Mimicry* page "
        "shows its effect."
    )
    st.page_link(
        "pages/exercise.py",
        label="Take the exercise: predict which of three students is the best trade-off, then test it",
        icon=":material/assignment:",
    )
    st.page_link(
        "pages/data.py",
        label="Bring data of your own: a teacher is made of them in minutes, and a student of it",
        icon=":material/dataset:",
    )
    st.caption(
        "The lab's two main teachers are each a MiniLM BERT with 6 layers and 22.7 million parameters. `reviews` "
        "classifies film sentences as positive or negative; it is fine-tuned on 6,370 examples. `news` classifies "
        "news articles into five subjects; it is fine-tuned on 1,518 examples. The three students above are of "
        "`reviews`. The *Design* page offers more teachers. Two of them learned a spurious cue: a word that is "
        "unrelated to the label."
    )

    st.header("For a class")
    # With a state of its own it stays open if something above it comes or goes.
    with st.expander("Make an assignment link", key="assignment-maker", icon=":material/add_link:", on_change="rerun"):
        assignment_maker()
    large_type_switch()
