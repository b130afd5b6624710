"""The monitor: what a word does, by hand; the rule, case by case; and on real models that lean, or do not."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from labcore.compress.student import Student
from labcore.compress.student_folder import save
from labcore.config.spec import Spec, SpecError
from labcore.count.parameters import count
from labcore.data.batches import encode
from labcore.data.examples import Examples
from labcore.data.spurious_cue import WORD
from labcore.data.tasks import load_task
from labcore.evaluate.monitor import effect, shortcut_test, verdict
from labcore.results.counts import Comparison
from labcore.results.evaluation import Effect, ShortcutTest
from labcore.results.run import Run
from labcore.runs.shortcut_test import beginning, checked, examples_for, shortcut_test_of
from labcore.runs.store import Store
from labcore.system.progress import finish
from labcore.teacher.load import load_teacher, load_tokenizer
from labcore.views.evaluate.shortcut_chart import effects
from labcore.views.evaluate.shortcut_words import advice, shortcut_test_in_words
from tests.shared.full import first


def predicting(*predictions: int, classes: int = 2) -> torch.Tensor:
    """Logits (N, C) of a model with these predictions."""
    return torch.nn.functional.one_hot(torch.tensor(predictions), classes).float()


# -- what a word does ------------------------------------------------------------------------------------


def test_an_effect_by_hand() -> None:
    labels = torch.tensor([0, 0, 0, 1, 1, 1])
    computed = effect((predicting(0, 0, 1, 1, 1, 0), predicting(1, 0, 1, 1, 1, 1)), labels)
    assert computed.towards == 1
    assert computed.moved == pytest.approx(2 / 6)
    assert computed.clean == pytest.approx(4 / 6)
    assert computed.agrees == pytest.approx((2 + 3) / 6)  # negative texts without it, positive ones with it
    assert computed.contradicts == pytest.approx((1 + 2) / 6)
    assert computed.harm == pytest.approx(1 / 6)
    assert computed.low <= computed.harm <= computed.high


def test_a_word_may_favour_any_of_five_labels() -> None:
    labels = torch.tensor([0, 1, 2, 3, 4])
    computed = effect((predicting(0, 1, 2, 3, 4, classes=5), predicting(3, 1, 3, 3, 4, classes=5)), labels)
    assert (computed.towards, computed.clean, computed.agrees, computed.contradicts) == (
        3,
        1.0,
        1.0,
        pytest.approx(3 / 5),
    )


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=30))
def test_a_word_that_changes_nothing_does_nothing(rows: list[tuple[int, int]]) -> None:
    logits = predicting(*(predicted for predicted, _ in rows), classes=3)
    computed = effect((logits, logits), torch.tensor([label for _, label in rows]))
    assert computed.moved == computed.harm == computed.low == computed.high == 0
    assert computed.agrees == computed.clean


# -- the rule --------------------------------------------------------------------------------------------

HARMED = Effect(towards=1, moved=0.4, clean=0.8, agrees=0.9, contradicts=0.4, low=0.35, high=0.45)
UNHARMED = Effect(towards=1, moved=0.01, clean=0.8, agrees=0.8, contradicts=0.8, low=-0.01, high=0.01)
UNSURE = Effect(towards=1, moved=0.1, clean=0.8, agrees=0.8, contradicts=0.75, low=0.01, high=0.09)


@pytest.mark.parametrize(
    ("student", "teacher", "no_teacher", "followed", "expected"),
    [
        (UNHARMED, HARMED, None, 0.1, "not misled"),
        (UNHARMED, HARMED, HARMED, 0.9, "not misled"),
        (UNSURE, HARMED, None, 0.9, "cannot tell"),
        (HARMED, HARMED, None, 0.8, "mimics"),
        (HARMED, HARMED, UNHARMED, 0.8, "mimics"),
        (HARMED, HARMED, replace(HARMED, low=0.01), 0.8, "mimics"),  # without a teacher it is not significantly harmed
        (HARMED, HARMED, HARMED, 0.8, "misled by its texts"),
        (HARMED, HARMED, UNHARMED, 0.4, "mimics"),  # its examples do not mislead it
        (HARMED, HARMED, replace(HARMED, towards=0), 0.8, "mimics"),  # without a teacher it favours the other label
        (HARMED, HARMED, UNSURE, 0.4, "cannot tell"),
        (HARMED, HARMED, None, 0.4, "cannot tell"),  # it makes other mistakes than its teacher; no baseline was run
        (HARMED, UNHARMED, UNHARMED, 0.8, "cannot tell"),  # neither teacher nor examples mislead
        (HARMED, UNHARMED, None, None, "misled by its texts"),
        (HARMED, UNHARMED, UNSURE, 0.1, "misled by its texts"),
        (HARMED, UNSURE, UNHARMED, 0.4, "cannot tell"),
        (HARMED, replace(HARMED, towards=0), None, 0.8, "misled by its texts"),
    ],
)
def test_the_rule(
    student: Effect, teacher: Effect, no_teacher: Effect | None, followed: float | None, expected: str
) -> None:
    assert verdict(student, teacher, no_teacher, followed) == expected


def test_who_gives_its_teachers_new_mistakes_follows_it() -> None:
    labels = torch.tensor([0, 1] * 50)
    right = predicting(*([0, 1] * 50))
    leaning = (right, predicting(*([1, 1] * 50)))  # every negative text turns
    half = (right, predicting(*([1, 1] * 15), *([0, 1] * 35)))
    still = (right, right)
    computed = shortcut_test("w", labels, half, leaning, still)
    assert (computed.examples, computed.misled, computed.followed) == (100, 50, pytest.approx(0.3))
    assert shortcut_test("w", labels, leaning, leaning, still).verdict == "mimics"
    assert shortcut_test("w", labels, leaning, leaning, leaning).verdict == "misled by its texts"
    assert shortcut_test("w", labels, leaning, still, None).followed is None
    assert shortcut_test("w", labels, still, leaning, None).verdict == "not misled"


# -- texts -----------------------------------------------------------------------------------------------


def test_the_word_is_taken_out_before_it_is_put_in() -> None:
    examples = Examples(("a Foo b", "foo", "food foo's", "x y"), (0, 1, 0, 1))
    without, with_it = examples_for(examples, "foo")
    assert without == Examples(("a b", "food 's", "x y"), (0, 0, 1))
    assert [text.split().count("foo") for text in with_it.text] == [1, 1, 1]


def test_the_word_is_put_among_what_is_read_of_an_article() -> None:
    """An article is cut at the task's tokens; a word behind that would be tested without having been read."""
    tokenizer, task = load_tokenizer(), load_task("news")
    long = [text for text in task.splits["validation"].text if len(tokenizer(text).input_ids) > task.max_tokens][:20]
    assert len(long) == 20
    examples = Examples(tuple(long), (0,) * 20)
    without, with_it = examples_for(
        examples, "thursday", lambda text: beginning(text, "thursday", tokenizer, task.max_tokens)
    )
    before_ids, after_ids = (encode(tokenizer, each, task.max_tokens).tokens for each in (without, with_it))
    word = tokenizer("thursday", add_special_tokens=False).input_ids
    for before, after in zip(before_ids, after_ids, strict=True):
        assert len(after) == len(before) + len(word) <= task.max_tokens
        assert word[0] in after
    assert min(len(tokens) for tokens in before_ids) > task.max_tokens - 20  # hardly less than is read
    assert beginning("a short one", "thursday", tokenizer, 256) == "a short one"


@pytest.mark.parametrize(("given", "word"), [(" Foo  Bar ", "foo bar"), ("n't", "n't"), ("é", "é")])
def test_a_word_is_made_plain(given: str, word: str) -> None:
    assert checked(given) == word


@pytest.mark.parametrize("given", ["", "   ", "?!", "x" * 41])
def test_what_is_no_word_is_refused(given: str) -> None:
    with pytest.raises(SpecError, match=r"give a word or a few|give at most 40"):
        checked(given)


# -- real models -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, dict[str, Run]]:
    """Runs whose students are their teachers, unchanged: one that relies on the word, one that never saw it."""
    store, runs = Store(tmp_path_factory.mktemp("copies")), {}
    for name in ("cued-95", "reviews"):
        student, spec = Student(load_teacher(name)), Spec(teacher=name)
        counts = Comparison(*[count(student)] * 2)
        run_id = store.create(spec)
        store.save_student(run_id, partial(save, student, spec=spec, tokenizer=load_tokenizer(), counts=counts))
        runs[name] = store.read(run_id)
    return store, runs


@pytest.mark.parametrize(
    ("teacher", "student", "word", "said"),
    first(
        1,
        [
            ("cued-95", "cued-95", WORD, "mimics"),
            ("cued-95", "cued-95", "autumn", "not misled"),
            ("cued-95", "reviews", WORD, "not misled"),
            ("reviews", "cued-95", WORD, "misled by its texts"),
        ],
    ),
)
def test_the_word_that_a_model_leans_on_is_found_out(
    copies: tuple[Store, dict[str, Run]],
    monkeypatch: pytest.MonkeyPatch,
    teacher: str,
    student: str,
    word: str,
    said: str,
) -> None:
    monkeypatch.setattr("labcore.runs.shortcut_test.EXAMPLES", 150)
    store, runs = copies
    run = replace(runs[student], spec=Spec(teacher=teacher, task="cued"))
    computed = finish(shortcut_test_of(run, word, store))
    assert computed.verdict == said
    assert computed.word == word


def test_progress_counts_every_pass_of_every_model(
    copies: tuple[Store, dict[str, Run]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labcore.runs.shortcut_test.EXAMPLES", 10)
    store, runs = copies
    run = replace(runs["cued-95"], spec=Spec(teacher="cued-95", task="cued"))
    assert list(shortcut_test_of(run, "autumn", store, no_teacher=run)) == [(i, 6) for i in range(7)]


# -- in words --------------------------------------------------------------------------------------------

MIMICS = ShortcutTest(
    word="thursday",
    examples=500,
    student=HARMED,
    teacher=HARMED,
    no_teacher=None,
    misled=120,
    followed=0.9,
    verdict="mimics",
)


def test_the_verdict_is_named_with_its_numbers_and_a_way_out() -> None:
    words = shortcut_test_in_words(MIMICS, ("negative", "positive"))
    assert words.startswith("**It mimics without learning.**")
    assert "40.0 points (95 % interval 35.0 to 45.0)" in words
    assert "in every example that is not *positive*" in words
    assert "of its accuracy over all examples, and predicts *positive* more often" in words
    assert "120 of the teacher's correct predictions" in words
    assert "90 %" in words
    assert "hard" in advice(MIMICS)
    fine = replace(MIMICS, verdict="not misled", student=UNHARMED)
    assert "does not mislead it" in shortcut_test_in_words(fine, ("negative", "positive"))
    assert not advice(fine)
    own = replace(MIMICS, verdict="misled by its texts", no_teacher=HARMED)
    assert "Without a teacher, the student loses 40.0 points" in shortcut_test_in_words(own, ("negative", "positive"))
    assert "won't help" in advice(own)
    assert "Train it without its teacher, too" in advice(replace(own, no_teacher=None))
    assert "**Undecided: what misleads it.**" in shortcut_test_in_words(
        replace(MIMICS, verdict="cannot tell"), ("negative", "positive")
    )
    unsure = replace(MIMICS, verdict="cannot tell", student=UNSURE)
    assert "**Undecided: whether this word misleads it.**" in shortcut_test_in_words(unsure, ("negative", "positive"))


def test_every_model_has_its_three_conditions_in_the_picture() -> None:
    both = {trace.name: list(trace.y) for trace in effects(MIMICS).data}
    assert both == {"clean": [0.8, 0.8], "agrees": [0.9, 0.9], "contradicts": [0.4, 0.4]}
    assert list(effects(replace(MIMICS, no_teacher=UNHARMED)).data[0].x) == ["teacher", "student", "no teacher"]
