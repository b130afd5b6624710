"""Frontier: accuracy against size for every finished run, and which students were worth having."""

import streamlit as st

from labcore.data.tasks import load_task
from labcore.evaluate.reference import recorded
from labcore.evaluate.seed_groups import seed_group
from labcore.views.frontier.frontier_chart import SIZES, TEACHER_POINT, frontier, points, teacher_points
from labcore.views.markdown import escaped
from labcore.views.tables import runs_table
from labcore.views.words import percent
from ui.distil.result import point_details
from ui.shell import state
from ui.shell.chart import chart
from ui.shell.page_frame import page

with page("frontier"):
    recording = recorded("frontier")
    shipped = list(recording.runs) if recording else []
    finished = [run for run in state.store().runs() if run.status == "finished"] + shipped
    if not finished:
        st.info(
            "No run has finished yet. Design a student and distil it: its point appears here, beside its teacher's."
        )
        st.page_link("pages/design.py", label="Design a student", icon=":material/architecture:")
        st.stop()

    st.markdown(
        "Each point is a student's accuracy on test texts that no model has trained on. Students on the line are worth "
        "having: none that is as small or smaller does better."
    )
    picture, details = st.columns([8, 5], gap="large")
    with picture:
        tasks = list(dict.fromkeys(run.spec.task for run in finished))
        task = next((run.spec.task for run in finished if run.id == state.run_id()), tasks[0])
        if len(tasks) > 1:  # accuracies of two tasks say nothing about each other
            task = st.segmented_control("Task", tasks, default=task, key="frontier-task", required=True)
        finished = [run for run in finished if run.spec.task == task]
        size = st.segmented_control(
            "Size",
            list(SIZES),
            default="total",
            key="size",
            required=True,
            wrap=True,
            format_func={
                "total": "all parameters",
                "nonzero": "non-zero",
                "macs": "arithmetic",
                "sparse": "bytes",
            }.__getitem__,
            help="Four sizes that are not one. Pruning leaves zeros in place: it lowers the non-zero count, and the bytes of a file "
            "that leaves them out. Arithmetic is multiply-accumulates for a sentence of 128 word pieces.",
        )
        teachers = teacher_points(finished, size)
        students = points(finished, size, {run.id for run in shipped})
        picked = chart(
            frontier(
                students,
                teachers,
                len(load_task(task).splits["test"]),
                size,
                state.run_id(),
            ),
            key="frontier",
            height=460,
            select=True,
            alt=f"Accuracy against size, of {len(students)} students and their {'teachers' if len(teachers) > 1 else 'teacher'}, with the Pareto front.",
        )
        st.caption(
            "A bar is one standard error of a test split of this size: points within each other's bars may change places on other "
            "texts. Several seeds of one student are one point, their mean; a seed that ran again counts once."
            + (f" Open circles ship with the lab, {recording.origin}." if recording else "")
        )
        if picked is not None and picked != st.session_state.get("picked"):  # a click, not one remembered
            st.session_state.picked = picked
            state.show_run(None if picked == TEACHER_POINT else str(picked))
            st.rerun()
    with details:
        chosen = next((run for run in finished if run.id == state.run_id()), None)
        if chosen is not None:
            ships = chosen in shipped
            others = [run for run in finished if (run in shipped) == ships]
            point_details(chosen, seed_group(chosen.spec, others, like=chosen).runs, ships)
        elif picked == TEACHER_POINT:
            for teacher in teachers:
                st.markdown(
                    f"## :blue[{escaped(teacher.name)}]\n{teacher.size:,} {SIZES[size]}, test accuracy {percent(teacher.accuracy, 1)}."
                )
        else:
            st.info(
                "Choose a point to see its student: click it, or go to it by Tab and the arrow keys and press Enter.",
                icon=":material/ads_click:",
            )

    with st.expander("All finished runs of this task", icon=":material/table:"):
        whole, share = (
            st.column_config.NumberColumn(format="localized"),
            st.column_config.NumberColumn(format="%.1f %%"),
        )
        columns = {"parameters": whole, "non-zero": whole, "seconds": st.column_config.NumberColumn(format="%.0f s")}
        st.dataframe(
            runs_table(finished),
            hide_index=True,
            column_config=columns | dict.fromkeys(("size", "accuracy", "retention", "agreement"), share),
        )
