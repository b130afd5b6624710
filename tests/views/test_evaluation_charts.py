"""Pictures, tables and words of an evaluation: they show what was counted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcore.data.examples import Examples
from labcore.data.latin_script import non_latin_fraction
from labcore.evaluate.significance import exceeds_teacher
from labcore.results.evaluation import (
    ConfidenceCalibration,
    DivergentExample,
    ErrorOverlap,
    MeanDifference,
    Pair,
    SeedMean,
    TextPrediction,
)
from labcore.views.evaluate.evaluation_charts import (
    confusion_map,
    error_overlap_chart,
    probabilities,
    reliability,
)
from labcore.views.evaluate.evaluation_tables import differences_table, pair_table
from labcore.views.evaluate.verdicts import (
    above_teacher_in_words,
    error_overlap_in_words,
    mean_difference_in_words,
    pair_in_words,
    seeds_in_words,
    unread_in_words,
)
from labcore.views.palette import FILL, STUDENT, TEACHER, faded

count = st.integers(0, 500)


@given(st.builds(ErrorOverlap, kept=count, new=count, corrected=count, inherited=count, other=count))
def test_each_bar_of_mistakes_is_whole(overlap: ErrorOverlap) -> None:
    figure = error_overlap_chart(overlap, 0.8)
    totals: dict[str, float] = {}
    for trace in figure.data:
        totals[trace.y[0]] = totals.get(trace.y[0], 0) + trace.x[0]
    for row, total in totals.items():
        empty = (
            overlap.kept + overlap.new == 0
            if "right" in row
            else overlap.corrected + overlap.inherited + overlap.other == 0
        )
        assert total == pytest.approx(0 if empty else 1)
    assert {shape.x0 for shape in figure.layout.shapes} == {0.8}


def test_colours_of_mistakes_distinguish_the_teachers_from_the_students_own() -> None:
    bars = {
        trace.name: trace.marker.color
        for trace in error_overlap_chart(ErrorOverlap(kept=80, new=5, corrected=4, inherited=11, other=3), 0.84).data
    }
    assert (bars["kept right"], bars["corrected"]) == (faded(TEACHER, FILL), faded(STUDENT, FILL))
    blue, orange = (",".join(str(int(c[i : i + 2], 16)) for i in (1, 3, 5)) for c in (TEACHER, STUDENT))
    assert blue in bars["inherited mistake"]
    assert orange in bars["newly wrong"]
    assert "another mistake" not in {
        trace.name
        for trace in error_overlap_chart(ErrorOverlap(kept=80, new=5, corrected=4, inherited=11, other=0), 0.84).data
    }


def test_confusion_is_shared_out_by_the_true_label() -> None:
    [heat] = confusion_map(((3, 1), (0, 0)), ("no", "yes"), TEACHER).data
    assert [list(row) for row in heat.z] == [[0.75, 0.25], [0, 0]]
    assert heat.text[0][0] == "3<br>75 %"


def test_reliability_leaves_empty_bins_out() -> None:
    student = ConfidenceCalibration(0.1, (0, 4, 16), (0.0, 0.55, 0.9), (0.0, 0.5, 0.8))
    teacher = ConfidenceCalibration(0.0, (0, 0, 20), (0.0, 0.0, 0.9), (0.0, 0.0, 0.9))
    _, of_teacher, of_student = reliability(student, teacher, 2).data
    assert (list(of_teacher.x), list(of_teacher.y)) == ([0.9], [0.9])
    assert (list(of_student.x), list(of_student.y), list(of_student.customdata)) == ([0.55, 0.9], [0.5, 0.8], [4, 16])
    small, large = of_student.marker.size
    assert small < large


def test_probabilities_side_by_side() -> None:
    teacher, student = probabilities((0.3, 0.7), (0.9, 0.1), ("no", "yes")).data
    assert (list(student.x), list(teacher.x)) == ([0.3, 0.7], [0.9, 0.1])
    assert (student.marker.color, teacher.marker.color) == (faded(STUDENT, FILL), faded(TEACHER, FILL))


def test_the_table_of_differences_has_the_truths_probabilities() -> None:
    test = Examples(("bad", "good"), (0, 1))
    table = differences_table([DivergentExample(1, 0.4, (0.8, 0.2), (0.1, 0.9))], test, ("no", "yes"))
    assert table.iloc[0].to_dict() == {
        "example": "good",
        "true label": "yes",
        "teacher predicts": "yes",
        "student predicts": "no",
        "teacher, of the true label": 90.0,
        "student, of the true label": 20.0,
        "divergence": 0.4,
    }


def test_verdicts_say_which_is_better_or_neither_with_the_numbers() -> None:
    close = Pair(both=700, only_first=60, only_second=50, neither=190, p=0.391, difference=0.01, low=-0.011, high=0.031)
    words = pair_in_words(close, "A", "B")
    assert "**No significant difference between A and B**" in words
    assert "p = 0.39" in words
    assert "A minus B is 1.0 points (95 % interval −1.1 to 3.1)" in words
    assert "110 examples" in words
    worse = Pair(both=700, only_first=20, only_second=80, neither=200, p=1e-9, difference=-0.06, low=-0.08, high=-0.04)
    assert "B is better than A**, by 6.0 points (95 % interval 4.0 to 8.0)" in pair_in_words(worse, "A", "B")
    assert "p < 0.0001" in pair_in_words(worse, "A", "B")
    assert pair_table(worse, "A", "B").iloc[:, 1:].to_numpy().sum() == 1000
    limit = Pair(both=1, only_first=1, only_second=6, neither=0, p=0.05, difference=-0.5, low=-0.9, high=-0.1)
    assert "No significant difference" in pair_in_words(limit, "A", "B")


def test_seeds_and_designs_in_words() -> None:
    several, one = SeedMean(3, 0.796, 0.0123), SeedMean(1, 0.75, None)
    assert seeds_in_words(several) == "79.6 % ± 1.2 points (3 seeds)"
    assert "one seed" in seeds_in_words(one)
    assert "A is better on average**, by 4.6 points (95 % interval 1.0 to 8.0)" in mean_difference_in_words(
        MeanDifference(0.046, 0.01, 0.08), "A", "B"
    )
    assert "B is better on average**, by 4.6 points (95 % interval 1.0 to 8.0)" in mean_difference_in_words(
        MeanDifference(-0.046, -0.08, -0.01), "A", "B"
    )
    assert "No significant difference over these seeds" in mean_difference_in_words(
        MeanDifference(0.046, -0.01, 0.08), "A", "B"
    )


def test_mistakes_in_words() -> None:
    words = error_overlap_in_words(ErrorOverlap(kept=850, new=50, corrected=20, inherited=75, other=5), 0.87)
    assert "100 mistakes" in words
    assert "75 (75 %)" in words
    assert "13 %" in words
    assert "makes no mistake" in error_overlap_in_words(
        ErrorOverlap(kept=98, new=2, corrected=0, inherited=0, other=0), 0.98
    )


def test_what_was_not_read_in_words() -> None:
    assert unread_in_words(TextPrediction(("a", "b"), 0.0, "", (0.5, 0.5)), "the student") == ""
    words = unread_in_words(TextPrediction(("a", "[UNK]"), 0.5, "x" * 500, (0.5, 0.5)), "the student")
    assert "50 % of the tokens" in words
    assert "first 2 tokens" in words
    assert "500 characters" in words
    markdown = unread_in_words(TextPrediction(("a",), 0.0, "*b* `$c$`\n# d", (0.5, 0.5)), "the student")
    assert markdown.endswith("cut off: `*b* '$c$' # d`")
    assert "no token that the teacher can read" in unread_in_words(TextPrediction((), 0.0, "", None), "the teacher")


@pytest.mark.parametrize(
    ("text", "share"),
    [("a film", 0), ("café, 10 %", 0), ("кино", 1), ("ab кн", 0.5), ("10 % 🙂", 0), ("映画 film", 2 / 6)],
)
def test_letters_that_are_not_latin(text: str, share: float) -> None:
    assert non_latin_fraction(text) == pytest.approx(share)


def test_a_student_above_its_teacher_is_told_only_if_it_is_significant() -> None:
    above = ErrorOverlap(kept=100, new=5, corrected=25, inherited=5, other=0)
    assert exceeds_teacher(above)
    words = above_teacher_in_words(above)
    assert "only the student is right on 25 test examples, only the teacher on 5" in words.replace("Only", "only")
    assert "trained too little" in words
    assert not exceeds_teacher(replace(above, corrected=8))  # p = 0.58
    assert not exceeds_teacher(replace(above, corrected=5, new=25))
    assert not exceeds_teacher(replace(above, corrected=0, new=0))
