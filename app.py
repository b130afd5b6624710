"""The Teacher–Student Lab: page configuration and navigation. Start it with `make lab` or `streamlit run app.py`."""

from pathlib import Path

import streamlit as st

from ui.state import open_link

st.set_page_config(
    page_title="Teacher–Student Lab", page_icon=str(Path(__file__).parent / "ui/icon.svg"), layout="wide"
)
page = st.navigation(
    [
        st.Page("pages/start.py", title="Start", icon=":material/home:", default=True),
        st.Page("pages/design.py", title="Design", icon=":material/architecture:"),
        st.Page("pages/distil.py", title="Distil", icon=":material/local_fire_department:"),
        st.Page("pages/frontier.py", title="Frontier", icon=":material/scatter_plot:"),
    ],
    position="top",
)
st.html(Path(__file__).parent / "ui/page.css")
open_link()
page.run()
