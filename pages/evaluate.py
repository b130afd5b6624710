"""Evaluate: whose mistakes a finished student makes, how well it is calibrated, and whether it beats another."""

import streamlit as st

from labcore.data.tasks import label_names, load_task, task_is_here, task_was_here
from ui.evaluate.evaluation import (
    confusions_and_calibration,
    confusions_list,
    differences_list,
    error_overlap_picture,
    evaluation_figures,
)
from ui.evaluate.paired_form import paired_form
from ui.evaluate.predict_form import predict_form
from ui.evaluate.run_choice import choose_run
from ui.evaluate.shortcut_form import shortcut_form
from ui.runs.export_panel import export_panel
from ui.shell import server
from ui.shell.listed import listed_runs
from ui.shell.page_frame import end_page, page

with page("evaluate"):
    finished = listed_runs(server.store().finished_runs())
    if not finished:
        st.info("No run has finished yet. Design a student and distil it, then evaluate it here beside its teacher.")
        st.page_link("pages/design.py", label="Design a student", icon=":material/architecture:")
        end_page()

    st.markdown(
        "Accuracy alone does not distinguish a student that *learned* from one that *mimics*. Here both models "
        "predict the same test examples, which neither was trained on."
    )
    run = choose_run(finished)
    evaluation, here = run.result.evaluation, task_is_here(run.spec.task)
    evaluation_figures(run)
    export_panel(run)
    if not here:
        st.info(
            f"The data of this run, `{run.spec.task}`, are not on this machine any more. Its figures stay. To see its "
            "examples or to test it, bring the same file again on the page *Data*.",
            icon=":material/folder_off:",
        )
    if evaluation is None:
        st.info(
            "An earlier version of the lab made this run and did not evaluate it. Run its settings again to see more.",
            icon=":material/history:",
        )
    else:
        if here:
            st.markdown(
                "Below you can [try a text of your own](#predict), "
                "[compare it with another student](#paired-comparison-with-another-student), and "
                "[test a word that may mislead it](#shortcut-test)."
            )
        error_overlap_picture(run, evaluation)
        if task_was_here(run.spec.task):
            names = label_names(run.spec.task)
            confusions_and_calibration(evaluation, names)
            confusions_list(evaluation, names)
    if not here:
        with st.spinner("Loading torch, once…", show_time=True):
            server.jobs().wait_until_loaded()
        paired_form(run, finished)
        end_page()
    task = load_task(run.spec.task)
    if evaluation is not None:
        differences_list(evaluation, task)

    predicting, comparing = st.columns(2, gap="large")
    with predicting, st.spinner("Loading torch, once…", show_time=True):
        server.jobs().wait_until_loaded()  # only now: all above needs no model
    with predicting:
        predict_form(run, task)
    with comparing:
        paired_form(run, finished)
    shortcut_form(run, task, finished)
