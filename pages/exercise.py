"""Exercise: three students of one teacher; count them, predict which trades best, run them, choose, hand in."""

import streamlit as st

from ui import state
from ui.address import write_link
from ui.attempts import attempt_at_hand, begin_form, show_prediction_gone
from ui.bound import show_form_error
from ui.navigation import enter

enter("exercise")
st.title("Exercise: which student trades best?")
attempt = attempt_at_hand()
if attempt is None:
    begin_form()
    write_link()
    st.stop()

with st.spinner("Loading torch, once…", show_time=True):
    state.jobs().wait_until_loaded()
from labcore.exercise.figures import compared, figures  # noqa: E402  (imports torch, so not before it is loaded)
from labcore.exercise.stages import stages  # noqa: E402
from ui.exercise_choice import choose_stage, hand_in_stage  # noqa: E402
from ui.exercise_counting import count_stage  # noqa: E402
from ui.exercise_design import design_stage  # noqa: E402
from ui.exercise_path import stage_frame  # noqa: E402
from ui.exercise_prediction import predict_stage  # noqa: E402
from ui.exercise_runs import run_stage  # noqa: E402

show_form_error()
show_prediction_gone()
runs = state.store().runs()
comparisons, found = compared(attempt), figures(attempt, runs)
path = stages(attempt, comparisons, found)
for stage in path:
    place = stage_frame(stage, attempt, handing_in=path[-1].standing == "at hand")
    if place is None:
        continue
    with place:
        match stage.name:
            case "design":
                design_stage(attempt, comparisons)
            case "count":
                count_stage(attempt, comparisons)
            case "predict":
                predict_stage(attempt, comparisons)
            case "run":
                run_stage(attempt, runs, found)
            case "choose" if found is not None:
                choose_stage(attempt, found, runs)
            case "hand in" if found is not None:
                hand_in_stage(attempt, found)
st.caption("All of it is kept as you go. This page's address is the way back to it.")
write_link()
