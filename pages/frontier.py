"""Frontier: a quality against a cost for every finished run, and the students that no other beats."""

import streamlit as st

from labcore.evaluate.pareto_front import TEACHER_POINT
from labcore.evaluate.reference import reference_results
from labcore.evaluate.seed_groups import seed_group
from labcore.views.frontier.axis_words import cost_in_words, quality_in_words
from labcore.views.markdown import escaped
from labcore.views.run_names import names_of_designs
from ui.distil.result import point_details
from ui.frontier.axes import choose_axes
from ui.frontier.picture import choose_origin, choose_task, frontier_picture, points_of
from ui.shell import server, state
from ui.shell.listed import listed_runs
from ui.shell.owner import mine
from ui.shell.page_frame import end_page, page
from ui.shell.runs_list import runs_list
from ui.shell.you import you_menu

with page("frontier"):
    reference = reference_results("frontier")
    shipped = {run.id: run for run in reference.runs} if reference else {}
    you_menu()
    listed = listed_runs(server.store().finished_runs())
    others = {run.id for run in listed if not mine(run.owner)}
    finished = [*listed, *shipped.values()]
    if not finished:
        st.info(
            "No run has finished yet. Design a student and distil it: its point appears here, beside its teacher's."
        )
        st.page_link("pages/design.py", label="Design a student", icon=":material/architecture:")
        end_page()

    st.markdown(
        "Each point is a student, evaluated on test examples that no model was trained on. Students on the line are "
        "the best trade-offs: none that costs as little or less is as good."
    )
    picture, details = st.columns([8, 5], gap="large")
    with picture:
        finished = choose_task(finished)
        if not finished:
            end_page()
        with st.container(horizontal=True):
            shown = choose_origin(finished, shipped, others)
            axes = choose_axes()
        drawn = points_of(finished, shown, axes, shipped, others)
        picked = frontier_picture(drawn, finished, reference)
    with details:
        chosen = next((run for run in finished if run.id == state.run_id()), None)
        if chosen is not None:
            same_origin = [run for run in finished if (run.id in shipped) == (chosen.id in shipped)]
            if chosen.id in others:
                same_origin = [run for run in same_origin if run.owner == chosen.owner]
            seeds = seed_group(chosen.spec, same_origin, like=chosen).finished
            name = names_of_designs(finished, shipped)[chosen.id]
            point_details(chosen, seeds, name=name, shipped=chosen.id in shipped)
        elif picked == TEACHER_POINT:
            for teacher in drawn.teachers:
                cost = cost_in_words(teacher.cost, axes.cost, exact=True)
                quality = quality_in_words(teacher.quality, axes.quality)
                st.markdown(f"## :blue[{escaped(teacher.name)}]\n{cost}, {quality}.")
        else:
            st.info(
                "Choose a point to see its student: click it, or go to it by Tab and the arrow keys and press Enter.",
                icon=":material/ads_click:",
            )

    with st.expander("These runs as a table", icon=":material/table:"):
        runs_list(shown)
    with st.expander("These points as a table", icon=":material/table_chart:"):
        drawn.table()
