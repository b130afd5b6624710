"""Search: designs are proposed, measured and trained, to get the smallest student that is accurate enough."""

import streamlit as st

from ui.search.goal_form import goal_form
from ui.search.search_list import chosen_search, search_list
from ui.search.search_live import watch_search
from ui.search.search_result import search_result
from ui.shell.page_frame import page

with page("search"):
    entry = chosen_search()
    if entry is None:
        goal_form()
    else:
        watch_search(entry)
        search_result(entry)
    st.header("All searches", anchor="all")
    search_list()
