"""Exercise: three students of one teacher; count them, predict the best trade-off, run them, choose, submit."""

import streamlit as st

from labcore.exercise.attempt_results import results_of
from labcore.exercise.stages import stages
from labcore.exercise.student_comparisons import compare_students
from ui.exercise.attempts import begin_form, current_attempt, show_teacher_missing, why_not_change
from ui.exercise.choice import choose_stage, submission_stage
from ui.exercise.clearing import ask_before_clearing, show_cleared
from ui.exercise.counting import count_stage
from ui.exercise.design import design_stage
from ui.exercise.others_attempt import others_attempt
from ui.exercise.path import stage_frame
from ui.exercise.prediction import predict_stage
from ui.exercise.runs import run_stage
from ui.shell import server
from ui.shell.bound import show_form_error
from ui.shell.page_frame import end_page, page

with page("exercise"):
    attempt = current_attempt()
    if attempt is None:
        begin_form()
        end_page()

    if why_not_change(attempt):
        others_attempt(attempt)
        end_page()
    if show_teacher_missing(attempt):
        end_page()
    with st.spinner("Loading torch, once…", show_time=True):
        server.jobs().wait_until_loaded()
    show_form_error()
    ask_before_clearing()
    show_cleared()
    runs = server.store().runs()
    comparisons, results = compare_students(attempt), results_of(attempt, runs)
    path = stages(attempt, comparisons, results)
    for stage in path:
        container = stage_frame(stage, attempt, comparisons, submitting=path[-1].standing == "current")
        if container is None:
            continue
        with container:
            match stage.name:
                case "design":
                    design_stage(attempt, comparisons)
                case "count":
                    count_stage(attempt, comparisons)
                case "predict":
                    predict_stage(attempt, comparisons)
                case "run":
                    run_stage(attempt, runs, results)
                case "choose" if results is not None:
                    choose_stage(attempt, results, runs)
                case "submit" if results is not None:
                    submission_stage(attempt, results)
    st.caption("The lab saves everything as you go. This page's address is the way back to it.")
