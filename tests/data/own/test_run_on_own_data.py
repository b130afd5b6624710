"""A run on data of one's own, from the file to the saved student, by the command line."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import torch
from transformers import BertForSequenceClassification, BertTokenizerFast

from labcore.__main__ import main
from labcore.models import encoder
from tests.shared.spec_file import spec_file
from tests.shared.tiny import TINY, WORDS

TOKENIZER = BertTokenizerFast(vocab={word: i for i, word in enumerate(WORDS)})


def phrases(n: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    return [" ".join(f"w{draw.randrange(50)}" for _ in range(draw.randint(2, 9))) for _ in range(n)]


@pytest.fixture
def teacher(tmp_path: Path, tiny: BertForSequenceClassification) -> Path:
    """A teacher whose predictions depend on the types of the tokens."""
    with torch.no_grad():
        encoder.embedding_tables(tiny)[2].weight.mul_(20)
    tiny.save_pretrained(tmp_path / "teacher")
    TOKENIZER.save_pretrained(tmp_path / "teacher")
    return tmp_path / "teacher"


@pytest.mark.parametrize("pairs", [True, False])
def test_a_file_becomes_a_student(
    pairs: bool,
    teacher: Path,
    tiny: BertForSequenceClassification,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Its labels are what transformers itself predicts, so that the lab's teacher must be right for all of them."""
    first, second = phrases(400, 1), phrases(400, 2)
    batch = TOKENIZER(first, second if pairs else None, padding=True, truncation="longest_first",
                      max_length=TINY.positions, return_tensors="pt")  # fmt: skip
    with torch.no_grad():
        logits = tiny(**batch).logits
        middle = torch.tensor([float(logits.diff(dim=1).median()), 0.0])  # so that both classes are frequent
        encoder.head(tiny)[1].bias += middle
    labels = [("no", "yes")[i] for i in (logits + middle).argmax(-1).tolist()]
    tiny.save_pretrained(teacher)
    rows = [
        {"text_a": one, "label": label} | ({"text_b": other} if pairs else {})
        for one, other, label in zip(first, second, labels, strict=True)
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert main(["data", "add", str(tmp_path / "rows.jsonl"), "--max-tokens", f"{TINY.positions}"]) == 0
    added = json.loads(capsys.readouterr().out)
    assert added["columns"]["text_b"] == ("text_b" if pairs else None)
    spec = {
        "teacher": str(teacher),
        "task": added["task"],
        "steps": [{"kind": "keep_layers", "count": 2}],
        "distil": {"epochs": 1, "batch_size": 16},
    }
    assert main(["run", "--spec", spec_file(tmp_path, spec)]) == 0
    finished = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert finished["teacher"] == {"accuracy": 1.0}
    assert main(["data", "remove", added["hash"]]) == 0
    capsys.readouterr()
    assert main(["run", "--spec", spec_file(tmp_path, spec)]) == 2
    error = capsys.readouterr().err
    assert f"data set {added['hash']} is not on this machine" in error
    assert error.count("\n") == 1
