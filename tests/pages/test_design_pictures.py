"""The pictures and costs of a design, and what each says of what is not known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labcore.config.spec import Spec
from labcore.config.steps import Factorise, KeepLayers, Prune, PruneHeads, Step, TrimVocabulary
from labcore.results.measurements import Latency
from tests.shared.pages import app, charts


def test_every_picture_of_a_stack() -> None:
    stack = (KeepLayers(layers=(1, 3, 5)), PruneHeads(6), Factorise(64), Prune(0.5, "global"))
    test = app("design", Spec(steps=stack))
    assert set(charts(test)) == {"towers"}
    test.segmented_control(key="look").set_value("flow").run()
    flow = charts(test)["flow"]["figure"]["data"]
    assert flow[0]["x"] == [
        "Teacher",
        "1. layers 2, 4, 6",
        "2. 6 heads a layer",
        "3. rank 64",
        "4. 50 % sparse (global)",
    ]
    test.segmented_control(key="look").set_value("inside").run()
    assert set(charts(test)) == {"matrix-map", "spread"}
    assert [trace["name"] for trace in charts(test)["spread"]["figure"]["data"]] == ["set to zero", "kept"]
    test.selectbox(key="spread-step").set_value(2).run()
    assert [trace["name"] for trace in charts(test)["spread"]["figure"]["data"]] == [
        "singular value",
        "energy kept up to here",
    ]
    test.segmented_control(key="look").set_value("cost").run()
    table = test.dataframe[0].value.set_index("")
    assert table.loc["parameters", "Student"] == "13.3 M · 58.4 %"
    words = " ".join(element.value for element in test.markdown)
    assert "Zeros save no time here" in words
    assert "Embeddings dominate" in words
    assert not test.exception


def test_inside_without_weights_shows_what_can_be_known() -> None:
    test = app("design", Spec(teacher="bert-tiny", steps=(Prune(0.5, "global"),)))
    test.segmented_control(key="look").set_value("inside").run()
    assert set(charts(test)) == {"matrix-map"}
    assert not test.exception
    assert "depends on the weights" in " ".join(element.value for element in test.caption)


def test_time_is_measured_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    measured = Latency(batch=1, tokens=128, threads=2, runs=20, median_ms=4.0, p95_ms=5.0)

    def latency(spec: Spec, batch: int, tokens: int) -> Latency:
        asked.append((batch, tokens))
        return replace(measured, batch=batch)

    monkeypatch.setattr("labcore.runs.cache.latency", latency)
    test = app("design", Spec(teacher="bert-tiny", steps=(KeepLayers(count=1),)))
    test.segmented_control(key="look").set_value("cost").run()
    assert asked == []
    test.button(key="measure").click().run()
    assert sorted(asked) == [(1, 128), (1, 128), (32, 128), (32, 128)]
    table = test.dataframe[0].value.set_index("")
    assert list(table.loc[["time, batch 1", "… 95th percentile, batch 1"], "Teacher"]) == ["4.0 ms", "5.0 ms"]
    assert table.loc["examples a second, batch 32", "Student"] == "8,000 · 1.00 ×"
    assert "2 threads" in " ".join(element.value for element in test.caption)


@pytest.mark.parametrize("others", [(), (Factorise(energy=0.5),)], ids=["alone", "with ranks that need weights"])
def test_trimming_says_what_is_unknown(others: tuple[Step, ...]) -> None:
    test = app("design", Spec(steps=(*others, TrimVocabulary(size=2000))))
    test.segmented_control(key="look").set_value("cost").run()
    words = next(element.value for element in test.caption if "[UNK]" in element.value)
    assert "in train" in words
    assert "in test" in words
