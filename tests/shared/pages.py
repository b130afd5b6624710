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
