"""The Teacher–Student Lab: the frame, then the page, then the tour's look at what it did. Start it with `make lab` or `streamlit run app.py`."""

from ui.shell.address import open_link
from ui.shell.guard import guarded_page
from ui.shell.navigation import frame
from ui.shell.tour import settle

page = frame()
with guarded_page():
    open_link()
    page.run()
    settle()
