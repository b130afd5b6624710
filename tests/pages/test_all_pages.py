"""The pages without a browser: every one draws, every control reaches the spec, bad links are reported."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from labcore.config import steps as kinds
from labcore.config.presets import PRESETS, PUBLISHED_STUDENTS
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
from labcore.data.tasks import load_task
from labcore.evaluate import reference
from labcore.evaluate.seed_groups import with_seed
from labcore.results.measurements import Latency
from labcore.runs.cache import counted
from labcore.runs.execute import check_trainable
from labcore.runs.store import Store
from labcore.teacher.built_in import BUILT_IN
from tests.shared.full import first
from tests.shared.pages import APP, PATIENCE, app, charts, metrics, spec_of
from tests.shared.runs import finished
from ui.shell import state

PAGES = ("start", "design", "distil", "evaluate", "frontier", "exercise")


@pytest.mark.parametrize("page", PAGES)
def test_every_page_draws_without_runs(page: str) -> None:
    test = app(page)
    assert not test.exception
    assert len(test.title) == 1
    assert not test.error


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_preset_is_taken_to_the_design(preset: Any) -> None:
    test = app()
    test.button(key=f"preset-{preset.name.lower()}").click().run()
    assert test.session_state["spec"] == preset.spec
    test.switch_page("pages/design.py").run()
    assert metrics(test)["Size"] == f"{100 * compare(BUILT_IN['reviews'], preset.spec.steps).ratio:.1f} %"


def test_sliders_change_counts_picture_and_link_at_once() -> None:
    test = app("design", Spec(steps=(KeepLayers(count=3),)))
    before = metrics(test), charts(test)["towers"]["figure"]
    test.slider(key="keep_layers-count-0").set_value(2).run()
    assert spec_of(test).steps == (KeepLayers(count=2),)
    assert metrics(test)["Student"] == f"{compare(BUILT_IN['reviews'], (KeepLayers(count=2),)).student.total:,}"
    assert (metrics(test), charts(test)["towers"]["figure"]) != before
    test.get("button_group")
    test.button(key="to-distil")
    undo = next(button for button in test.button if button.label == "Undo")
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


def test_steps_are_added_edited_moved_and_removed() -> None:
    test = app("design", Spec(steps=(KeepLayers(count=3),)))
    test.button(key="add-prune").click().run()
    assert spec_of(test).steps == (KeepLayers(count=3), Prune(0.5))
    assert {slider.key for slider in test.slider} == {"prune-sparsity-1"}  # only the new one's sliders are open
    test.button(key="add-prune_heads").click().run()  # pruning stays last
    assert spec_of(test).steps == (KeepLayers(count=3), PruneHeads(6), Prune(0.5))
    assert {slider.key for slider in test.slider} == {"prune_heads-heads-1"}
    test.button(key="edit-0").click().run()
    test.slider(key="keep_layers-count-0").set_value(2).run()
    test.button(key="down-0").click().run()
    assert spec_of(test).steps == (PruneHeads(6), KeepLayers(count=2), Prune(0.5))
    assert {slider.key for slider in test.slider} == {"keep_layers-count-1"}  # they went with their step
    test.button(key="remove-0").click().run()
    assert spec_of(test).steps == (KeepLayers(count=2), Prune(0.5))
    assert {slider.key for slider in test.slider} == {"keep_layers-count-0"}
    test.button(key="up-1").click().run()
    assert spec_of(test).steps == (Prune(0.5), KeepLayers(count=2))
    assert not test.error
    for _ in range(2):
        test.button(key="remove-0").click().run()
    assert spec_of(test).steps == ()
    assert "copy of its teacher" in test.info[0].value


def test_an_order_that_can_not_be_is_reported_and_can_be_undone() -> None:
    test = app("design", Spec(steps=(Factorise(64), Prune(0.5))))
    test.button(key="up-1").click().run()
    assert "put 'prune' last" in test.error[0].value
    next(button for button in test.button if button.label == "Undo").click().run()
    assert not test.error
    assert spec_of(test).steps == (Factorise(64), Prune(0.5))


def test_published_students_are_counted_from_the_page() -> None:
    test = app("design")
    for known in PUBLISHED_STUDENTS:
        test.button(key=f"begin-{known.name}").click().run()
        assert spec_of(test) == known.spec
        student_total = int(metrics(test)["Student"].replace(",", ""))
        assert student_total - 2 * _hidden(known.spec) - 2 - known.omits == known.parameters


def _hidden(spec: Spec) -> int:
    return counted(spec).student.hidden


# -- pictures ----------------------------------------------------------------------------------------


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


# -- students side by side -----------------------------------------------------------------------------


def test_up_to_four_students_are_compared_and_the_link_keeps_them() -> None:
    stacks: list[tuple[Step, ...]] = [(KeepLayers(count=n),) for n in (1, 2, 3, 4)]
    test = app("design", Spec(steps=stacks[0]))
    for steps in stacks:
        test.slider(key="keep_layers-count-0").set_value(steps[0].count).run()  # type: ignore[union-attr]
        test.button(key="keep").click().run()
        assert test.button(key="keep").disabled  # it is kept already
    assert test.session_state["pins"] == tuple(stacks[1:])
    test.slider(key="keep_layers-count-0").set_value(5).run()
    names = [trace["name"] for trace in charts(test)["towers"]["figure"]["data"][::2]]
    assert names == ["Teacher", "Student", "A", "B", "C"]
    again = AppTest.from_file(APP, default_timeout=PATIENCE)
    for name in ("spec", "with"):
        again.query_params[name] = str(test.query_params[name])
    again.run()
    assert again.session_state["pins"] == tuple(stacks[1:])
    test.button(key="take-A").click().run()
    assert spec_of(test).steps == stacks[1]
    test.button(key="drop-A").click().run()
    assert test.session_state["pins"] == tuple(stacks[2:])


def test_a_student_that_another_teacher_does_not_allow_waits_for_its_own() -> None:
    test = app("design", Spec(steps=(KeepLayers(count=6),)))
    test.button(key="keep").click().run()
    test.selectbox(key="teacher").set_value("bert-tiny").run()
    assert not test.exception
    assert spec_of(test).steps == (KeepLayers(count=1),)
    assert "A can't be made of this teacher" in " ".join(element.value for element in test.caption)
    assert [trace["name"] for trace in charts(test)["towers"]["figure"]["data"][::2]] == ["Teacher", "Student"]
    test.selectbox(key="teacher").set_value("reviews").run()
    assert test.button(key="take-A")


def test_a_teacher_with_weights_brings_its_task_along() -> None:
    test = app("design", Spec(steps=(KeepLayers(count=3),)))
    test.selectbox(key="teacher").set_value("news").run()
    spec = spec_of(test)
    assert (spec.teacher, spec.task, spec.steps) == ("news", "news", (KeepLayers(count=3),))
    check_trainable(spec)
    assert metrics(test)["Teacher"] == f"{22_713_216 + 384 * 5 + 5:,}"  # the base, and a classifier of five
    assert not test.button(key="to-distil").disabled
    test.button(key=f"begin-{PRESETS[0].name}").click().run()  # the lab's three, of this teacher
    assert spec_of(test) == replace(PRESETS[0].spec, teacher="news", task="news")
    test.selectbox(key="teacher").set_value("bert-tiny").run()
    assert spec_of(test).task == "news"  # a vocabulary may be trimmed to either task
    assert "`reviews`, `news`, `cued-95` or `cued-80`" in " ".join(element.value for element in test.caption)
    assert test.button(key="to-distil").disabled
    test.selectbox(key="teacher").set_value("reviews").run()
    assert spec_of(test).task == "reviews"
    next(button for button in test.button if button.label == "Undo").click().run()
    assert (spec_of(test).teacher, spec_of(test).task) == ("bert-tiny", "news")


ODD: list[tuple[Step, ...]] = [
    (Prune(0.999),),
    (Factorise(energy=1e-9),),
    (KeepLayers(count=1), Manual(layers=1)),
    (Manual(hidden=100),),
    (Manual(hidden=15, heads=5), Manual()),
    (KeepLayers(count=1), PruneHeads(1), PruneNeurons(1), Factorise(1)),
    (Manual(hidden=1, layers=1, heads=1, intermediate=1), TrimVocabulary(size=150)),
    (PruneHeads(13),),
    (Factorise(8), Factorise(8)),
]


@pytest.mark.parametrize("steps", first(4, ((steps,) for steps in ODD)), ids=str)
def test_odd_students_break_no_page_and_can_be_undone(steps: tuple[Step, ...]) -> None:
    test = app("design", Spec(steps=steps))
    assert not test.exception
    for kind in kinds.by_kind():
        test = app("design", Spec(steps=steps))
        test.button(key=f"add-{kind}").click().run()
        assert not test.exception
        next(button for button in test.button if button.label == "Undo")


def test_two_quick_changes_are_both_kept() -> None:
    """The second control's callback was drawn before the first one's change: it must not bring the old value back."""
    drawn = Spec(steps=(Prune(0.5),))
    test = AppTest.from_function(quick, default_timeout=PATIENCE)
    test.session_state["spec"] = replace(drawn, steps=(Prune(0.8),))
    test.session_state["drawn"] = drawn
    test.run()
    assert not test.exception, [e.value for e in test.exception]
    assert test.session_state["after"].steps == (Prune(0.8, embeddings=True),)
    assert test.session_state["moved"].steps == (Prune(0.8),)


def quick() -> None:
    """Runs as a script of Streamlit's, so it imports all that it needs."""
    from streamlit import session_state

    from labcore.config.spec import Spec
    from labcore.config.steps import KeepLayers, Prune
    from ui.design import stack_form

    drawn = session_state.drawn
    session_state.after = stack_form._changed(drawn, 0, Prune(0.5, embeddings=True))
    # A step that is no longer where it was drawn is left alone.
    other = Spec(steps=(KeepLayers(count=3), Prune(0.5)))
    stack_form._remove(other, 0)
    session_state.moved = session_state.spec


@pytest.mark.parametrize("text", ["{", "7", '[[{"kind": "shrink"}]]', "[7]"])
def test_a_bad_comparison_in_a_link_is_reported(text: str) -> None:
    test = AppTest.from_file(APP, default_timeout=PATIENCE)
    test.query_params["with"] = text
    test.run()
    assert not test.exception
    assert "could not be opened" in test.error[0].value


def test_layers_are_picked_by_hand_and_one_at_least_stays() -> None:
    test = app("design", Spec(steps=(KeepLayers(count=3),)))
    pills = test.pills(key="keep_layers-layers-0")
    assert pills.value == [1, 3, 5]
    pills.set_value([0, 4]).run()
    assert spec_of(test).steps == (KeepLayers(layers=(0, 4)),)
    test.pills(key="keep_layers-layers-0").set_value([]).run()
    assert "at least one layer" in test.error[0].value
    assert spec_of(test).steps == (KeepLayers(layers=(0, 4)),)


def test_the_first_pages_numbers_are_true() -> None:
    words = " ".join(element.value for element in (*app().markdown, *app().caption))
    teacher = BUILT_IN["reviews"]
    total = compare(teacher, ()).teacher.total
    assert f"{teacher.layers} layers and {total / 1e6:.1f} million parameters" in words
    assert compare(BUILT_IN["news"], ()).teacher.total / 1e6 == pytest.approx(total / 1e6, abs=0.05)
    assert f"{len(load_task('reviews').splits['train']):,} examples" in words
    assert f"{len(load_task('news').splits['train']):,} examples" in words


def test_the_first_page_offers_the_way_back_once_there_is_one() -> None:
    assert "resume" not in [button.key for button in app().button]
    test = app("start", PRESETS[2].spec)
    test.button(key="resume")
    assert "manual" in " ".join(element.value for element in test.markdown)


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


def test_an_architecture_without_weights_is_counted_not_distilled() -> None:
    test = app("design")
    test.selectbox(key="teacher").set_value("bert-large-uncased").run()
    assert metrics(test)["Teacher"] == "335,143,938"
    assert test.button(key="to-distil").disabled
    test.switch_page("pages/distil.py").run()
    assert test.button(key="distil").disabled


def test_several_steps_from_a_link_keep_their_order() -> None:
    spec = Spec(steps=(KeepLayers(layers=(1, 3, 5)), Factorise(64), Prune(0.5)))
    test = app("design", spec)
    assert {slider.key for slider in test.slider} == {"prune-sparsity-2"}
    test.button(key="edit-1").click().run()
    test.slider(key="factorise-rank-1").set_value(32).run()
    assert spec_of(test).steps == (spec.steps[0], Factorise(32), spec.steps[2])


@pytest.mark.parametrize(
    "text", ["{", '{"steps": [{"kind": "shrink"}]}', '{"teacher": "/etc"}', '{"teacher": "someone/else"}']
)
@pytest.mark.parametrize("page", PAGES)
def test_a_bad_link_is_reported_and_the_lab_goes_on(text: str, page: str) -> None:
    test = app(page, text)
    assert not test.exception
    assert any("could not be opened" in error.value for error in test.error)
    assert test.session_state["spec"] == PRESETS[1].spec


def test_a_student_that_can_not_be_made_is_an_error_with_a_way_out() -> None:
    test = app("design", Spec(steps=(KeepLayers(layers=(9,)),)))
    assert "0 to 5" in test.error[0].value
    assert test.button(key="to-distil").disabled
    test.selectbox(key="kind-0").set_value("prune").run()
    assert not test.error


def test_the_training_configurations_controls_reach_the_spec() -> None:
    test = app("distil")
    for key, value in {"hard": 0.5, "soft": 0.25, "hidden": 0.1, "temperature": 4.0, "epochs": 1}.items():
        test.slider(key=key).set_value(value).run()
    test.selectbox(key="learning_rate").set_value(3e-4).run()
    test.number_input(key="seed").set_value(7).run()
    config = spec_of(test).distil
    assert (
        config.hard,
        config.soft,
        config.hidden,
        config.temperature,
        config.epochs,
        config.learning_rate,
        config.seed,
    ) == (
        0.5,
        0.25,
        0.1,
        4.0,
        1,
        3e-4,
        7,
    )
    assert r"{0.5}_{\text{hard}}\cdot\mathrm{CE}" in test.latex[0].value


def test_a_loss_of_nothing_is_refused_and_nothing_is_lost() -> None:
    test = app("distil", Spec.from_dict({"distil": {"hard": 0.2, "soft": 0.0}}))
    test.slider(key="hard").set_value(0.0).run()
    assert "nothing to learn from" in test.error[0].value
    assert spec_of(test).distil.hard == 0.2
    assert test.slider(key="hard").value == 0.2


def test_distil_queues_the_spec_as_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    submitted: list[Spec] = []
    monkeypatch.setattr(type(state.jobs()), "submit", lambda self, spec: submitted.append(spec) or Store().create(spec))
    test = app("distil", PRESETS[2].spec)
    test.button(key="distil").click().run()
    assert submitted == [PRESETS[2].spec]
    assert test.query_params["run"] == test.session_state["run"]


def test_seeds_and_baselines_of_a_run_are_one_click_each(monkeypatch: pytest.MonkeyPatch) -> None:
    submitted: list[Spec] = []
    monkeypatch.setattr(type(state.jobs()), "submit", lambda self, spec: submitted.append(spec) or Store().create(spec))
    spec = PRESETS[0].spec
    run = finished(spec, 0.8)
    finished(with_seed(spec, 5), 0.82)
    test = app("distil", run=run)
    [table] = [frame.value for frame in test.dataframe if "on their way" in frame.value]
    assert list(table["seeds"]) == [2, 0, 0]
    assert table["test accuracy"][0].startswith("81.0 % ±")
    test.button(key="more-seeds").click().run()
    assert [s.distil.seed for s in submitted] == [1, 2]
    submitted.clear()
    test.button(key="baselines").click().run()
    assert {(s.distil.start, tuple(term.name for term in s.distil.terms)) for s in submitted} == {
        ("derived", ("hard",)),
        ("random", ("hard", "soft")),
    }
    assert not test.exception


def test_a_finished_run_is_shown_from_its_link() -> None:
    run = finished(PRESETS[0].spec)
    test = app("distil", run=run)
    assert metrics(test)["Test accuracy"] == "80.0 %"
    assert metrics(test)["Retention"] == "95.2 %"
    losses = {trace["name"]: trace for trace in charts(test)["losses"]["figure"]["data"]}
    assert {"total", "0.2 × hard", "0.8 × soft"} <= set(losses)
    assert spec_of(test) == PRESETS[0].spec  # a link to a run alone brings its spec
    test = app("distil", PRESETS[1].spec, run)
    test.button(key="take").click().run()
    assert test.session_state["spec"] == PRESETS[0].spec


def test_weighted_losses_sum_to_the_total() -> None:
    test = app("distil", run=finished(PRESETS[0].spec))
    weighted = {trace["name"]: trace["y"][-1] for trace in charts(test)["losses"]["figure"]["data"]}
    assert weighted["0.2 × hard"] + weighted["0.8 × soft"] == pytest.approx(0.2 * 0.6 + 0.8 * 0.5)


@pytest.mark.parametrize(
    ("status", "words"),
    [("failed", "no room"), ("stopped", "was stopped"), ("interrupted", "interrupted when its server ended")],
)
def test_a_run_that_ended_early_says_why(status: str, words: str) -> None:
    store = Store()
    run = store.create(Spec())
    store.update(run, status, error="no room" if status == "failed" else None)  # type: ignore[arg-type]
    test = app("distil", run=run)
    assert words in "".join(element.value for element in (*test.error, *test.warning))
    assert test.button(key="again")


def test_a_run_of_a_teacher_of_ones_own_is_shown_but_not_taken() -> None:
    store = Store()
    run = store.create(Spec(teacher="./mine"))
    store.update(run, "stopped")
    test = app("distil", run=run)
    assert not test.exception
    assert "./mine" in test.error[0].value
    test = app("distil", Spec(), run)
    test.button(key="take").click().run()
    assert "./mine" in test.error[0].value
    assert spec_of(test) == Spec()


def test_a_run_of_another_lab_is_reported() -> None:
    assert "no run" in app("distil", run="../../etc").warning[0].value


def test_the_frontier_draws_every_finished_run_and_the_teacher() -> None:
    runs = [finished(PRESETS[0].spec, 0.83), finished(PRESETS[1].spec, 0.79), finished(PRESETS[2].spec, 0.80)]
    test = app("frontier")
    traces = {trace["name"]: trace for trace in charts(test)["frontier"]["figure"]["data"]}
    assert set(traces["student"]["customdata"]) == set(runs)
    assert traces["teacher"]["y"] == [0.84]
    front = traces["Pareto front"]
    assert front["y"] == [0.80, 0.83, 0.84]  # the low-rank one is larger and worse than the manual one
    assert front["x"] == sorted(front["x"])
    test.session_state["frontier"] = {"picked": runs[1]}
    test.run()
    assert test.session_state["run"] == runs[1]
    assert metrics(test)["Test accuracy"] == "79.0 %"
    assert Spec.from_json(test.code[0].value) == PRESETS[1].spec


def test_reference_results_fill_the_frontier_of_a_new_lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No run has finished" in app("frontier").info[0].value
    spec = PRESETS[0].spec
    runs = tuple(Store().read(finished(with_seed(spec, seed), 0.8 + seed / 100)) for seed in range(3))
    shipped = reference.ReferenceResults(
        name="frontier",
        machine="2 cores (a processor)",
        date="2026-01-02",
        command="python -m labcore sweep",
        runs=runs,
    )
    reference.write(shipped, tmp_path / "recorded" / "frontier.json")
    monkeypatch.setenv("LAB_HOME", str(tmp_path / "another"))
    monkeypatch.setattr(state, "store", lambda: Store())
    test = app("frontier", run=runs[2].id)
    assert not test.exception
    traces = {trace["name"]: trace for trace in charts(test)["frontier"]["figure"]["data"]}
    assert traces["reference"]["y"] == [pytest.approx(0.81)]
    assert traces["student"]["x"] == []
    words = " ".join(element.value for element in (*test.caption, *test.markdown))
    assert "recorded on 2026-01-02, 2 cores (a processor)" in words
    assert "Mean of 3 seeds: **81.0 % ±" in words
    submitted: list[Spec] = []
    monkeypatch.setattr(type(state.jobs()), "submit", lambda self, spec: submitted.append(spec) or Store().create(spec))
    assert not [button for button in test.button if button.key in ("point-evaluate", "point-curves")]
    assert "comes with the lab" in app("distil", run=runs[2].id).info[0].value
    test.button(key="point-run").click().run()
    assert submitted == [runs[2].spec]


def test_the_frontier_shows_one_task_at_a_time() -> None:
    of_reviews = finished(PRESETS[0].spec, 0.83)
    assert "frontier-task" not in [control.key for control in app("frontier").segmented_control]  # nothing to choose
    of_news = [finished(replace(p.spec, teacher="news", task="news"), 0.95) for p in PRESETS[:2]]

    def shown(test: AppTest) -> tuple[list[str], set[float]]:
        assert not test.exception
        [students] = [t for t in charts(test)["frontier"]["figure"]["data"] if t["name"] == "student"]
        assert len(test.dataframe[0].value) == len(students["x"])
        return sorted(students["customdata"]), {round(error, 9) for error in students["error_y"]["array"]}

    def error(share: float, task: str) -> set[float]:
        return {round((share * (1 - share) / len(load_task(task).splits["test"])) ** 0.5, 9)}

    test = app("frontier")
    assert test.segmented_control(key="frontier-task").value == "news"  # that of the newest run
    assert shown(test) == (sorted(of_news), error(0.95, "news"))
    test.segmented_control(key="frontier-task").set_value("reviews").run()
    assert shown(test) == ([of_reviews], error(0.83, "reviews"))
    assert shown(app("frontier", run=of_reviews)) == ([of_reviews], error(0.83, "reviews"))  # that of the run looked at


def test_the_frontier_by_other_sizes() -> None:
    spec = Spec(steps=(Prune(0.8),))
    finished(spec)
    test = app("frontier")
    counts = counted(spec).student
    assert counts.cost
    sizes = {"nonzero": counts.nonzero, "macs": counts.cost.macs, "sparse": counts.cost.bytes["sparse"]}
    for size, expected in sizes.items():
        test.segmented_control(key="size").set_value(size).run()
        [student] = [t for t in charts(test)["frontier"]["figure"]["data"] if t["name"] == "student"]
        assert student["x"] == [expected]


def test_an_active_run_is_offered_on_the_first_page() -> None:
    store = Store()
    run = store.create(PRESETS[2].spec)  # held by this process, so it is active
    test = app()
    test.button(key="watch").click().run()
    assert test.session_state["run"] == run
    test.switch_page("pages/distil.py").run()
    assert "Another process" in " ".join(element.value for element in test.caption)
    assert store.read(run).status == "queued"
