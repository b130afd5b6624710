"""A person's text in charts: shown unchanged, short enough, and never the same as another."""

from __future__ import annotations

import html

from hypothesis import given
from hypothesis import strategies as st

from labcore.views.chart_text import HOVERED, categories, category_axis, plain
from labcore.views.evaluate.evaluation_charts import LABELLED, MANY, confusion_height, confusion_map, likely_labels
from labcore.views.evaluate.evaluation_tables import confusions_table
from labcore.views.palette import TEACHER


@given(st.text(max_size=200))
def test_a_text_is_shown_as_it_is_on_one_line(text: str) -> None:
    shown = plain(text)
    assert "<" not in shown
    assert "\n" not in shown
    read = html.unescape(shown)
    line = " ".join(text.split()) or " "
    assert read == line or (len(read) == HOVERED and line.startswith(read.removesuffix("…")))


@given(st.lists(st.text(max_size=120), max_size=12))
def test_every_name_has_a_category_of_its_own(names: list[str]) -> None:
    made = categories(names)
    assert len(set(made)) == len(made) == len(names)


def test_numbers_and_dates_stay_categories() -> None:
    axis = category_axis(("1", "2", "2024-01-01"))
    assert axis == {"type": "category", "tickvals": ["1", "2", "2024-01-01"], "ticktext": ["1", "2", "2024-01-01"]}


def test_many_labels_have_no_numbers_in_their_cells() -> None:
    few, many = (
        confusion_map([[int(i == j) for j in range(n)] for i in range(n)], [f"label {i}" for i in range(n)], TEACHER)
        for n in (MANY, MANY + 1)
    )
    assert few.data[0].texttemplate == "%{text}"
    assert many.data[0].texttemplate == ""
    assert many.layout.xaxis.showticklabels is None
    most = [f"label {i}" for i in range(LABELLED + 1)]
    crowded = confusion_map([[1] * len(most)] * len(most), most, TEACHER)
    assert crowded.layout.xaxis.showticklabels is False
    assert confusion_height(2) == confusion_height(MANY) == 300
    assert all(300 <= confusion_height(n) <= 700 for n in range(2, 151))


def test_of_many_labels_the_likeliest_are_drawn() -> None:
    assert likely_labels((0.1, 0.2, 0.7), (0.3, 0.3, 0.4)) == [0, 1, 2]
    student, teacher = [0.01] * 20, [0.01] * 20
    student[7], teacher[3], student[11] = 0.5, 0.4, 0.3
    assert likely_labels(student, teacher)[:3] == [7, 3, 11]
    assert len(likely_labels(student, teacher)) == MANY


def test_the_most_frequent_confusions_come_first() -> None:
    teacher, student = ((5, 1, 0), (0, 5, 0), (2, 0, 4)), ((4, 0, 2), (1, 4, 0), (3, 0, 3))
    table = confusions_table(teacher, student, ("a", "b", "c"))
    assert table.to_numpy().tolist() == [["c", "a", 3, 2], ["a", "c", 2, 0], ["b", "a", 1, 0]]
