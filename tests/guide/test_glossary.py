"""The glossary: each term is used where it says, opens there, and can be found."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from labcore.config.presets import PRESETS
from labcore.config.spec import Spec
from labcore.config.steps import Factorise, KeepLayers, Manual, Prune, PruneHeads, Quantise
from labcore.guide.glossary import GLOSSARY, search, terms_of
from labcore.guide.pages import NAMES
from tests.shared.pages import app
from tests.shared.parcels import kept_data
from tests.shared.reference import page_references, ship
from tests.shared.runs import finished, run_of
from ui.shell.glossary import COLOURS

STORY = [page for page in NAMES if terms_of(page)]


def everything_said(test: AppTest) -> str:
    """All words of a page, its labels and helps too, but for the glossary's own."""
    assert not test.exception, [e.value for e in test.exception]
    said: list[str] = []

    def read(node: object) -> None:
        if "word-" in str(getattr(getattr(node, "proto", None), "id", "")):
            return
        said.append(str(getattr(node, "proto", "")))
        for child in getattr(node, "children", {}).values():
            read(child)

    read(test.main)
    return re.sub(r"[*_`\\]|:\w+\[|\]", "", "\n".join(said)).lower()


def opened(page: str) -> str:
    """A page's words as a student meets them: with a finished run, and on Design with every kind of step once."""
    finished(PRESETS[0].spec)
    for each in page_references():
        ship(each)
    if page == "data":
        return everything_said(app("data", data=kept_data()))
    if page != "design":
        return everything_said(app(page))
    stack = (KeepLayers(count=3), Manual(), PruneHeads(2), Factorise(8), Prune(0.5), Quantise(bits=4))
    return "\n".join(everything_said(app(page, Spec(steps=(step,)))) for step in stack)


@pytest.mark.parametrize("page", [page for page in STORY if page != "evaluate"])
def test_a_page_uses_the_words_that_it_explains(page: str) -> None:
    said = opened(page)
    assert [term.name for term in terms_of(page) if term.name.lower() not in said] == []
    assert not [term.name for term in GLOSSARY if term.definition.lower() in said]  # a word's own button does not count


def test_evaluate_uses_the_words_that_it_explains(spec: Spec) -> None:
    run_of(spec)
    run_of(spec, seed=1)
    said = everything_said(app("evaluate"))
    assert [term.name for term in terms_of("evaluate") if term.name.lower() not in said] == []


def test_terms_are_in_the_order_of_the_story_each_once() -> None:
    assert len({term.name.lower() for term in GLOSSARY}) == len(GLOSSARY)
    positions = [NAMES.index(term.page) for term in GLOSSARY]
    assert positions == sorted(positions)
    for term in GLOSSARY:
        assert term.definition.endswith(".")
        assert 1 <= len(re.findall(r"[.:!?](?:\s|$)", term.definition)) <= 4
        assert term.source is None or term.source.startswith("https://")


@pytest.mark.parametrize("page", STORY)
def test_each_word_opens_on_its_page(page: str) -> None:
    test = app(page)
    shown = "\n".join(element.value for element in test.markdown)
    for term in terms_of(page):
        assert term.definition in shown
    for term in GLOSSARY:
        assert (term.definition in shown) == (term.page == page)


def test_all_words_are_searched_by_name_and_by_what_they_say() -> None:
    assert search("") == GLOSSARY
    assert search("TEMPER")[0].name == "temperature"
    assert {term.name for term in search("softmax")} == {"temperature", "logits"}
    assert search("no such word") == ()
    assert search("teacher")[0].name == "teacher"


def test_the_list_of_all_words_opens_on_any_page() -> None:
    test = app("distil")
    test.button(key="all-words").click().run()
    shown = [element.value for element in test.markdown]
    assert all(any(term.definition in words for words in shown) for term in GLOSSARY)


def test_the_ideas_have_the_colours_of_the_theme() -> None:
    assert COLOURS == {"teacher": "blue", "student": "orange", "hard": "red", "soft": "violet", "hidden": "green"}
