"""The Teacher–Student Lab: the frame, then the page. Start it with `make lab` or `streamlit run app.py`."""

from ui.navigation import frame
from ui.state import open_link

page = frame()
open_link()
page.run()
