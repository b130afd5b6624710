"""Evaluate: whose mistakes a finished student makes, how well it is calibrated, and whether it beats another."""

import streamlit as st

from labcore.data.tasks import load_task
from ui.evaluate.evaluation import (
    confusions_and_calibration,
    differences_list,
    error_overlap_picture,
    evaluation_figures,
)
from ui.evaluate.paired_form import paired_form
from ui.evaluate.predict_form import predict_form
from ui.evaluate.run_choice import choose_run
from ui.evaluate.shortcut_form import shortcut_form
from ui.shell import state
from ui.shell.page_frame import page

with page("evaluate"):
    finished = state.store().finished_runs()
    if not finished:
        st.info("No run has finished yet. Design a student and distil it, then evaluate it here beside its teacher.")
        st.page_link("pages/design.py", label="Design a student", icon=":material/architecture:")
        st.stop()

    st.markdown(
        "Accuracy alone does not distinguish a student that *learned* from one that *mimics*. Here both models "
        "predict the same test examples, which neither was trained on."
    )
    run = choose_run(finished)
    task, evaluation = load_task(run.spec.task), run.result.evaluation
    evaluation_figures(run)
    if evaluation is None:
        st.info(
            "An earlier version of the lab made this run and did not evaluate it. Run its settings again to see more.",
            icon=":material/history:",
        )
    else:
        error_overlap_picture(run, evaluation)
        confusions_and_calibration(evaluation, task)
        differences_list(evaluation, task)

    predicting, comparing = st.columns(2, gap="large")
    with predicting, st.spinner("Loading torch, once…", show_time=True):
        state.jobs().wait_until_loaded()  # only now: all above needs no model
    with predicting:
        predict_form(run, task)
    with comparing:
        paired_form(run, finished)
    shortcut_form(run, task, finished)
