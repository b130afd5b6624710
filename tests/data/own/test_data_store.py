"""Data sets on disk, and as tasks: whole or not there, and a damaged folder is one line."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from labcore.config.spec import DistilConfig, Spec, SpecError
from labcore.data.own import data_store
from labcore.data.own.columns import Columns
from labcore.data.own.data_set import DataSet, make_data_set
from labcore.data.own.data_store import all_data_sets, load, remove, rename, save, summary
from labcore.data.own.limits import DataError
from labcore.data.own.table import Table
from labcore.data.tasks import label_names, load_task, split_sizes, task_title, transfer_set_of
from labcore.database.schema import DATA_SETS
from labcore.evaluate.baselines import training_steps
from labcore.runs.home_database import home_database
from tests.shared.own_data import known_of, set_known


def a_set(name: str = "mine", n: int = 200, **settings: int) -> DataSet:
    rows = tuple((f"text number {i}\nor line\u2028two «{i * 3}»", ("ja", "nein")[i % 2]) for i in range(n))
    return make_data_set(Table(("text", "label"), rows), Columns("text", "label"), name, **settings)[0]


def a_pair_set() -> DataSet:
    rows = tuple((f"one {i}", f"other {i}", "abc"[i % 3]) for i in range(200))
    columns = Columns("one", "label", text_b="other")
    return make_data_set(Table(("one", "other", "label"), rows), columns, "pairs")[0]


@pytest.mark.parametrize("make", [a_set, a_pair_set])
def test_a_data_set_comes_back_as_it_was(make: object, lab_home: Path) -> None:
    data_set: DataSet = make()  # type: ignore[operator]
    assert load(save(data_set).hash) == data_set
    assert sorted(os.listdir(lab_home / "data")) == [data_set.hash]
    assert sorted(os.listdir(lab_home / "data" / data_set.hash)) == ["rows.jsonl"]


def test_a_summary_needs_no_examples(lab_home: Path) -> None:
    rows = tuple((f"text {i}", "ab"[i % 2]) for i in range(200))
    data_set, report = make_data_set(Table(("text", "label"), rows), Columns("text", "label"), "mine")
    save(data_set, report)
    (lab_home / "data" / data_set.hash / "rows.jsonl").unlink()
    known = summary(data_set.hash)
    assert (known.name, known.rows, known.classes, known.label_names) == ("mine", 200, 2, ("a", "b"))
    assert (known.splits, known.report, known.task) == (report.splits, report, f"data:{data_set.hash}")
    with pytest.raises(DataError, match="is damaged"):
        load(data_set.hash)


def test_data_sets_are_listed_the_newest_first_and_damaged_ones_last(lab_home: Path) -> None:
    assert all_data_sets() == []
    sets = [a_set(f"set {n}", n) for n in (100, 120, 140)]
    for each in sets:
        save(each)
    set_known(sets[2].hash, lab_home, content="{")
    (lab_home / "data" / "notes").mkdir()
    listed = all_data_sets()
    assert [each.name for each in listed] == ["set 120", "set 100", sets[2].hash]
    assert "is damaged" in listed[2].damaged
    remove(sets[2].hash)
    assert len(all_data_sets()) == 2


def test_the_same_data_are_kept_once_under_their_first_name() -> None:
    kept = save(a_set("one"))
    assert save(a_set("two")) == kept
    assert [each.name for each in all_data_sets()] == ["one"]
    first = kept.hash
    rename(first, " three\n<b> ")
    assert summary(first).name == load(first).name == "three <b>"
    with pytest.raises(DataError, match="empty"):
        rename(first, "\u200b")
    with pytest.raises(DataError, match="has 81 characters; give at most 80"):
        rename(first, "n" * 81)
    assert summary(first).name == "three <b>"


def test_a_damaged_folder_is_replaced_when_its_data_come_again(lab_home: Path) -> None:
    data_set = a_set()
    save(data_set)
    set_known(data_set.hash, lab_home, content="[]")
    assert load(save(data_set).hash) == data_set
    (lab_home / "data" / data_set.hash / "rows.jsonl").write_text("")
    assert load(save(a_set("another")).hash) == data_set


DAMAGES = {
    "nothing": lambda folder: set_known(folder.name, folder.parents[1], content=""),
    "half of what is known": lambda folder: set_known(folder.name, folder.parents[1], content='{"label_names": "x"'),
    "a list": lambda folder: set_known(folder.name, folder.parents[1], content="[]"),
    "another type": lambda folder: change(folder, label_names=3),
    "one class": lambda folder: change(folder, label_names=["a"]),
    "other names": lambda folder: change(folder, label_names=["a", "b"]),
    "other tokens": lambda folder: change(folder, max_tokens=64),
    "tokens of no model": lambda folder: change(folder, max_tokens=10**9),
    "pairs": lambda folder: change(folder, pairs=True),
    "no name": lambda folder: set_known(folder.name, folder.parents[1], name=""),
    "no rows": lambda folder: (folder / "rows.jsonl").unlink(),
    "empty rows": lambda folder: (folder / "rows.jsonl").write_text(""),
    "half of the rows": lambda folder: (folder / "rows.jsonl").write_bytes((folder / "rows.jsonl").read_bytes()[:999]),
    "binary rows": lambda folder: (folder / "rows.jsonl").write_bytes(b"\xff\xfe\x00" * 99),
    "a row of no list": lambda folder: (folder / "rows.jsonl").write_text("3\n"),
    "a row of another split": lambda folder: (folder / "rows.jsonl").write_text('["dev", 0, "x"]\n'),
    "a row of another label": lambda folder: (folder / "rows.jsonl").write_text('["train", 7, "x"]\n'),
    "a label of text": lambda folder: (folder / "rows.jsonl").write_text('["train", "0", "x"]\n'),
    "a text of numbers": lambda folder: (folder / "rows.jsonl").write_text('["train", 0, 5]\n'),
    "another text": lambda folder: (folder / "rows.jsonl").write_text(
        (folder / "rows.jsonl").read_text().replace("text number 7", "text number 8", 1)
    ),
}


def change(folder: Path, **fields: object) -> None:
    set_known(folder.name, folder.parents[1], content=json.dumps(known_of(folder.name, folder.parents[1]) | fields))


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_folder_is_one_line(name: str, lab_home: Path) -> None:
    data_set = a_set()
    save(data_set)
    DAMAGES[name](lab_home / "data" / data_set.hash)
    with pytest.raises(DataError) as caught:
        load(data_set.hash)
    assert f"data set {data_set.hash} is damaged" in f"{caught.value}"
    assert f"{caught.value}".endswith("remove it, and bring the file again")
    assert "\n" not in f"{caught.value}"


def test_a_folder_appears_whole_or_not_at_all(lab_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(data_store, "content_of", full)
    with pytest.raises(OSError, match="No space"):
        save(a_set())
    assert os.listdir(lab_home / "data") == []
    assert all_data_sets() == []


def test_two_that_save_the_same_at_once_both_succeed(monkeypatch: pytest.MonkeyPatch) -> None:
    data_set, original = a_set(), data_store.content_of
    inside = [False]

    def while_another_saves(*given: object) -> object:
        if not inside[0]:
            inside[0] = True
            save(data_set)
        return original(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(data_store, "content_of", while_another_saves)
    assert load(save(data_set).hash) == data_set


# -- as a task -----------------------------------------------------------------------------------------


def test_a_data_set_is_a_task() -> None:
    data_set = a_set(max_tokens=64)
    save(data_set)
    task = load_task(data_set.task)
    assert (task.name, task.label_names, task.max_tokens) == (data_set.task, ("ja", "nein"), 64)
    assert task.splits == data_set.splits
    assert (task.sample, task.sample_second, task.pairs) == (*data_set.sample, False)
    assert load_task(data_set.task) is task
    assert transfer_set_of(data_set.task) is None
    assert Spec(task=data_set.task).task == data_set.task
    with pytest.raises(SpecError, match="has no transfer set"):
        task.transfer_examples(5)


def test_a_task_of_pairs_has_both_texts() -> None:
    data_set = a_pair_set()
    save(data_set)
    task = load_task(data_set.task)
    assert task.pairs
    assert task.splits["test"].second == data_set.splits["test"].second
    assert task.sample_second.startswith("other")


def test_a_task_that_is_not_here_is_one_line() -> None:
    data_set = a_set()
    with pytest.raises(SpecError, match=rf"data set {data_set.hash} is not on this machine; bring its file"):
        load_task(data_set.task)
    save(data_set)
    task = load_task(data_set.task)
    remove(data_set.hash)
    with pytest.raises(SpecError, match="not on this machine"):
        load_task(data_set.task)
    with pytest.raises(SpecError, match="not on this machine"):
        _ = task.splits
    with pytest.raises(SpecError, match="not on this machine"):
        remove(data_set.hash)


def test_each_home_has_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data_set = a_set()
    save(data_set, home=tmp_path / "other")
    with pytest.raises(SpecError, match="not on this machine"):
        load_task(data_set.task)
    monkeypatch.setenv("LAB_HOME", str(tmp_path / "other"))
    assert load_task(data_set.task).splits == data_set.splits


@pytest.mark.parametrize("name", ["data:", "data:../../../etc", "data:" + "A" * 16, "data:" + "0" * 17, "data:\0"])
def test_a_link_names_no_path(name: str) -> None:
    with pytest.raises(SpecError, match=r"the hash of a data set is .*; give its 16 characters"):
        load_task(name)
    assert transfer_set_of(name) is None
    assert task_title(name) == name


def test_titles_are_the_names_that_people_gave() -> None:
    data_set = a_set("My reviews")
    assert task_title(data_set.task) == data_set.task
    save(data_set)
    assert task_title(data_set.task) == "My reviews"
    rename(data_set.hash, "Others")
    assert task_title(data_set.task) == "Others"
    assert task_title("news") == "news"


def test_another_label_order_is_another_data_set() -> None:
    data_set = a_set()
    assert replace(data_set, label_names=("nein", "ja")).hash != data_set.hash


def test_of_a_removed_data_set_its_runs_are_still_shown(lab_home: Path) -> None:
    data_set = a_set("secret")
    sizes = {split: len(examples) for split, examples in data_set.splits.items()}
    with pytest.raises(SpecError, match="not on this machine"):
        split_sizes(data_set.task)
    save(data_set)
    spec = Spec(task=data_set.task, distil=DistilConfig(epochs=2, batch_size=10))
    steps = training_steps(spec)
    assert steps == 2 * -(-sizes["train"] // 10)
    remove(data_set.hash)
    assert split_sizes(data_set.task) == sizes
    assert label_names(data_set.task) == ("ja", "nein")
    assert training_steps(spec) == steps
    assert task_title(data_set.task) == data_set.task
    assert all_data_sets() == []
    with pytest.raises(SpecError, match="not on this machine"):
        load_task(data_set.task)
    assert os.listdir(lab_home / "data") == []
    with home_database(lab_home).to_read() as connection:
        left = f"{connection.execute(select(DATA_SETS)).all()}"
    assert data_set.hash in left
    assert "secret" not in left
    assert "text number" not in left
    assert load(save(data_set).hash) == data_set


def test_the_labs_own_tasks_have_sizes_and_labels_too() -> None:
    assert split_sizes("news") == {"train": 1518, "validation": 256, "test": 268}
    assert label_names("reviews") == ("negative", "positive")
    with pytest.raises(SpecError, match="unknown"):
        split_sizes("weather")
