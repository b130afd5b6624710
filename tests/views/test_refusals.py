"""Words and numbers on pages: refused steps, sums of weights, percentages and counts."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcore.config import steps as kinds
from labcore.config.training import DistilConfig
from labcore.views.design.refusals import refusal_in_words
from labcore.views.distil.formula import sum_in_words
from labcore.views.grouped_numbers import grouped_numbers
from labcore.views.markdown import unbroken


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("factorise comes twice; keep one", "“Low rank” comes twice; keep one"),
        (
            "'prune_heads' after 'prune' would make new matrices; put 'prune' last",
            "“Fewer heads” after “Sparse” would make new matrices; put “Sparse” last",
        ),
        ("factorise.rank is 900; give 1 to 384", "“Low rank”, rank of each encoder matrix, is 900; give 1 to 384"),
        ("after a global prune, the next step", "after a global prune, the next step"),  # plain English
    ],
)
def test_a_refusal_has_the_names_of_the_page(message: str, words: str) -> None:
    assert refusal_in_words(message) == words


@given(st.sampled_from(sorted(kinds.by_kind())), st.text(max_size=20))
def test_no_kind_stays_in_quotes(kind: str, rest: str) -> None:
    assert f"'{kind}'" not in refusal_in_words(f"'{kind}' {rest}")


def test_whole_numbers_are_written_with_commas_and_stay_numbers() -> None:
    table = pd.DataFrame({"teacher": [13424258, None, 0], "percent": [59.1, 1.0, 2.0]})
    written = grouped_numbers(table, ["teacher", "student"])
    assert re.findall(r"<td[^>]*>([^<]*)</td>", written.to_html())[::2] == ["13,424,258", "", "0"]
    assert list(table["teacher"].dropna()) == [13424258, 0]


def test_no_line_can_begin_with_a_percent_sign() -> None:
    assert unbroken("14 % or 19.5 %, a % sign") == "14\N{NO-BREAK SPACE}% or 19.5\N{NO-BREAK SPACE}%, a % sign"


def test_a_sum_of_weights_other_than_1_is_explained() -> None:
    assert sum_in_words(DistilConfig(hard=0.3, soft=0.7)) == "The weights add up to 1."
    assert "add up to 1.4, not to 1. That is allowed" in sum_in_words(DistilConfig(hard=0.6, soft=0.8))
