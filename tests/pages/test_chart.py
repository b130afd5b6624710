"""The chart function: what it sends, and in a real browser that a live chart keeps its node and zoom."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from tests.shared.browser import browsing, serving
from ui.shell.chart import COMPONENT, SCRIPT, ensure_plotly_js

LIVE_APP = """
from pathlib import Path

import plotly.graph_objects as go
import streamlit as st

from ui.shell.chart import chart, ensure_plotly_js

ensure_plotly_js(Path(__file__).parent / "static")


@st.fragment(run_every=1)
def live():
    n = st.session_state["n"] = st.session_state.get("n", 10) + 1
    figure = go.Figure(go.Scatter(y=[i % 7 for i in range(n)], mode="lines"))
    chart(figure, key="live", alt="A growing line")
    st.write(f"update {n}")


live()
points = go.Figure(go.Scatter(x=[1, 2, 3], y=[1, 3, 2], mode="markers", customdata=["a", "b", "c"]))
points.update_traces(marker_size=24)
st.write(f"picked: {chart(points, key='points', alt='Three points', select=True)!r}")
"""


def _script() -> None:
    import numpy as np
    import plotly.graph_objects as go
    import streamlit as st

    from labcore.views.palette import TEXT
    from ui.shell.chart import chart

    figure = go.Figure(go.Scatter(x=np.arange(3), y=[1.0, float("nan"), 2.0], line_color=TEXT))
    left, right = st.columns(2)
    with left:
        first = chart(figure, key="one", alt="One line", select=True)
    with right:
        second = chart(figure, key="two", alt="The same line", height=200)
    st.text(f"{first!r} {second!r}")


def _charts(app: AppTest) -> dict[str, dict[str, Any]]:
    """The data that each chart of the page was sent, by key."""
    sent = [element.proto for element in app.get("bidi_component")]
    assert {proto.component_name for proto in sent} == {COMPONENT}
    return {data["name"]: data for data in (json.loads(proto.json) for proto in sent)}


def test_apptest_sees_the_figure() -> None:
    app = AppTest.from_function(_script).run()
    assert not app.exception
    assert app.text[0].value == "None None"
    charts = _charts(app)
    assert list(charts) == ["one", "two"]
    assert charts["one"]["alt"] == "One line"
    assert charts["one"]["select"]
    assert not charts["two"]["select"]
    figure = charts["one"]["figure"]
    assert "template" not in figure["layout"]
    assert figure["data"][0]["y"] == [1.0, None, 2.0]
    assert figure["data"][0]["line"]["color"] == "var(--st-text-color)"
    assert len(json.dumps(charts["one"])) < 600

    app.session_state["one"] = {"picked": "b"}  # what a click sends
    assert app.run().text[0].value == "'b' None"
    assert app.run().text[0].value == "'b' None"


def test_plotly_js_is_copied_once_and_renewed(tmp_path: Path) -> None:
    target = ensure_plotly_js(tmp_path / "static")
    assert not target.is_symlink()
    assert target.stat().st_size > 1_000_000
    made = target.stat().st_mtime_ns
    assert ensure_plotly_js(tmp_path / "static").stat().st_mtime_ns == made
    target.write_text("old")
    assert ensure_plotly_js(tmp_path / "static").stat().st_size > 1_000_000
    assert [path.name for path in target.parent.iterdir()] == [SCRIPT]


def test_live_chart_keeps_node_and_zoom(tmp_path: Path) -> None:
    script = tmp_path / "live.py"
    script.write_text(LIVE_APP)
    # A base path, so that the script's address is known to follow it.
    with serving(script, tmp_path / "log", base="lab") as url, browsing(1000) as page:
        page.goto(url)
        live = page.get_by_role("figure", name="A growing line")
        plot = live.locator(".js-plotly-plot")
        expect(plot).to_be_visible()
        expect(page.locator(".lab-chart[data-state=ready]")).to_have_count(2)

        count = "node => node.data[0].y.length"
        zoom = "node => node._fullLayout.xaxis.range.map(x => Math.round(x * 100) / 100)"
        plot.evaluate("node => { node.marked = true; node.querySelector('.main-svg').marked = true }")
        live.scroll_into_view_if_needed()
        box = live.locator(".nsewdrag").bounding_box()
        assert box is not None
        # A slow drag, longer than the time between two updates: they must not break it off.
        page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.5)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5, steps=4)
        begun = int(page.get_by_text("update ").inner_text().split()[1])
        page.wait_for_function("n => +/update (\\d+)/.exec(document.body.innerText)[1] > n + 1", arg=begun)
        assert live.locator(".zoombox").count() == 1
        page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.5, steps=4)
        page.mouse.up()
        expect(live.locator(".zoombox")).to_have_count(0)
        before, zoomed = plot.evaluate(count), plot.evaluate(zoom)
        assert 0.1 < (zoomed[1] - zoomed[0]) / before < 0.45
        page.wait_for_function(
            f"before => ({count})(document.querySelector('.js-plotly-plot')) >= before + 4",
            arg=before,
        )
        assert plot.evaluate("node => node.marked && node.querySelector('.main-svg').marked")
        assert plot.evaluate(zoom) == zoomed

        points = page.get_by_role("figure", name="Three points")
        expect(page.get_by_text("picked: None")).to_be_visible()
        marker = points.locator(".point").nth(1).bounding_box()
        assert marker is not None
        page.mouse.click(marker["x"] + marker["width"] / 2, marker["y"] + marker["height"] / 2)
        expect(page.get_by_text("picked: 'b'")).to_be_visible()
