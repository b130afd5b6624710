"""Runs: every run of this lab, to search, compare, annotate and delete, and the tree of their provenance."""

import streamlit as st

from labcore.evaluate.run_groups import run_groups
from labcore.views.runs.group_table import group_names
from ui.runs.compare import compare
from ui.runs.deletion import deleted_bar
from ui.runs.downloads import downloads
from ui.runs.groups_list import chosen_groups, groups_list
from ui.runs.one_group import one_group
from ui.runs.provenance import provenance_picture
from ui.runs.search_form import search_form
from ui.shell import server
from ui.shell.listed import choose_whose
from ui.shell.page_frame import end_page, page
from ui.shell.you import you_menu

with page("runs"):
    deleted_bar()
    every = server.store().runs()
    you_menu()
    runs = choose_whose(every)
    groups = run_groups(runs)
    if not groups:
        whose = "You have no run here" if every else "This lab has no run"
        st.info(f"{whose} yet. Design a student and distil it: its run appears here at once.")
        st.page_link("pages/design.py", label="Design a student", icon=":material/architecture:")
        end_page()
    names = group_names(groups)
    chosen = chosen_groups(groups)
    search = search_form(groups)
    matching = [group for group in groups if search.matches(group, names[group.shown.id])]
    if not matching:
        st.info("No run matches. Take a word or a filter away.", icon=":material/search_off:")
    else:
        st.markdown(
            f"{len(matching):,} of {len(groups):,} designs, {sum(len(group.runs) for group in matching):,} runs."
        )
        groups_list(matching, names)
        downloads([run for group in matching for run in group.runs], "runs")
    if len(chosen) == 1:
        one_group(chosen[0], names, runs)
    elif chosen:
        compare(chosen, names)
    if matching:
        provenance_picture(matching, names)
