"""The report of an attempt: it stands alone, fits a phone, and claims no more than was checked."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from playwright.sync_api import expect

from labcore.evaluate.significance import over_seeds, paired
from labcore.exercise.attempt import Attempt
from labcore.exercise.attempt_results import results_of
from labcore.exercise.student_pairs import StudentPair, compare_pairs
from labcore.exercise.submission import Submission, submit
from labcore.results.evaluation import MeanDifference, PairedComparison
from labcore.runs.store import Store
from labcore.views.exercise.report import report
from tests.shared.attempts import EARLY, LATE, counted, ran
from tests.shared.browser import browsing
from tests.shared.runs import finished

REASON = (
    "I take A because it keeps the accuracy of its teacher, and a fourth of its parameters is gone. I need no less."
)
MAX_BYTES = 100_000


class Page(HTMLParser):
    """What an HTML file opens, and its words."""

    def __init__(self, text: str):
        super().__init__()
        self.tags: list[str] = []
        self.sources: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.sources += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.words += f" {data}"


def submitted(attempt: Attempt) -> Submission:
    results = results_of(attempt, Store().runs())
    assert results is not None
    return submit(attempt, results)


def chosen(**changes: object) -> Attempt:
    return replace(ran(), choice=0, reason=REASON, name="Ada", **changes)  # type: ignore[arg-type]


def pair(first: str, second: str, difference: MeanDifference | None = None) -> StudentPair:
    right = np.random.default_rng(0).random((2, 1100)) < np.array([[0.82], [0.6]])
    seeds = over_seeds([0.82])
    return StudentPair(first, second, PairedComparison(paired(*right), seeds, seeds, difference))


def test_a_report_stands_alone_and_believes_nobody() -> None:
    wicked = "<script>alert(1)</script>"
    attempt = replace(chosen(), reason=f"{wicked} {REASON}", name=f"Ada {wicked}")
    text = report(replace(submitted(attempt), machine=wicked))
    page = Page(text)
    assert "script" not in page.tags
    assert page.sources == []  # nothing is fetched
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 4
    assert '<html lang="en">' in text
    assert len(text.encode()) < MAX_BYTES
    for words in ("17,390,594", "82.0 % ±", "A is dominated by B", "Predicted: A", "22,713,986"):
        assert words in text
    assert attempt.id not in text  # a report is shown about, and the id is the way back to the attempt
    assert 'role="img" aria-label="Accuracy against parameters: the teacher at 84.0 %, A 77 % of the size' in text


def test_a_report_names_each_run() -> None:
    submission = submitted(chosen())
    assert all(run in report(submission) for student in submission.results.students for run in student.runs)


def test_times_are_written_for_people() -> None:
    attempt = counted().with_prediction(0, EARLY).begin(LATE)
    for spec in attempt.specs:
        finished(spec)
    text = report(submitted(attempt))
    assert "on 2 January 2026, 10:00 UTC" in text
    assert "on 2 January 2026, 11:00 UTC" in text
    assert "T10:00" not in text


def test_pairs_are_tested_and_their_absence_is_stated() -> None:
    submission = submitted(chosen())
    assert "There is no paired test" in report(submission)
    assert compare_pairs(submission.attempt, Store().runs(), Store()) == []  # made-up runs have no predictions
    words = Page(report(submission, [pair("A", "C"), pair("A", "B", MeanDifference(0.01, -0.02, 0.04))])).words
    assert "A is better than C" in words
    assert "p < 0.0001" in words
    assert "No significant difference between A and B" in words


@pytest.mark.parametrize(
    ("changes", "words", "not_words"),
    [
        ({}, "A counting line proves the counts", "Counts as entered"),
        ({"counting_line": ""}, "Counts as entered: all within 0.5 %", "proves"),
        ({"counting_line": "", "teacher_count": 1}, "not right: the teacher", "proves"),
        ({"teacher_count": 22_713_987}, "did not check how the entered counts were made", "proves"),
        ({"counting_line": "", "shown": True}, "The right counts were shown", "proves"),
    ],
)
def test_a_report_claims_what_was_checked(changes: dict[str, object], words: str, not_words: str) -> None:
    page = Page(report(submitted(chosen(**changes)))).words
    assert words in page
    assert not_words not in page


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_fits_the_screen(width: int, height: int, scheme: str) -> None:
    long = replace(chosen(), reason="w" * 2000, name="N" * 100)
    with browsing(width, height) as page:
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_content(report(submitted(long), [pair("A", "B"), pair("A", "C"), pair("B", "C")]))
        expect(page.get_by_role("img", name="Accuracy against parameters")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        box = page.locator("figure > svg").bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= width
        ink, paper = page.evaluate(
            "[getComputedStyle(document.body).color, getComputedStyle(document.body).background]"
        )
        assert (ink == "rgb(236, 234, 230)") == (scheme == "dark"), paper


def test_a_report_prints_on_two_pages() -> None:
    with browsing() as page:
        page.emulate_media(color_scheme="dark")  # paper is light all the same
        page.set_content(report(submitted(chosen()), [pair("A", "B"), pair("A", "C"), pair("B", "C")]))
        assert len(re.findall(rb"/Type /Page\b", page.pdf(format="A4"))) == 2
