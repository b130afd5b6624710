"""Judge: whose mistakes a finished student makes, how sure it is, and whether it is better than another."""

import streamlit as st

from labcore.data.tasks import load_task
from labcore.results.run import finished_runs
from ui.evaluate.evaluation import (
    choose_run,
    confusions_and_calibration,
    differences_list,
    evaluation_figures,
    mistakes_picture,
)
from ui.evaluate.paired_form import paired_form
from ui.evaluate.predict_form import predict_form
from ui.evaluate.shortcut_form import shortcut_form
from ui.shell import state
from ui.shell.page_frame import page

with page("evaluate"):
    finished = finished_runs(state.store().runs())
    if not finished:
        st.info("No run has finished yet. Design a student and distil it: here it is then judged beside its teacher.")
        st.page_link("pages/design.py", label="Design a student", icon=":material/architecture:")
        st.stop()

    st.markdown(
        "Accuracy alone does not tell a student that *learned* from one that *mimics*. Here both models answer the same test "
        "sentences, which neither has trained on."
    )
    run = choose_run(finished)
    task, found = load_task(run.spec.task), run.result.evaluation
    evaluation_figures(run)
    if found is None:
        st.info(
            "An earlier version of the lab made this run and did not judge it. Run its settings again to see more.",
            icon=":material/history:",
        )
    else:
        mistakes_picture(run, found)
        confusions_and_calibration(found, task)
        differences_list(found, task)

    asking, comparing = st.columns(2, gap="large")
    with asking, st.spinner("Loading torch, once…", show_time=True):
        state.jobs().wait_until_loaded()  # only now: all above needs no model
    with asking:
        predict_form(run, task)
    with comparing:
        paired_form(run, finished)
    shortcut_form(run, task, finished)
