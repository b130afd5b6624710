"""Counts, times and students in words."""

from __future__ import annotations

from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Factorise, KeepLayers, Manual, Prune
from labcore.views.words import design_in_words, duration, millions, moment, percent, rough_duration, student_in_words


def test_words() -> None:
    assert [millions(n) for n in (770, 147_840, 7_331_330, 22_713_986)] == ["770", "0.15 M", "7.33 M", "22.7 M"]
    assert [duration(s) for s in (0.4, 59.4, 60, 185)] == ["0 s", "59 s", "1 min 00 s", "3 min 05 s"]
    assert percent(0.7656, 1) == "76.6 %"
    assert student_in_words(Spec()) == "an unchanged copy of the teacher"
    assert design_in_words(Spec(distil=DistilConfig(start="random"))) == "the teacher's shapes, random start"
    spec = Spec(steps=(KeepLayers(layers=(1, 3, 5)), Factorise(64), Prune(0.5, "global")))
    assert student_in_words(spec) == "layers 2, 4, 6 → rank 64 → 50 % sparse (global)"
    assert (
        student_in_words(Spec(steps=(KeepLayers(count=1, pick="last"), Manual())))
        == "1 layer, the last → manual: half of everything (random start)"
    )


def test_times_and_estimates_in_words() -> None:
    assert moment("2026-11-26T15:05:59+01:00") == "26 November 2026, 14:05 UTC"
    assert moment("2026-01-02T00:00:00+00:00") == "2 January 2026, 00:00 UTC"
    assert moment("yesterday") == "yesterday"
    assert [rough_duration(s) for s in (0, 44, 56, 100, 7200)] == ["10 s", "40 s", "1 min", "2 min", "120 min"]
