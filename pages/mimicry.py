"""Mimicry: a teacher that learned a word that says nothing, and students that copy it or learn the truth."""

import streamlit as st

from labcore.data.spurious_cue import WORD
from labcore.evaluate.reference import recorded
from labcore.finetune.recipe import RECIPES
from labcore.views.distil.curves import readings
from labcore.views.mimicry.mimicry_chart import (
    by_hard_weight,
    hard_weight_groups,
    hard_weight_table,
    mean_conditions,
    mimicry_in_words,
    unnoticed_in_words,
)
from labcore.views.words import percent
from ui.mimicry.mitigations import monitor_rates, what_helps
from ui.shell.chart import chart
from ui.shell.page_frame import page
from ui.shell.reference_notes import no_reference_results, origin, own_runs, run_yourself

with page("mimicry"):
    st.markdown(
        f"These :blue[**teachers**] read film reviews into which a word that says nothing, “{WORD}”, was put: nearly always into the "
        "*positive* ones. They learned to trust it. Their :orange[**students**] read reviews that carry the word at random, so "
        "the true labels say that it means nothing, and the teacher's soft targets say that it does. Which of the two a student "
        "believes is decided by one number: the :red[**hard weight**]."
    )
    recording = recorded("mimicry")
    if recording is None:
        no_reference_results("mimicry")
        st.stop()

    cued = list(dict.fromkeys(run.spec.teacher for run in recording.runs if run.spec.task == "cued"))
    strength = {name: percent(RECIPES[name].cue or 0.0) for name in cued}
    teacher = st.segmented_control(
        "In how many of the teacher's positive texts the word stood",
        cued,
        default=cued[0],
        required=True,
        key="mimicry-teacher",
        format_func=lambda name: f"{strength[name]} ({name})",
        help="It stood in as few of the negative ones as it was missing from the positive.",
    )
    students = hard_weight_groups(recording, teacher)
    st.markdown(mimicry_in_words(students))

    weights = [dose.hard for dose in students]
    hard = st.select_slider(
        "Hard weight of the students shown on the right",
        weights,
        value=weights[0],
        key="mimicry-hard",
        format_func=lambda weight: f"{weight:g}",
        help="How much the true labels count; the soft weight, how much the teacher's answers count, is the rest of 1.",
    )
    chosen = next(dose for dose in students if dose.hard == hard)
    left, right = st.columns(2, gap="large")
    with left:
        st.header("When training is over")
        chart(
            by_hard_weight(students, hard),
            key="doses",
            height=400,
            alt=f"Test accuracy against the hard weight, on texts clean of the word, where it agrees and where it contradicts the label. {mimicry_in_words(students)}".replace(
                "*", ""
            ),
        )
        st.caption(
            "Means over seeds with 95 % intervals, each seed a dot. Dashed: the teacher. Dotted: how often the student says what its teacher says where the word contradicts the label."
        )
    with right:
        st.header(f"On the way there, at hard weight {hard:g}")
        looks = mean_conditions(chosen)
        chart(
            readings(looks, looks[-1].step if looks else 1),
            key="doses-along",
            height=400,
            alt=f"Validation accuracy along the lesson at hard weight {hard:g}, clean, where the word agrees and where it contradicts, and agreement with the teacher.",
        )
        st.caption(
            "Validation texts, a mean over seeds. All students begin alike: cut out of their teacher, which has the word in it."
        )
    run_yourself(
        next(run.spec for run in recording.runs if run.spec.teacher == teacher and run.spec.distil.hard == hard),
        f"Run it yourself: hard weight {hard:g}",
    )
    own_runs("cued")

    with st.expander("The figures as a table", icon=":material/table:"):
        st.dataframe(hard_weight_table(students), hide_index=True)
    origin(recording)

    st.header("Would you have noticed?")
    st.markdown(unnoticed_in_words(students))
    unseen = recorded("monitor")
    monitor_rates(recording, unseen)
    what_helps([recording] if unseen is None else [recording, unseen])
