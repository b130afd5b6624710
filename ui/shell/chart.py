"""The app's one chart: a Plotly figure that updates in place.

``st.plotly_chart`` remounts its DOM node when the data change, so a live chart flashes and loses its
zoom. ``chart`` draws through a small components-v2 component. Its script, ``chart.js``, calls ``Plotly.react`` on
one lasting node, and reads colours and font from the Streamlit theme in the browser.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, cast

import plotly
import plotly.graph_objects as go
import plotly.io as pio
import streamlit as st

from labcore.system.files import replacing
from ui.shell import state

LARGE = 1.3  # the factor by which a chart and its type grow for a projector, as in large.css

_HERE = Path(__file__).parent
STATIC_DIR = _HERE.parents[1] / "static"
SCRIPT = "plotly.min.js"
COMPONENT = "lab_chart"


def ensure_plotly_js(folder: Path = STATIC_DIR) -> Path:
    """Put the installed package's plotly.js into ``folder`` unless the same file is there; return its path.

    A copy, not a symlink: Streamlit's static route refuses links that leave the static folder.
    """
    source = Path(plotly.__file__).parent / "package_data" / SCRIPT
    target = folder / SCRIPT
    if target.is_file() and target.stat().st_size == source.stat().st_size:
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(target) as beside:  # a browser never gets half a file
        shutil.copyfile(source, beside)
        beside.chmod(0o644)  # a new file is private; another user may run the server
    return target


ensure_plotly_js()  # at import, so before the browser can ask for it

# Registered at import, so once per process; Streamlit itself carries it over to another runtime (AppTest).
# Styles are not isolated because Plotly puts its own style sheet into the document's head.
_mount = st.components.v2.component(
    COMPONENT,
    js="\n".join((_HERE / name).read_text("utf-8") for name in ("chart_points.js", "chart.js")),
    css=(_HERE / "chart.css").read_text("utf-8"),
    isolate_styles=False,
)


def chart(
    figure: go.Figure | dict[str, Any] | None,
    *,
    key: str,
    height: int = 360,
    alt: str,
    select: bool = False,
    awaits: str = "",
) -> str | int | None:
    """Draw ``figure`` at full width and ``height`` pixels; new data under the same ``key`` update in place.

    It may be plain data that JSON has, too, with `data` and `layout` as Plotly names them; they are not checked.
    The figure's template is dropped: the theme is Streamlit's, and what the figure sets itself wins. Any
    of its colours may be one of the page's, by a name in `labcore.views.palette` (``var(--st-*)``).
    ``alt`` describes the chart in words. With ``select`` the value is the first customdata of the
    point clicked last (``None`` before a click); it lasts across reruns. Selectable points are also
    buttons, which a keyboard reaches: see ``chart_points.js``. ``awaits`` stands in place of a figure that has no data
    yet or is None, and says what it will show: no empty axes, and nothing moves when the data come.
    """
    scale = LARGE if state.large() else 1.0
    result = _mount(
        key=key,
        data={
            "figure": figure if isinstance(figure, dict) else _plain(figure),
            "alt": alt,
            "awaits": awaits,
            "select": select,
            "name": key,
            "scale": scale,
            "version": plotly.__version__,
        },
        width="stretch",
        height=round(height * scale),
        on_picked_change=_ignore,
    )
    return cast("str | int | None", result.get("picked")) if select else None


def _plain(figure: go.Figure | None) -> dict[str, Any]:
    """A figure as data that the browser can read: dates as text, NaN as null, NumPy arrays as base64."""
    parts = {} if figure is None else figure.to_dict()
    layout = {name: value for name, value in parts.get("layout", {}).items() if name != "template"}
    plain: dict[str, Any] = json.loads(pio.to_json({"data": parts.get("data", []), "layout": layout}, validate=False))
    return plain


def _ignore() -> None:
    """Streamlit returns a state only when it has a callback."""
