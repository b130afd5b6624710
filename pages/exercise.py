"""Exercise: three students of one teacher; count them, predict which trades best, run them, choose, hand in."""

import streamlit as st

from ui.exercise.attempts import begin_form, current_attempt, show_prediction_gone
from ui.shell import state
from ui.shell.bound import show_form_error
from ui.shell.page_frame import page

with page("exercise"):
    attempt = current_attempt()
    if attempt is None:
        begin_form()
        st.stop()

    with st.spinner("Loading torch, once…", show_time=True):
        state.jobs().wait_until_loaded()
    from labcore.exercise.attempt_results import compared, figures
    from labcore.exercise.stages import stages
    from ui.exercise.choice import choose_stage, submission_stage
    from ui.exercise.counting import count_stage
    from ui.exercise.design import design_stage
    from ui.exercise.path import stage_frame
    from ui.exercise.prediction import predict_stage
    from ui.exercise.runs import run_stage

    show_form_error()
    show_prediction_gone()
    runs = state.store().runs()
    comparisons, found = compared(attempt), figures(attempt, runs)
    path = stages(attempt, comparisons, found)
    for stage in path:
        place = stage_frame(stage, attempt, submitting=path[-1].standing == "at hand")
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
                    submission_stage(attempt, found)
    st.caption("All of it is kept as you go. This page's address is the way back to it.")
