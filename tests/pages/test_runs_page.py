"""The page Runs: every run in one table, one shown whole, several compared, deleted ones brought back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from labcore.config.presets import PRESETS
from labcore.config.spec import Spec
from labcore.config.steps import Factorise, KeepLayers
from labcore.evaluate.seed_groups import with_seed
from labcore.runs.store import Store
from tests.shared.pages import APP, PATIENCE, all_words, app, charts
from tests.shared.runs import finished, run_of
from ui.runs import downloads

THREE = Spec(steps=(KeepLayers(count=3),))
RANK = Spec(steps=(KeepLayers(count=3), Factorise(64)))


def shown(*runs: str) -> AppTest:
    test = AppTest.from_file(APP, default_timeout=PATIENCE)
    test.query_params["compare"] = ",".join(runs)
    test.run()
    return test.switch_page("pages/runs.py").run()


def test_an_empty_lab_leads_to_a_first_run() -> None:
    assert "This lab has no run yet" in all_words(app("runs"))


def test_seeds_are_one_row_and_a_search_narrows_the_table() -> None:
    finished(THREE, 0.7)
    finished(with_seed(THREE, 1), 0.8)
    rank = finished(RANK, 0.6)
    stopped = Store().create(PRESETS[1].spec)
    Store().update(stopped, "stopped")
    test = app("runs")
    assert "3 of 3 designs, 4 runs." in all_words(test)
    assert set(test.dataframe[0].value["name"]) == {"3 layers", "3 layers, rank 64", "rank 32"}
    test.text_input(key="runs-search").set_value("rank 64").run()
    assert list(test.dataframe[0].value["name"]) == ["3 layers, rank 64"]
    test.text_input(key="runs-search").set_value("nothing like it").run()
    assert "No run matches" in all_words(test)
    test.text_input(key="runs-search").set_value("").run()
    test.multiselect(key="runs-chosen").set_value([rank]).run()
    assert test.query_params["compare"] == [rank] or test.query_params["compare"] == rank
    assert "3 layers, rank 64" in [each.value for each in test.header]


def test_a_link_shows_a_run_and_its_seeds_are_chosen_one_by_one() -> None:
    first, second = finished(THREE, 0.7), finished(with_seed(THREE, 1), 0.8)
    test = shown(first)  # an older run leads to its group
    assert not test.exception
    assert "over 2 seeds" in all_words(test)
    choice = test.selectbox(key=f"run-of-{second}")
    choice.set_value(first).run()
    assert f"Run `{first}`: finished" in all_words(test)


def test_note_and_tags_are_saved_and_bad_ones_refused_with_what_is_allowed() -> None:
    run = finished(THREE)
    test = shown(run)
    test.text_input(key=f"note-{run}").set_value("a try")
    test.text_input(key=f"tags-{run}").set_value("good, class-3")
    test.button(key=f"save-{run}").click().run()
    assert (Store().read(run).note, Store().read(run).tags) == ("a try", ("good", "class-3"))
    assert list(test.dataframe[0].value["tags"].iloc[0]) == ["class-3", "good"]
    test.text_input(key=f"tags-{run}").set_value("x" * 25)
    test.button(key=f"save-{run}").click().run()
    assert "give at most 24" in test.error[0].value
    assert Store().read(run).tags == ("good", "class-3")


def test_delete_and_undo() -> None:
    run, other = finished(THREE), finished(RANK)
    test = shown(run)
    test.button(key=f"delete-{run}").click().run()
    assert [each.id for each in Store().runs()] == [other]
    assert "Deleted: **3 layers**" in all_words(test)
    test.button(key="undo-delete").click().run()
    assert {each.id for each in Store().runs()} == {run, other}
    assert "Deleted:" not in all_words(test)


def test_two_runs_side_by_side_with_a_paired_test(spec: Spec) -> None:
    first, second = run_of(spec), run_of(replace(spec, distil=replace(spec.distil, hard=0.7)))
    test = shown(first.id, second.id)
    assert not test.exception
    settings = test.dataframe[2].value.set_index("setting")
    assert list(settings.index) == ["Training: hard weight"]
    assert settings.loc["Training: hard weight"].tolist() == ["0.2", "0.7"]
    names = [trace["name"][0] for trace in charts(test)["compared-curves"]["figure"]["data"]]
    assert names == ["A", "B"]
    assert "A minus B" in all_words(test) or "is better" in all_words(test)


def test_without_tensorboard_its_button_is_off_and_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    finished(THREE)
    for here in (True, False):
        monkeypatch.setattr(downloads, "tensorboard_is_here", lambda here=here: here)
        [button] = [each.proto for each in app("runs").get("download_button") if each.proto.label == "TensorBoard"]
        assert button.disabled is not here
        assert ("requirements-tensorboard.txt" in button.help) is not here


def test_a_link_to_a_run_that_is_gone_says_so() -> None:
    finished(THREE)
    test = shown("20260101-000000-0000000", "../x")
    assert not test.exception
    assert "This lab has no run" in test.warning[0].value


@pytest.mark.parametrize("number", [3, 6])
def test_at_most_four_are_shown(number: int) -> None:
    runs = [finished(Spec(steps=(KeepLayers(count=1 + i),))) for i in range(number)]
    test = shown(*runs)
    assert not test.exception
    assert len(test.multiselect(key="runs-chosen").value) == min(4, number)
