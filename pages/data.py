"""Data: labelled examples of your own, and a teacher for them, made here or brought."""

import streamlit as st

from ui.data.add_form import add_form
from ui.data.bring_form import bring_form, lost_examination
from ui.data.chosen import NEW, choose_task
from ui.data.make_form import make_form
from ui.data.making import watch_making
from ui.data.summary import show_summary
from ui.data.teacher_list import teacher_list
from ui.shell.page_frame import end_page, page

with page("data"):
    st.header("1 · Data", anchor="data")
    task = choose_task()
    if task == NEW:
        add_form()
        end_page()
    if not show_summary(task):
        teacher_list(task, usable=False)
        end_page()

    st.header("2 · Teacher", anchor="teacher")
    active = watch_making(task)
    if not teacher_list(task) and not active:
        st.info("This task has no teacher yet. Make one here, or bring one that was fine-tuned elsewhere.")
    lost_examination()
    making, bringing = st.tabs(["Make a teacher", "Bring a teacher"], key="teacher-source")
    with making:
        make_form(task)
    with bringing:
        bring_form(task)
