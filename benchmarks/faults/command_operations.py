"""Commands that write: each in this process, with its standard output and error read."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from benchmarks.faults.operation import Operation
from benchmarks.faults.tiny_lab import tiny_lab
from labcore.__main__ import main
from labcore.data.tasks import load_task
from labcore.evaluate import reference
from labcore.finetune import lora, train_stage
from labcore.system.home import default_home
from tests.shared.own_data import some
from tests.shared.source_files import ROOT
from tests.shared.tiny import tiny_bert

SUBMISSION = ROOT / "tests" / "before" / "hand_in.json"
SHIPPED, LABELS = "frontier", ("--labels", "LABEL_0,LABEL_1")


class Refused(Exception):
    """A command ended with one line on standard error, as people expect it."""

    for_people = True  # see labcore.system.faults


def command(*arguments: object) -> None:
    """Call a command. Raises Refused if it ended with a line, and AssertionError if with anything else."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main([str(each) for each in arguments])
    lines = [line for line in err.getvalue().splitlines() if line.startswith("error:")]
    assert "Traceback" not in err.getvalue(), err.getvalue()
    assert status == 0 or lines or arguments[0] == "grade", err.getvalue()  # a grade may be bad
    if lines:
        assert len(lines) == 1, lines
        assert "did not foresee" not in lines[0], lines[0]
        raise Refused(lines[0])


def out(name: str) -> Path:
    """A file or folder that a command writes, in the home, so that it fails with it."""
    return default_home() / "out" / name


def _make_out() -> None:
    (default_home() / "out").mkdir(parents=True)


def _spec() -> Path:
    path = tiny_lab().folder / "spec.json"
    if not path.exists():
        path.write_text(tiny_lab().spec.to_json())
    return path


def _csv() -> Path:
    path = tiny_lab().folder / "mine.csv"
    if not path.exists():
        path.write_text("\n".join(["text,label", *(",".join(row) for row in some(60))]))
    return path


def _finetune() -> None:
    """The command without its training, on a tiny base."""

    def few(*_: Any, **__: Any) -> Iterator[Any]:
        return iter(())

    splits = load_task("reviews").splits
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lora, "load_base", lambda labels: tiny_bert())
        patch.setattr(train_stage, "load_base", lambda labels: tiny_bert())
        patch.setattr(lora, "train_stage", few)
        patch.setattr(lora, "card", lambda *_: "a card")
        patch.setattr(lora, "load_tokenizer", lambda: tiny_lab().tokenizer)
        patch.setattr(lora, "teacher_examples", lambda teacher: (splits["train"], {"validation": splits["validation"]}))
        command("finetune", "reviews", "--out", out("adapter"))


OPERATIONS = (
    Operation(name="command: run", stepwise=True, slow=True, act=lambda: command("run", "--spec", _spec())),
    Operation(name="command: derive --out", prepare=_make_out, slow=True,
              act=lambda: command("derive", "--spec", _spec(), "--out", out("student"))),
    Operation(name="command: data add", slow=True, act=lambda: command("data", "add", _csv())),
    Operation(name="command: teacher bring", slow=True,
              act=lambda: command("teacher", "bring", tiny_lab().teacher, "--task", "reviews", *LABELS)),
    Operation(name="command: grade --csv", prepare=_make_out, slow=True,
              act=lambda: command("grade", SUBMISSION, "--counts-only", "--csv", out("grades.csv"))),
    Operation(name="command: finetune --out", prepare=_make_out, slow=True, act=_finetune),
    Operation(name="command: tidy --delete", prepare=lambda: command("run", "--spec", _spec()), slow=True,
              act=lambda: command("tidy", "--delete")),
    Operation(name="write reference results", prepare=_make_out,
              act=lambda: reference.write(_shipped(), out("results.json"))),
)  # fmt: skip


def _shipped() -> reference.ReferenceResults:
    results = reference.reference_results(SHIPPED)
    assert results is not None
    return results
