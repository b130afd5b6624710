"""The Search page: its form, a search that runs, its result, and the list of searches."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from labcore.config.spec import DistilConfig, Spec
from labcore.runs.execute import execute_and_store
from labcore.runs.store import Store
from labcore.search.carry_out import carry_out
from labcore.search.search_driver import Driver
from labcore.search.search_events import StateChanged
from labcore.search.search_files import SearchFiles
from labcore.search.search_settings import Goal, SearchSettings
from tests.shared.pages import all_words, app, charts, metrics
from tests.shared.runs import until
from ui.shell import server


def searched(spec: Spec, goal: Goal) -> Driver:
    """A search of the tiny teacher that has finished; it is the lab's own."""
    config = DistilConfig(batch_size=8, learning_rate=1e-3)
    search = SearchSettings(teacher=spec.teacher, task=spec.task, goal=goal, steps=40, distil=config)
    store = Store()
    files = SearchFiles(store.home)
    driver = Driver(files.create(search), store, files)
    list(carry_out(driver, execute_and_store))
    files.release(driver.entry.id)
    return driver


def opened(search_id: str) -> AppTest:
    """The page with this search, as a link brings it."""
    test = app()
    test.query_params["search"] = search_id
    test.session_state["search_id"] = search_id
    return test.switch_page("pages/search.py").run()


def test_a_new_lab_has_the_form_and_no_search() -> None:
    test = app("search")
    assert not test.exception
    assert "No search has begun yet" in all_words(test)
    assert "at most 2 points below its teacher" in all_words(test)
    test.segmented_control(key="search-kind").set_value("most accurate").run()
    test.segmented_control(key="search-size").set_value("bytes").run()
    assert "the most accurate student of at most 8.00 MB" in all_words(test)
    assert not test.button(key="search").disabled


def test_a_finished_search_shows_its_student_the_runs_behind_it_and_how_probable_it_is(spec: Spec) -> None:
    driver = searched(spec, Goal(within=30.0))
    test = opened(driver.entry.id)
    assert not test.exception
    words = all_words(test)
    assert "The smallest is" in words
    assert "that it is the smallest of the fully trained students within them" in words
    shown = metrics(test)
    assert shown["Test accuracy"].endswith("%")
    traces = {trace["name"]: trace for trace in charts(test)[f"search-{driver.entry.id}"]["figure"]["data"]}
    assert charts(test)[f"search-{driver.entry.id}"]["awaits"] == ""
    full = driver.history.reached("full")
    assert len(traces["after a full training"]["x"]) == len(full)
    assert traces["teacher"]["y"] == [driver.history.teacher.accuracy]
    assert test.query_params["search"] == [driver.entry.id] or test.query_params["search"] == driver.entry.id
    test.button(key="search-longer").click().run()
    assert not test.exception
    taken = test.session_state["spec"]
    assert taken.distil.steps == 20  # four times 12 % of 40
    assert taken.steps in [design.steps for design in full]


def test_a_search_without_a_student_in_reach_shows_the_nearest(spec: Spec) -> None:
    driver = searched(spec, Goal(within=0.0))
    words = all_words(opened(driver.entry.id))
    assert "No student meets the goal on validation examples. The nearest is" in words


def test_a_search_that_was_cut_off_can_resume_and_one_that_is_gone_is_named(spec: Spec) -> None:
    driver = searched(spec, Goal(within=30.0))
    path = driver.files.folder / driver.entry.id / "events.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:8]), encoding="utf-8")
    test = opened(driver.entry.id)
    assert "It was cut off; resume it." in all_words(test)
    test.button(key="search-resume").click().run()
    until(lambda: server.searches().files.history(driver.entry.id).state == "finished")
    test.run()
    assert "It has finished." in all_words(test)
    assert "was removed, or is on another machine" in all_words(opened("20260101-000000-abcd"))


def test_a_press_of_search_begins_it_and_pause_ends_it_for_now(spec: Spec) -> None:
    test = app("search", spec)
    test.button(key="search").click().run()
    assert not test.exception
    search_id = test.session_state["search_id"]
    test.button(key="search-paused").click().run()
    assert not test.exception
    history = server.searches().files.history(search_id)
    assert history.state == "paused"
    assert "It is paused." in all_words(test)
    server.searches().files.append(search_id, StateChanged("stopped"))
    test.button(key="new-search").click().run()
    assert not test.button(key="search").disabled
    test.button(key=f"remove-search-{search_id}").click().run()
    assert "No search has begun yet" in all_words(test)


def test_a_budget_in_steps_makes_a_search_that_is_deterministic(spec: Spec) -> None:
    test = app("search", spec)
    test.segmented_control(key="search-unit").set_value("steps").run()
    test.number_input(key="search-steps").set_value(400).run()
    test.button(key="search").click().run()
    assert not test.exception
    begun = server.searches().files.read(test.session_state["search_id"])
    assert (begun.search.steps, begun.search.seconds) == (400, None)
    test.button(key="search-stopped").click().run()
    assert "It was stopped." in all_words(test)
    until(lambda: not server.jobs().busy())
