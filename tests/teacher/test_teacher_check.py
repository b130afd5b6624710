"""A teacher is checked against its task: the order of its labels, its accuracy and its tokenizer."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import BertTokenizerFast

from labcore.__main__ import main
from labcore.data.tasks import Task
from labcore.runs.store import Store
from labcore.runs.teacher_check import check_teacher
from labcore.runs.teacher_models import load_for
from labcore.teacher.labels import order_by_name
from labcore.teacher.load import TeacherError
from tests.shared.brought_teachers import change_tensors, configure, spec_of


def test_labels_in_another_order_are_matched_by_name(folder: Path, task: Task) -> None:
    right = check_teacher(str(folder), "reviews")
    assert right is not None
    assert right.accuracy >= 0.8
    change_tensors(folder, lambda t: t | {n: t[n].flip(0) for n in ("classifier.weight", "classifier.bias")})
    with pytest.raises(TeacherError, match=r'another order.*"id2label": {"0": "good", "1": "bad"}'):
        check_teacher(str(folder), "reviews")
    configure(folder, id2label={"0": "GOOD", "1": "Bad"}, label2id={"GOOD": 0, "Bad": 1})
    again = check_teacher(str(folder), "reviews")
    assert again is not None
    assert again.accuracy == right.accuracy
    assert load_for(str(folder), "reviews").model.config.id2label == {0: "bad", 1: "good"}


@pytest.mark.parametrize(
    ("given", "wanted", "order"),
    [
        (("positive", "negative"), ("negative", "positive"), (1, 0)),
        (("NEG", "POS"), ("negative", "positive"), (0, 1)),
        (("LABEL_0", "LABEL_1"), ("negative", "positive"), None),
        (("0", "1"), ("negative", "positive"), None),
        (("good", "bad"), ("negative", "positive"), None),
        (("a", "a"), ("a", "b"), None),
        (("sports", "tech", "business"), ("business", "sports", "tech"), (2, 0, 1)),
        (("sci_fi", "Sci Fi horror"), ("sci fi", "sci fi horror"), (0, 1)),
    ],
)
def test_labels_by_name(given: tuple[str, ...], wanted: tuple[str, ...], order: tuple[int, ...] | None) -> None:
    assert order_by_name(given, wanted) == order


def test_a_teacher_no_better_than_the_majority_is_never_let_through(
    folder: Path, task: Task, store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change_tensors(folder, lambda t: t | {"classifier.bias": torch.tensor([100.0, 0.0])})  # always the same class
    with pytest.raises(TeacherError, match="does not do this task"):
        check_teacher(str(folder), "reviews")
    spec = tmp_path / "spec.json"
    spec.write_text(spec_of(folder).to_json())
    assert main(["run", "--spec", str(spec), "--home", str(store.home)]) == 2
    assert "does not do this task" in capsys.readouterr().err
    assert store.runs() == []


def test_a_tokenizer_that_knows_no_word_is_never_let_through(folder: Path, task: Task) -> None:
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"x{i}" for i in range(55))]
    BertTokenizerFast(vocab={word: i for i, word in enumerate(words)}).save_pretrained(folder)
    with pytest.raises(TeacherError, match=r"100 %.*\[UNK\]"):
        check_teacher(str(folder), "reviews")
