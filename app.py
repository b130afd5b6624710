"""The Teacher–Student Lab. Start it with `make lab` or `streamlit run app.py`."""

from ui.shell.address import open_link
from ui.shell.guard import guarded_page
from ui.shell.navigation import frame
from ui.shell.tour import redraw_if_done
from ui.shell.turns import turn

with turn():
    page = frame()
    with guarded_page():
        open_link()
        page.run()
        redraw_if_done()
