"""The form that makes an assignment link: what it fixes, how long the class waits, and whether the class reaches it."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from labcore.config.assignment import MAX_TEXT, MAX_TITLE, Assignment
from labcore.config.assignment_link import ASSIGNMENT, assignment_of
from labcore.config.spec import Spec
from labcore.config.steps import KeepLayers
from tests.shared.assignments import SPEC, assignment
from tests.shared.pages import all_words, app, spec_of

LAB = "http://192.168.1.20:8501"


def form(title: str = "Rank", spec: Spec = SPEC) -> AppTest:
    """The form with its title."""
    test = app("start", spec)
    test.text_input(key="assignment-title").set_value(title).run()
    assert not test.exception
    return test


def made(test: AppTest) -> Assignment | None:
    """The assignment of the link on the page; None without a link."""
    links = [code.value for code in test.code if f"{ASSIGNMENT}=" in code.value]
    if not links:
        return None
    [text] = parse_qs(urlsplit(links[0]).query)[ASSIGNMENT]
    return assignment_of(text)


def test_a_link_holds_what_the_form_has() -> None:
    test = form()
    test.text_area(key="assignment-text").set_value("Try & see").run()
    test.selectbox(key="assignment-page").set_value("distil").run()
    for group, name in (
        ("All at once", "steps"),
        ("Loss, temperature and data", "distil.temperature"),
        ("Length and method of the training", "distil.seed"),
    ):
        test.button_group(key=f"assignment-fixed-{group}").set_value([name]).run()
    test.button_group(key="assignment-hidden").set_value(["distil.seed"]).run()
    assert made(test) == assignment(
        title="Rank", text="Try & see", page="distil", locked=("steps", "distil.temperature"), hidden=("distil.seed",)
    )


def test_without_a_title_there_is_no_link() -> None:
    assert made(form("")) is None


@pytest.mark.parametrize(("field", "most"), [("title", MAX_TITLE), ("text", MAX_TEXT)])
def test_a_text_above_its_limit_says_so_and_is_kept(field: str, most: int) -> None:
    test = form("" if field == "title" else "Rank" * 30)  # AppTest can't follow fields that come and go
    widget = test.text_input(key="assignment-title") if field == "title" else test.text_area(key="assignment-text")
    assert f"at most {most}" in widget.label
    widget.set_value("x" * (most + 220)).run()
    assert f"{most + 220:,} characters; give at most {most}" in all_words(test)
    assert made(test) is None
    test.text_area(key="assignment-text").set_value("x" * MAX_TEXT).run()
    test.text_input(key="assignment-title").set_value("x" * MAX_TITLE).run()
    link = made(test)
    assert link is not None
    assert (len(link.title), len(link.text)) == (MAX_TITLE, MAX_TEXT)


def test_the_form_tells_when_the_last_one_has_a_result_and_shortens_the_training() -> None:
    test = form(spec=Spec(steps=(KeepLayers(count=1),)))
    assert "If each of 30 people trains once" in all_words(test)
    test.number_input(key="assignment-people").set_value(1).run()
    assert "If each of 1 person trains once" in all_words(test)
    offers = [button for button in test.button if str(button.key).startswith("assignment-steps-")]
    assert offers == []  # one run is short enough
    test.number_input(key="assignment-people").set_value(30).run()
    shorter = next(button for button in test.button if str(button.key).startswith("assignment-steps-"))
    shorter.click().run()
    steps = int(str(shorter.key).rsplit("-", 1)[1])
    assert spec_of(test).distil.steps == steps
    link = made(test)
    assert link is not None
    assert link.spec.distil.steps == steps


def test_the_exercise_is_three_runs_for_each_person() -> None:
    test = form()
    test.selectbox(key="assignment-page").set_value("exercise").run()
    assert "trains 3 students" in all_words(test)


def test_a_class_gets_the_address_that_it_can_reach() -> None:
    test = form()
    test.text_input(key="assignment-address").set_value("127.0.0.1:8501").run()
    assert "Only this machine can open this link" in test.warning[0].value
    assert not [html for html in test.get("html") if "QR code" in html.proto.body]
    test.text_input(key="assignment-address").set_value(LAB).run()
    assert not test.warning
    assert any(code.value.startswith(f"{LAB}/?{ASSIGNMENT}=") for code in test.code)
    assert [html for html in test.get("html") if "QR code" in html.proto.body]
    test.text_input(key="assignment-address").set_value("ftp://lab").run()
    assert "give that of its server" in test.error[0].value
    assert made(test) is None
