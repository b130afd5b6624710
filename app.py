"""The Teacher–Student Lab: page configuration and navigation. Start it with `make lab` or `streamlit run app.py`."""

import streamlit as st

from ui.chart import ensure_plotly_js
from ui.state import open_link

st.set_page_config(page_title="Teacher–Student Lab", page_icon=":material/school:", layout="wide")
page = st.navigation(
    [
        st.Page("pages/start.py", title="Start", icon=":material/home:", default=True),
        st.Page("pages/design.py", title="Design", icon=":material/architecture:"),
        st.Page("pages/distil.py", title="Distil", icon=":material/local_fire_department:"),
        st.Page("pages/frontier.py", title="Frontier", icon=":material/scatter_plot:"),
    ],
    position="top",
)
ensure_plotly_js()
open_link()
page.run()
