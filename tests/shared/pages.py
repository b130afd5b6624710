"""The pages without a browser: a page opened by its link, and what it shows."""

from __future__ import annotations

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from labcore.config.spec import Spec
from tests.shared.source_files import ROOT

APP = str(ROOT / "app.py")
PATIENCE = 240  # seconds that a page may take on a busy machine


def app(
    page: str = "start", spec: Spec | str | None = None, run: str | None = None, data: str | None = None
) -> AppTest:
    test = AppTest.from_file(APP, default_timeout=PATIENCE)
    if spec is not None:
        test.query_params["spec"] = spec if isinstance(spec, str) else spec.to_json()
    if data is not None:
        test.query_params["data"] = data
    if run is not None:
        test.query_params["run"] = run
    test.run()
    return test.switch_page(f"pages/{page}.py").run() if page != "start" else test


def spec_of(test: AppTest) -> Spec:
    assert not test.exception, [e.value for e in test.exception]
    spec = Spec.from_json(str(test.query_params["spec"]))
    assert spec == test.session_state["spec"]
    return spec


def charts(test: AppTest) -> dict[str, Any]:
    every_chart = [json.loads(element.proto.json) for element in test.get("bidi_component")]
    return {chart["name"]: chart for chart in every_chart if "figure" in chart}


def metrics(test: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in test.metric}


def all_words(test: AppTest) -> str:
    elements = (*test.markdown, *test.caption, *test.info, *test.warning, *test.success, *test.error)
    return " ".join(element.value for element in elements)


def opened_menu(test: AppTest, menu: str) -> AppTest:
    """The page with this menu open, one of `ui.shell.popover`: what is in it is drawn only then."""
    times = f"times-closed-{menu}"
    closed = test.session_state[times] if times in test.session_state else 0  # noqa: SIM401 (it has no `get`)
    test.session_state[f"{menu}-{closed}"] = True
    return test.run()


def add_step(test: AppTest, kind: str) -> AppTest:
    """The page after a step of this kind was added by the menu."""
    return opened_menu(test, "adding-a-step").button(key=f"add-{kind}").click().run()


def begin_with(test: AppTest, student: str) -> AppTest:
    """The page after this ready student was taken."""
    return opened_menu(test, "beginning").button(key=f"begin-{student}").click().run()
