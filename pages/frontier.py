"""Frontier: accuracy against size for every finished run, and which students were worth having."""

import streamlit as st

from labcore.data.tasks import load_task
from labcore.views.frontier import TEACHER_POINT, frontier, points, teacher_points
from labcore.views.tables import runs_table
from ui import state
from ui.chart import chart

state.show_link_error()
st.title("The frontier: accuracy against size")
runs = state.store().runs()
finished = [run for run in runs if run.status == "finished"]
if not finished:
    st.info("No run has finished yet. Design a student and distil it: its point appears here, beside its teacher's.")
    st.page_link("pages/design.py", label="Design a student", icon=":material/architecture:")
    state.write_link()
    st.stop()

st.markdown(
    "Each point is a student's accuracy on test sentences that no model has trained on. Points on the line are worth having: nothing "
    "smaller is as accurate. The bars are one standard error; students within each other's bars can't be told apart by one run each."
)
size = st.segmented_control(
    "Size", ["total", "nonzero"], default="total", key="size", required=True,
    format_func={"total": "all parameters", "nonzero": "non-zero parameters"}.__getitem__,
)  # fmt: skip
sentences = len(load_task("reviews").splits["test"])
picture, details = st.columns([8, 5], gap="large")
with picture:
    picked = chart(
        frontier(points(finished, size), teacher_points(finished), sentences, size, state.run_id()),
        key="frontier", height=460, select=True,
        alt=f"Accuracy against size for {len(finished)} finished runs and their teacher, with the Pareto front.",
    )  # fmt: skip
    if picked is not None and picked != state.run_id() and picked != st.session_state.get("picked"):
        st.session_state.picked = picked
        state.look_at(None if picked == TEACHER_POINT else str(picked))
        st.rerun()
with details:
    chosen = next((run for run in finished if run.id == state.run_id()), None)
    if chosen is None:
        st.info("Click a point to see its student.")
    else:
        point_details(chosen)

with st.expander("All finished runs", icon=":material/table:"):
    st.dataframe(runs_table(finished), hide_index=True, width="stretch")
state.write_link()
