"""The Frontier page by each axis: address, units, what is left out, what is measured, and the lower anchors."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from benchmarks.mutations.folders import good_folder
from labcore.config.spec import Spec
from labcore.config.steps import KeepLayers, Manual, Prune
from labcore.evaluate import reference
from labcore.evaluate.frontier_axes import COSTS, QUALITIES, Axes
from labcore.evaluate.lower_anchors import FILE, ShippedAnchors, anchor_key, write_anchors
from labcore.results.events import Finished
from labcore.runs.cache import counted
from labcore.runs.frontier_files import keep, measured_key, teacher_spec
from labcore.runs.store import Store
from labcore.teacher.identity import identity_of
from labcore.views.frontier.axis_words import QUALITY_NAMES, cost_title
from tests.shared.evaluations import ANCHOR, evaluation, measured
from tests.shared.pages import APP, PATIENCE, all_words, app, charts
from tests.shared.runs import finished
from tests.shared.tiny_tasks import give_task, task_of
from ui.shell import server

SPEC = Spec(steps=(Manual(hidden=32, layers=1, heads=2, intermediate=64), Prune(0.8)))
NAMES = ("student", "teacher")


def evaluated_run(spec: Spec = SPEC) -> str:
    """A finished run with an evaluation: of two test examples, one of each class, its teacher predicts both."""
    store = Store()
    run, counts = store.create(spec), counted(spec)
    result = Finished(
        run=run,
        teacher_accuracy=0.8,
        accuracy=0.6,
        agreement=0.9,
        counts=counts.to_json(),
        seconds=60.0,
        examples_per_second=100.0,
        evaluation=evaluation(0.7),
    )
    store.finish(run, result, counts)
    return run


def opened(cost: str, quality: str) -> AppTest:
    test = AppTest.from_file(APP, default_timeout=PATIENCE)
    test.query_params["x"], test.query_params["y"] = cost, quality
    return test.run().switch_page("pages/frontier.py").run()


def figure(test: AppTest) -> tuple[dict[str, Any], dict[str, Any]]:
    """The traces of the frontier by their names, and its layout."""
    assert not test.exception, [each.value for each in test.exception]
    drawn = charts(test)["frontier"]["figure"]
    return {trace["name"]: trace for trace in drawn["data"]}, drawn["layout"]


def test_each_pair_of_axes_is_drawn_and_is_in_the_address() -> None:
    evaluated_run()
    for spec, kept in ((SPEC, measured(3.0, 7_000_000)), (teacher_spec(SPEC), measured(9.0, 90_000_000))):
        keep(Store().home, measured_key(spec, identity_of("reviews")), kept)
    counts = counted(SPEC).student
    assert counts.cost
    stored = counts.cost.bytes
    costs = (counts.total, counts.nonzero, stored["stored"] / 1e6, stored["sparse"] / 1e6, counts.cost.macs, 3.0, 7.0)
    qualities = (0.6, 0.75, 0.9, 0.7)
    units = ("M parameters", "M non-zero", "MB stored", "MB stored", "M multiply", "3.0 ms", "7.0 MB of memory")
    test = opened("total", "accuracy")
    assert "x" not in test.query_params  # the default axes make the address no longer
    pairs = itertools.product(zip(COSTS, costs, units, strict=True), zip(QUALITIES, qualities, strict=True))
    for (cost, x, unit), (quality, y) in pairs:
        test.selectbox(key="frontier-cost").set_value(cost)
        test.selectbox(key="frontier-quality").set_value(quality).run()
        traces, layout = figure(test)
        student, teacher = (traces[name] for name in NAMES)
        assert (student["x"], student["y"]) == ([pytest.approx(x)], [pytest.approx(y)])
        assert teacher["y"] == [0.8 if quality == "accuracy" else 1.0]
        assert layout["xaxis"]["title"]["text"] == cost_title(cost)
        assert layout["yaxis"]["title"]["text"] == QUALITY_NAMES[quality]
        assert unit in student["hovertext"][0]
        assert QUALITY_NAMES[quality] in student["hovertext"][0]
        assert student["error_y"]["visible"] == (quality != "loyalty")
        points = test.dataframe[1].value
        assert {cost_title(cost), f"{QUALITY_NAMES[quality]}, %"} < set(points.columns)
        assert list(points["on the front"][:2]) == [True, True]
        in_address = {name: test.query_params[name] for name in ("x", "y") if name in test.query_params}
        assert in_address == ({} if Axes(cost, quality) == Axes() else {"x": cost, "y": quality})


def test_a_link_opens_with_its_axes_and_keeps_them_on_other_pages() -> None:
    evaluated_run()
    test = opened("macs", "retention")
    assert [test.selectbox(key=f"frontier-{name}").value for name in ("cost", "quality")] == ["macs", "retention"]
    assert figure(test)[1]["xaxis"]["title"]["text"] == "multiply-accumulates"
    test.switch_page("pages/design.py").run()
    test.switch_page("pages/frontier.py").run()
    assert test.selectbox(key="frontier-cost").value == "macs"


def test_a_link_with_an_unknown_axis_says_so() -> None:
    evaluated_run()
    test = opened("weight", "accuracy")
    [said] = [each.value for each in test.error]
    assert "axes could not be opened" in said
    assert "give one of total, nonzero, stored" in said
    assert test.selectbox(key="frontier-cost").value == "total"


def test_a_run_that_stored_no_probabilities_is_left_out_with_a_sentence() -> None:
    evaluated_run()
    finished(Spec(steps=(KeepLayers(count=1),)))  # as an earlier version left it: without an evaluation
    test = opened("total", "loyalty")
    assert figure(test)[0]["student"]["y"] == [0.7]
    assert "1 run is left out: it has no figure for *probability loyalty*" in all_words(test)
    test.selectbox(key="frontier-quality").set_value("accuracy").run()
    assert "left out" not in all_words(test)


def test_what_is_not_measured_is_measured_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labcore.count.latency.SECONDS", (0.0, 60.0))
    evaluated_run()
    test = opened("milliseconds", "accuracy")
    assert not test.exception
    assert charts(test)["frontier"]["awaits"]
    assert "1 run has no point, because this machine has not measured *milliseconds per example* yet." in all_words(
        test
    )
    monkeypatch.setattr(server.jobs(), "busy", lambda: True)
    assert test.run().button(key="frontier-measure").disabled
    assert "A run is training. Wait for its end" in all_words(test)
    monkeypatch.undo()
    monkeypatch.setattr("labcore.count.latency.SECONDS", (0.0, 60.0))
    test.run().button(key="frontier-measure").click().run()
    traces, _ = figure(test)
    assert traces["student"]["x"][0] < traces["teacher"]["x"][0]
    assert "frontier-measure" not in [button.key for button in test.button]
    assert "no point" not in all_words(test)
    test.selectbox(key="frontier-cost").set_value("memory").run()
    assert figure(test)[0]["teacher"]["x"][0] == pytest.approx(93, abs=1)  # MB: 22.7 million numbers of 4 bytes


def test_a_student_of_a_teacher_that_is_gone_cannot_be_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = good_folder(tmp_path / "teacher")
    give_task(monkeypatch, task_of(folder, lambda i: f"w{i % 40} w{(3 * i) % 50} w{i % 7}"))
    run = evaluated_run(Spec(teacher=str(folder), task="reviews", steps=(KeepLayers(count=1),)))
    folder.rename(tmp_path / "elsewhere")
    test = opened("memory", "accuracy")
    assert not test.exception
    assert Store().read(run).status == "finished"
    assert "1 run is left out: the teacher that" in all_words(test)
    assert "frontier-measure" not in [button.key for button in test.button]


def test_lower_anchors_are_lines_points_and_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluated_run()
    shipped = ShippedAnchors("here", {anchor_key(identity_of("reviews"), "reviews"): ANCHOR})
    reference.FOLDER.mkdir(exist_ok=True)
    write_anchors(shipped, reference.FOLDER / FILE)
    test = app("frontier")
    traces, layout = figure(test)
    lines = {line["name"]: line["y0"] for line in layout["shapes"]}
    assert lines == {"mean of token vectors, 70.0 %": 0.7, "majority class, 50.0 %": 0.5}
    assert (traces["without an encoder"]["x"], traces["without an encoder"]["y"]) == ([10], [0.7])
    assert "The encoder buys **10.0 points** of accuracy over the mean of token vectors." in all_words(test)
    assert "and the majority class 50.0 %" in all_words(test)
    assert "frontier-anchor" not in [button.key for button in test.button]
    assert list(test.dataframe[1].value["name"])[-2:] == ["mean of token vectors", "majority class"]
    test.selectbox(key="frontier-cost").set_value("milliseconds").run()
    assert charts(test)["frontier"]["awaits"]  # nothing is measured
    test.selectbox(key="frontier-quality").set_value("loyalty").run()
    assert not test.exception


def test_a_model_without_an_encoder_is_fitted_on_demand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = good_folder(tmp_path / "teacher")
    give_task(monkeypatch, task_of(folder, lambda i: f"w{i % 40} w{(3 * i) % 50} w{i % 7}"))
    store, spec = Store(), Spec(teacher=str(folder), task="reviews", steps=(KeepLayers(count=1),))
    run = evaluated_run(spec)
    store.update(run, "finished", teacher=identity_of(str(folder)))
    test = app("frontier")
    assert [line["name"] for line in figure(test)[1]["shapes"]] == ["majority class, 50.0 %"]
    test.button(key="frontier-anchor").click().run()
    assert any(line["name"].startswith("mean of token vectors") for line in figure(test)[1]["shapes"])
    assert "frontier-anchor" not in [button.key for button in test.button]
