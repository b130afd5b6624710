"""Pages on a server that others use, too: what is another's can be looked at, and every act on it is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.context import ContextProxy
from streamlit.testing.v1 import AppTest

from labcore.config.presets import PRESETS
from labcore.config.spec import Spec
from labcore.config.steps import KeepLayers
from labcore.data.own.data_store import all_data_sets, save
from labcore.exercise.attempt import Attempt, new_id
from labcore.exercise.attempt_store import load_attempt, save_attempt
from labcore.owners.cookie import cookie_name, recognised, signed
from labcore.owners.owner import Person
from labcore.owners.profile import Profile
from labcore.owners.secret import SECRET_FILE, secret_of_home
from labcore.runs.store import Store
from tests.shared.own_data import made, some
from tests.shared.pages import APP, PATIENCE, all_words, charts
from tests.shared.runs import finished
from ui.shell.sharing import SHARED

ANN, BOB = "a" * 16, "b" * 16
THREE, TWO = Spec(steps=(KeepLayers(count=3),)), Spec(steps=(KeepLayers(count=2),))
NOT_YOURS = "belongs to somebody else. You may look at it, but not"


@pytest.fixture(autouse=True)
def shared_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SHARED, "1")


@contextmanager
def cookies(given: Mapping[str, str]) -> Iterator[None]:
    """A browser that sends these cookies."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ContextProxy, "cookies", property(lambda self: dict(given)))
        yield


def cookie_of(owner: str) -> dict[str, str]:
    secret = secret_of_home(Store().home)
    return {cookie_name(secret): signed(owner, secret)}


def opened(page: str, owner: str | None, **query: str) -> AppTest:
    """A page as the browser of this owner opens it; one without a cookie for None."""
    with cookies(cookie_of(owner) if owner else {}):
        test = AppTest.from_file(APP, default_timeout=PATIENCE)
        for name, value in query.items():
            test.query_params[name] = value
        test.run()
        return test.switch_page(f"pages/{page}.py").run() if page != "start" else test


def of(owner: str | None, spec: Spec = THREE, accuracy: float = 0.8) -> str:
    run = finished(spec, accuracy)
    Store()._table.change(run, owner=owner)
    return run


def keys(test: AppTest) -> set[str]:
    return {button.key for button in test.button if button.key}


def given_cookie(test: AppTest) -> dict[str, Any] | None:
    import json

    data = [json.loads(each.proto.json) for each in test.get("bidi_component")]
    return next((each for each in data if str(each.get("name", "")).startswith("lab_owner_")), None)


# -- who a browser is ------------------------------------------------------------------------------------


def test_a_new_browser_gets_a_cookie_and_an_old_one_is_who_it_was() -> None:
    new = opened("start", None)
    cookie = given_cookie(new)
    assert cookie is not None
    secret = secret_of_home(Store().home)
    known = recognised(cookie["value"], secret)
    assert known is not None
    assert known.owner == new.session_state["owner"]
    again = opened("start", known.owner)
    assert again.session_state["owner"] == known.owner
    assert given_cookie(again) is None


@pytest.mark.parametrize("forged", ["", f"{ANN}.aaaaaa.bbbb", "é" * 5000])
def test_a_forged_cookie_is_a_new_browsers_and_is_replaced(forged: str) -> None:
    secret = secret_of_home(Store().home)
    foreign = {cookie_name(secret): forged or signed(ANN, b"x" * 32)}
    with cookies(foreign):
        test = AppTest.from_file(APP, default_timeout=PATIENCE).run()
    assert not test.exception
    assert test.session_state["owner"] not in (ANN, "", forged)
    cookie = given_cookie(test)
    assert cookie is not None
    assert cookie["worthless"] == list(foreign.values())


def test_an_address_makes_nobody_an_owner_and_shows_none() -> None:
    [(name, value)] = cookie_of(ANN).items()
    test = AppTest.from_file(APP, default_timeout=PATIENCE)
    for field in ("owner", "lab_owner", "owner_cookie", "cookie", name):
        test.query_params[field] = value
    test.run()
    assert test.session_state["owner"] != ANN
    assert value not in str(test.query_params)
    test = opened("distil", ANN, run=of(ANN))
    assert ANN not in str(test.query_params) + str(test.main) + all_words(test)


def test_without_a_secret_the_page_states_what_cannot_be_kept(lab_home: Path) -> None:
    secret_of_home(lab_home)
    (lab_home / SECRET_FILE).chmod(0o644)
    test = opened("start", None)
    assert not test.exception
    assert "has the rights 644" in all_words(test)
    assert "can't be claimed" in all_words(test)
    assert given_cookie(test) is None


# -- what is another's ----------------------------------------------------------------------------------


def test_anothers_run_can_be_looked_at_and_nothing_else() -> None:
    run = of(ANN)
    mine, other = opened("runs", ANN, compare=run), opened("runs", BOB, compare=run)
    verbs = {f"delete-{run}", f"save-{run}"}
    assert verbs <= keys(mine)
    assert not verbs & keys(other)
    assert NOT_YOURS in all_words(other)
    assert f"Run `{run}`: finished" in all_words(other)
    nobodys = of(None, TWO)
    assert "belongs to the host of this lab" in all_words(opened("runs", BOB, compare=nobodys))
    assert f"delete-{run}" in keys(opened("runs", ANN, compare=run))


def test_a_tab_from_before_the_run_changed_hands_is_refused_by_the_act_itself() -> None:
    """What stands on the page does not decide: the buttons are drawn, and then the run is another's."""
    run = of(ANN)
    test = opened("runs", ANN, compare=run)
    Store()._table.change(run, owner=BOB)
    test.button(key=f"delete-{run}").click().run()
    assert NOT_YOURS + " delete it" in test.error[0].value
    assert Store().read(run).id == run
    Store()._table.change(run, owner=ANN)
    test.run()
    test.text_input(key=f"note-{run}").set_value("a note")
    Store()._table.change(run, owner=BOB)
    test.button(key=f"save-{run}").click().run()
    assert Store().read(run).note == ""


def test_a_run_that_waits_is_stopped_by_its_owner_only() -> None:
    store = Store()
    run = store.create(THREE, ANN)
    test = opened("distil", BOB, run=run)
    from ui.shell import server

    jobs = server.jobs()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "place", lambda job: 1)
        test = opened("distil", BOB, run=run)
        stop = test.button(key="stop")
        assert stop.disabled
        assert NOT_YOURS + " stop it" in stop.help
        assert not opened("distil", ANN, run=run).button(key="stop").disabled


def test_lists_have_ones_own_and_what_others_show() -> None:
    mine, hidden, shown = of(ANN), of(BOB, TWO), of("c" * 16, PRESETS[0].spec)
    Store().rename(shown, "Carla's own")
    Store().owners.set("c" * 16, Profile("Carla", "unnamed"))
    test = opened("runs", ANN)
    assert "1 of 1 designs" in all_words(test)
    test.segmented_control(key="whose-runs").set_value("everybody's").run()
    assert "2 of 2 designs" in all_words(test)
    assert "Carla" not in str(test.dataframe[0].value)
    frontier = opened("frontier", ANN)
    traces = {trace["name"]: trace for trace in charts(frontier)["frontier"]["figure"]["data"]}
    assert traces["student"]["customdata"] == [mine]
    assert traces["student of others"]["customdata"] == [shown]
    assert "Carla" not in traces["student of others"]["hovertext"][0]
    Store().owners.set("c" * 16, Profile("Carla", "named"))
    frontier = opened("frontier", ANN)
    traces = {trace["name"]: trace for trace in charts(frontier)["frontier"]["figure"]["data"]}
    assert "Carla's own · Carla" in traces["student of others"]["hovertext"][0]
    assert hidden not in str(traces)


def test_a_nickname_and_consent_are_given_and_bad_ones_refused() -> None:
    of(ANN)
    test = opened("frontier", ANN)
    test.radio(key="you-consent").set_value("named")
    test.button(key="you-save").click().run()
    assert "there is no nickname to show" in test.error[0].value
    test.text_input(key="you-nickname-").set_value("x" * 41)
    test.button(key="you-save").click().run()
    assert "give at most 40" in test.error[0].value
    test.text_input(key="you-nickname-").set_value(" Ann ")
    test.button(key="you-save").click().run()
    assert not test.error
    assert Store().owners.profile(ANN) == Profile("Ann", "named")


def test_anothers_exercise_shows_its_students_and_begins_a_new_one() -> None:
    attempt = replace(Attempt(new_id()).with_student(0, THREE.steps), name="Ann", reason="because")
    save_attempt(attempt, Store(), Person(ANN))
    test = opened("exercise", BOB, attempt=attempt.id)
    assert not test.exception
    assert "This exercise belongs to somebody else. You may look at it, but not change it." in all_words(test)
    assert "because" not in all_words(test)
    test.button(key="begin-with-these").click().run()
    own = str(test.session_state["attempt"])
    assert own != attempt.id
    copied = load_attempt(own, Store())
    assert copied is not None
    assert (copied.slots, copied.name, copied.reason) == (attempt.slots, "", "")
    assert load_attempt(attempt.id, Store()) == attempt
    assert "Student A" in str(opened("exercise", ANN, attempt=attempt.id).selectbox)


def test_anothers_data_are_in_no_list_and_have_no_buttons() -> None:
    data = save(made(some()), owner=ANN)
    options = opened("data", BOB).selectbox(key="data-choice").options
    assert not any("mine" in option for option in options)
    test = opened("data", BOB, data=data.task)
    assert "This data set " + NOT_YOURS in all_words(test)
    assert not {"data-rename-save", "data-remove-yes"} & keys(test)
    test = opened("data", ANN, data=data.task)
    test.button(key="data-remove-yes").click().run()
    assert all_data_sets() == []


def test_on_a_server_for_one_machine_nothing_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SHARED, "0")
    runs = {of(ANN), of(None, TWO), of(BOB, PRESETS[0].spec)}
    test = opened("runs", None, compare=",".join(runs))
    assert "3 of 3 designs" in all_words(test)
    assert not [each for each in test.segmented_control if each.key == "whose-runs"]
    for run in runs:
        assert f"delete-{run}" in keys(opened("runs", None, compare=run))
    frontier = opened("frontier", None)
    traces = {trace["name"]: trace for trace in charts(frontier)["frontier"]["figure"]["data"]}
    assert set(traces["student"]["customdata"]) == runs
    assert not re.search("belongs to|You", " ".join(keys(frontier)) + all_words(frontier).replace("Your", ""))
