"""The link of an assignment: short, complete, and open for ever; the address that a class can reach."""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qs, urlsplit

import pytest

from labcore.config.assignment import MAX_LINK
from labcore.config.assignment_link import (
    DICTIONARY,
    MARK,
    assignment_link,
    assignment_of,
    class_root,
    only_this_machine,
)
from labcore.config.checks import SpecError
from labcore.config.packing import packed
from labcore.config.presets import PRESETS
from tests.shared.assignments import assignment

LINK = assignment(spec=PRESETS[1].spec, locked=("teacher", "distil"), hidden=("distil.seed",))


def test_a_link_is_short_and_holds_every_setting() -> None:
    link = assignment_link("http://lab.example:8501/", LINK)
    assert len(link) < 250
    [text] = parse_qs(urlsplit(link).query)["lesson"]
    assert assignment_of(text) == LINK
    assert assignment_of(LINK.to_json()) == LINK  # as in links of earlier versions


def test_the_dictionary_never_changes() -> None:
    """Links that were given out are packed with it. For other words make a new mark, and keep this dictionary."""
    assert hashlib.sha256(DICTIONARY).hexdigest() == "1af7d478292f6f47af3f201896a9482c0952aa4936d576debc6d7ed960bef9dc"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("1.", "cut off"),
        ("1.@@", "can't be read"),
        ("1.é", "can't be read"),
        (MARK + packed(LINK.to_json(), DICTIONARY)[:-9], "cut off|can't be read"),
        (MARK + packed("x" * 5 * MAX_LINK, DICTIONARY), "longer than 20,000"),
        (f"1.{'A' * (MAX_LINK + 1)}", "at most 20,000"),
        (MARK + packed("no JSON", DICTIONARY), "not JSON"),
        ("2.abc", "not JSON"),
    ],
)
def test_a_damaged_link_is_refused_with_a_reason(text: str, why: str) -> None:
    with pytest.raises(SpecError, match=why):
        assignment_of(text)


@pytest.mark.parametrize(
    ("typed", "root"),
    [
        ("192.168.1.20:8501", "http://192.168.1.20:8501/"),
        (" https://lab.example/x/ ", "https://lab.example/x/"),
        ("lab.example?spec=1", "http://lab.example/"),
        ("http://[2001:db8::1]:8501", "http://[2001:db8::1]:8501/"),
    ],
)
def test_an_address_is_read_as_people_type_it(typed: str, root: str) -> None:
    assert class_root(typed) == root
    assert class_root(root) == root


@pytest.mark.parametrize("typed", ["", "http://", "ftp://lab.example", "two words", "http://[::1", "a:99999", "u:p@a"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(SpecError, match="give that of its server"):
        class_root(typed)


def test_which_addresses_name_this_machine_only() -> None:
    here = ("http://127.0.0.1:8501/", "http://localhost/", "http://[::1]:1/", "http://0.0.0.0/", "http://a.localhost/")
    assert all(map(only_this_machine, here))
    assert not any(map(only_this_machine, ("http://192.168.1.20:8501/", "https://lab.example/", "/")))
