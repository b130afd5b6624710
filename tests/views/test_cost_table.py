"""Costs in a table and in words: what was counted, and what is not reduced."""

from __future__ import annotations

import pytest

from labcore.config.steps import FactoriseEmbeddings, KeepLayers, Manual, Prune, Step, TrimVocabulary
from labcore.count.parameters import compare
from labcore.results.measurements import Latency
from labcore.runs.cache import calibration_for
from labcore.teacher.built_in import BUILT_IN
from labcore.views.design.cost_table import cost_table, not_reduced


def test_the_cost_table_says_what_was_counted() -> None:
    comparison = compare(BUILT_IN["reviews"], (KeepLayers(count=3),))
    fast, slow = (
        Latency(batch=1, tokens=128, threads=2, runs=20, median_ms=10.0, p95_ms=12.0),
        Latency(batch=1, tokens=128, threads=2, runs=20, median_ms=20.0, p95_ms=22.0),
    )
    table = cost_table(
        comparison.teacher, {"Student": comparison.student}, {"Teacher": [slow], "Student": [fast]}
    ).set_index("")
    assert list(table.loc["parameters"]) == ["22.7 M", "17.4 M · 76.6 %"]
    assert list(table.loc["multiply-accumulates"]) == ["1,435 M", "717 M · 50.0 %"]
    assert list(table.loc["stored, fp32"]) == ["90.9 MB", "69.6 MB · 76.6 %"]
    assert list(table.loc["time, batch 1"]) == ["20.0 ms", "10.0 ms · 50.0 %"]
    assert list(table.loc["examples a second, batch 1"]) == ["50", "100 · 2.00 ×"]
    unmeasured = cost_table(comparison.teacher, {"Student": comparison.student}, {"Teacher": [slow]}).set_index("")
    assert unmeasured.loc["time, batch 1", "Student"] == ""


@pytest.mark.parametrize(
    ("steps", "bites", "silent"),
    [
        ((KeepLayers(count=3),), ["Embeddings dominate"], ["Zeros", "number of heads"]),
        (
            (Prune(0.5),),
            ["Zeros save no time", "Sparsity has a base.** 50 % of the encoder's matrices is 23 %"],
            ["Embeddings"],
        ),
        (
            (Manual(hidden=384, layers=6, heads=6, intermediate=1536),),
            ["number of heads changes no parameter"],
            ["Zeros"],
        ),
        ((TrimVocabulary(size=4000),), ["saves bytes, not arithmetic"], ["dominate"]),
        ((FactoriseEmbeddings(64),), ["add a little arithmetic"], ["dominate"]),
        ((), [], ["Zeros", "Embeddings", "heads"]),
    ],
    ids=str,
)
def test_what_is_not_reduced_is_said_where_it_bites(
    steps: tuple[Step, ...], bites: list[str], silent: list[str]
) -> None:
    calibration = calibration_for("reviews", "reviews")
    words = " ".join(not_reduced(compare(BUILT_IN["reviews"], steps, calibration), steps))
    assert all(text in words for text in bites), words
    assert not any(text in words for text in silent), words
