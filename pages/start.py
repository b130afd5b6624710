"""Start: what a teacher and a student are, three students to begin with, and the way back to a run."""

import streamlit as st

from labcore.config.presets import PRESETS
from labcore.views.teacher_names import short_name
from labcore.views.words import percent, student_in_words, whose_in_words
from ui.shell import state
from ui.shell.address import write_link
from ui.shell.glossary import words_of
from ui.shell.navigation import PAGES, enter, names
from ui.shell.tour import tour_invitation
from ui.start.assignment_maker import assignment_maker, large_type_switch

enter("start")
st.title("Shrink a BERT that works, and see what it costs")
words_of("start")
st.markdown(
    "A :blue[**teacher**] is a large model that already does its task well. A :orange[**student**] is a smaller one that is derived "
    "from it and learns from its answers: that is *distillation*. A student saves memory and time, and may lose "
    "accuracy. In this lab you derive one, count exactly what is left, teach it in minutes on this machine's "
    "processor, and see whether it was worth having."
)

tour_invitation(names())
active = [run for run in state.store().runs() if run.active]
mine = next((run for run in active if run.id == state.run_id()), active[-1] if active else None)
if mine is not None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f":material/model_training: **Training now:** :orange[**{student_in_words(mine.spec)}**]{whose_in_words(mine.spec)}"
        )
        if st.button("Watch it", key="watch"):
            state.look_at(mine.id)
            st.switch_page("pages/distil.py")
elif state.begun():
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**Where you were:** :orange[**{student_in_words(state.spec())}**], from `{short_name(state.spec().teacher)}`"
        )
        if st.button("Go on with it", key="resume"):
            st.switch_page("pages/distil.py" if state.run_id() else "pages/design.py")

st.header("Begin with one of three students")
for preset, column in zip(PRESETS, st.columns(3), strict=True):
    card = column.container(border=True, height="stretch", vertical_alignment="distribute")
    card.markdown(
        f"### {preset.name}\n**{preset.config}**: :orange[**{percent(preset.ratio)}**] of the teacher's size.\n\n{preset.why}"
    )
    if card.button(
        f"Take {preset.name.lower()}",
        key=f"preset-{preset.name.lower()}",
        type="primary",
        width="stretch",
        disabled=not state.allows(preset.spec),
    ):
        state.change(preset.spec)
        st.switch_page("pages/design.py")

st.header("Two hard truths to look out for")
left, right = st.columns(2)
left.markdown(
    "**The capacity gap.** A student too like its teacher hardly saves anything; one too small can't learn what the "
    "teacher knows. The best student is the smallest that still can. The *Capacity* page draws it."
)
right.markdown(
    "**Mimics without learning.** A student may copy its teacher's answers, mistakes too, and never look at the truth. "
    "The hard weight on the *Distil* page decides how much the true labels count; the *Mimicry* page shows what comes of it."
)
st.page_link(
    "pages/exercise.py",
    label="Take the exercise: predict which of three students trades best, then see",
    icon=":material/assignment:",
)
st.caption(
    "The lab's two teachers are each a MiniLM BERT with 6 layers and 22.7 million parameters: `reviews`, fine-tuned "
    "to tell positive from negative film reviews on 6,370 sentences, and `news`, fine-tuned to tell the subject of a news "
    "article, one of five, on 1,518 articles. These three are students of `reviews`; the *Design* page has all, and two more "
    "that learned to lean on a word that says nothing."
)

st.header("For a class")
with st.expander("Make a lesson link", icon=":material/add_link:"):
    assignment_maker({name: title for name, title, _ in PAGES})
large_type_switch()
write_link()
