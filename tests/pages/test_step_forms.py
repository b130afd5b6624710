"""The controls of each kind of step: only its own are shown, and every one reaches the spec and the counts."""

from __future__ import annotations

import pytest

from labcore.config.spec import Spec
from labcore.config.steps import (
    Factorise,
    FactoriseEmbeddings,
    KeepLayers,
    Manual,
    Prune,
    PruneHeads,
    PruneNeurons,
    Step,
    TrimVocabulary,
)
from labcore.count.parameters import compare
from labcore.runs.cache import counted
from labcore.teacher.built_in import BUILT_IN
from tests.shared.pages import app, charts, metrics, spec_of


def test_sliders_change_counts_picture_and_link_at_once() -> None:
    test = app("design", Spec(steps=(KeepLayers(count=3),)))
    before = metrics(test), charts(test)["towers"]["figure"]
    test.slider(key="keep_layers-count-0").set_value(2).run()
    assert spec_of(test).steps == (KeepLayers(count=2),)
    assert metrics(test)["Student"] == f"{compare(BUILT_IN['reviews'], (KeepLayers(count=2),)).student.total:,}"
    assert (metrics(test), charts(test)["towers"]["figure"]) != before
    test.get("button_group")
    test.button(key="to-distil")
    undo = test.button(key="undo")
    undo.click().run()
    assert spec_of(test).steps == (KeepLayers(count=3),)
    assert (metrics(test), charts(test)["towers"]["figure"]) == before


OWN_CONTROLS: dict[Step, set[str]] = {
    KeepLayers(count=3): {"count", "pick", "layers"},
    PruneHeads(6): {"heads", "by"},
    PruneNeurons(768): {"intermediate", "by"},
    Factorise(64): {"either", "rank", "method"},
    Factorise(energy=0.8): {"either", "energy", "method"},
    Prune(0.5): {"pattern", "sparsity", "scope", "embeddings"},
    Prune(0.5, pattern="2:4"): {"pattern", "embeddings"},
    Manual(): {"hidden", "layers", "heads", "intermediate", "init"},
    TrimVocabulary(task=True): {"either"},
    TrimVocabulary(size=8000): {"either", "size"},
    FactoriseEmbeddings(128): {"rank"},
}


@pytest.mark.parametrize("step", OWN_CONTROLS, ids=str)
def test_each_kind_of_step_shows_its_own_controls_only(step: Step) -> None:
    test = app("design", Spec(steps=(step,)))
    shown = (*test.slider, *test.select_slider, *test.segmented_control, *test.pills, *test.toggle)
    assert {widget.key for widget in shown} - {"look"} == {f"{step.kind}-{name}-0" for name in OWN_CONTROLS[step]}
    assert spec_of(test).steps == (step,)


@pytest.mark.parametrize(
    ("kind", "key", "value", "expected"),
    [
        ("prune_heads", "prune_heads-heads-0", 4, PruneHeads(4)),
        ("prune_heads", "prune_heads-by-0", "taylor", PruneHeads(6, "taylor")),
        ("prune_neurons", "prune_neurons-intermediate-0", 512, PruneNeurons(512)),
        ("factorise", "factorise-either-0", "energy", Factorise(energy=0.8)),
        ("factorise", "factorise-method-0", "activation", Factorise(64, method="activation")),
        ("prune", "prune-pattern-0", "2:4", Prune(0.5, pattern="2:4")),
        ("prune", "prune-scope-0", "global", Prune(0.5, "global")),
        ("prune", "prune-embeddings-0", True, Prune(0.5, embeddings=True)),
        ("trim_vocabulary", "trim_vocabulary-either-0", "size", TrimVocabulary(size=8000)),
        ("factorise_embeddings", "factorise_embeddings-rank-0", 32, FactoriseEmbeddings(32)),
        ("manual", "manual-init-0", "teacher", Manual(hidden=192, layers=3, heads=6, intermediate=768, init="teacher")),
    ],
)
def test_every_control_reaches_the_spec(kind: str, key: str, value: object, expected: Step) -> None:
    test = app("design", Spec(steps=(KeepLayers(count=3),)))
    test.selectbox(key="kind-0").set_value(kind).run()
    widgets = (*test.slider, *test.select_slider, *test.segmented_control, *test.toggle)
    next(widget for widget in widgets if widget.key == key).set_value(value).run()
    assert spec_of(test).steps == (expected,)
    assert metrics(test)["Size"] == f"{100 * counted(spec_of(test)).ratio:.1f} %"
    assert not test.error


def test_a_kind_comes_back_as_it_was_left() -> None:
    test = app("design", Spec(steps=(Factorise(48),)))
    test.selectbox(key="kind-0").set_value("prune").run()
    assert spec_of(test).steps == (Prune(0.5),)
    test.slider(key="prune-sparsity-0").set_value(80).run()
    assert spec_of(test).steps == (Prune(0.8),)
    test.selectbox(key="kind-0").set_value("factorise").run()
    assert spec_of(test).steps == (Factorise(48),)


def test_layers_are_picked_by_hand_and_one_at_least_stays() -> None:
    test = app("design", Spec(steps=(KeepLayers(count=3),)))
    pills = test.pills(key="keep_layers-layers-0")
    assert pills.value == [1, 3, 5]
    pills.set_value([0, 4]).run()
    assert spec_of(test).steps == (KeepLayers(layers=(0, 4)),)
    test.pills(key="keep_layers-layers-0").set_value([]).run()
    assert "at least one layer" in test.error[0].value
    assert spec_of(test).steps == (KeepLayers(layers=(0, 4)),)


def test_the_hidden_slider_keeps_heads_that_share_it() -> None:
    test = app("design", Spec(steps=(Manual(hidden=192, layers=3, heads=6, intermediate=768),)))
    for hidden in (200, 8, 384):
        test.select_slider(key="manual-hidden-0").set_value(hidden).run()
        [step] = spec_of(test).steps
        assert isinstance(step, Manual)
        assert step.hidden == hidden
        assert step.heads
        assert hidden % step.heads == 0


def test_a_rank_above_break_even_is_warned_of_with_numbers() -> None:
    test = app("design", Spec(steps=(Factorise(192),)))
    assert "rank 191" in test.warning[0].value
    assert not app("design", Spec(steps=(Factorise(191),))).warning
