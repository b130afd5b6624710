"""`data`: a file becomes a data set, and every error is one line with exit status 2."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labcore.__main__ import main
from labcore.data.own.columns import guess_columns
from labcore.data.own.file_format import guess_format
from labcore.data.tasks import load_task
from ui.data.draft import Chosen, Draft

ROWS = [(f"Größe und Farbe {i}, ganz gut", ("gut", "übel")[i % 2], ("train", "dev", "test")[i % 3]) for i in range(300)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """As a spreadsheet writes it here: semicolons, cp1252."""
    path = tmp_path / "my reviews.csv"
    lines = ["Text;Urteil;set", *(f"{text};{label};{part}" for text, label, part in ROWS)]
    path.write_bytes("\r\n".join(lines).encode("cp1252"))
    return path


def output(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> Any:
    assert main(["data", *arguments]) == status
    out = capsys.readouterr().out
    return [json.loads(line) for line in out.splitlines()]


def test_a_file_becomes_a_task(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "add", str(file)]) == 0
    out, err = capsys.readouterr()
    added = json.loads(out)
    assert out.count("\n") == 1
    assert "note: Only 100 validation examples" in err
    assert added["format"] == {
        "kind": "csv", "encoding": "cp1252", "delimiter": ";", "header": True, "lines_above": 0,
    }  # fmt: skip
    assert added["columns"] == {"text": "Text", "label": "Urteil", "text_b": None, "split": "set"}
    assert (added["name"], added["task"], added["report"]["rows"]) == ("my reviews", f"data:{added['hash']}", 300)
    task = load_task(added["task"])
    assert task.label_names == ("gut", "übel")
    assert {split: len(examples) for split, examples in task.splits.items()} == added["report"]["splits"]


def test_what_was_guessed_can_be_given(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [added] = output(
        capsys, "add", str(file), "--text", "Urteil", "--label", "set", "--no-split", "--name", "odd",
        "--encoding", "latin-1", "--delimiter", "semicolon", "--max-tokens", "32", "--check", status=2,
    )  # fmt: skip
    assert added["columns"] == {"text": "Urteil", "label": "set", "text_b": None, "split": None}
    assert added["report"]["problems"]
    assert output(capsys, "list") == []
    [added] = output(
        capsys, "add", str(file), "--no-header", "--text-b", "column 3", "--label", "column 2", "--no-split", "--check",
        status=2,
    )  # fmt: skip
    assert added["columns"]["text_b"] == "column 3"
    assert "Too few examples of 'Urteil' (1)" in added["report"]["problems"][0]


def test_the_token_limit_is_the_pages_suggestion(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [checked] = output(capsys, "add", str(file), "--check")
    [added] = output(capsys, "add", str(file))
    content = file.read_bytes()
    draft = Draft(name=file.name, content=content, guessed=guess_format(content, file.name))
    chosen = Chosen(draft.guessed, guess_columns(draft.table(draft.guessed)))
    assert added["max_tokens"] == checked["max_tokens"] == draft.suggested(chosen) == 32
    assert draft.made(chosen, draft.suggested(chosen))[0].hash == added["hash"]
    [longer] = output(capsys, "add", str(file), "--max-tokens", "64")
    assert (longer["max_tokens"], longer["hash"] != added["hash"]) == (64, True)


def test_the_same_rows_keep_their_first_name(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [first] = output(capsys, "add", str(file), "--name", "one")
    assert main(["data", "add", str(file), "--name", "two"]) == 0
    out, err = capsys.readouterr()
    assert (json.loads(out)["hash"], json.loads(out)["name"]) == (first["hash"], "one")
    assert "were here already as 'one', and keep that name" in err
    assert [each["name"] for each in output(capsys, "list")] == ["one"]


def test_another_language_is_a_note(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "add", str(file), "--check"]) == 0
    assert "note: A word has " in capsys.readouterr().err
    file.write_text("text;label\n" + "".join(f"وصلت الشحنة متأخرة {i};{'ab'[i % 2]}\n" for i in range(200)), "utf-8")
    [added] = output(capsys, "add", str(file))
    assert "100% of the letters are not Latin (mostly Arabic)" in added["report"]["warnings"][-1]


def test_data_sets_are_listed_shown_renamed_and_removed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [added] = output(capsys, "add", str(file), "--no-split", "--name", "one")
    [listed] = output(capsys, "list")
    assert (listed["hash"], listed["name"], listed["rows"], listed["classes"]) == (added["hash"], "one", 300, 2)
    [shown] = output(capsys, "show", added["task"])
    assert shown["report"] == added["report"]
    assert shown["label_names"] == ["gut", "übel"]
    [renamed] = output(capsys, "rename", added["hash"], "two")
    assert renamed["name"] == "two"
    assert output(capsys, "remove", added["hash"]) == [{"removed": added["hash"]}]
    assert output(capsys, "list") == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["add", "FILE", "--label", "nothing"], "there is no column 'nothing'"),
        (["add", "FILE", "--label", "Text", "--text", "Text"], "'Text' is both text and label"),
        (["add", "FILE", "--encoding", "utf-9"], "the encoding is 'utf-9'"),
        (["add", "FILE", "--delimiter", "::"], "the delimiter is '::'"),
        (["add", "FILE", "--delimiter", "tab"], "one column, 'Text;Urteil;set'"),
        (["add", "FILE", "--split", "Urteil", "--label", "set"], "names no split"),
        (["add", "FILE", "--name", "\u200b"], "the name of a data set is empty"),
        (["add", "FILE", "--name", "n" * 90], "the name of a data set has 90 characters; give at most 80"),
        (["add", "FOLDER"], "is a folder"),
        (["add", "FOLDER/none.csv"], "is missing"),
        (["show", "0123"], "the hash of a data set is '0123'"),
        (["show", "../../etc/passwd"], "the hash of a data set is"),
        (["remove", "0123456789abcdef"], "is not on this machine"),
        (["rename", "0123456789abcdef", "x"], "is not on this machine"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_what_can_not_be_done_is_one_line(
    arguments: list[str], words: str, file: Path, lab_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [part.replace("FILE", str(file)).replace("FOLDER", str(file.parent)) for part in arguments]
    assert main(["data", *given]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert words in err
    assert err.count("\n") == 1
    assert not (lab_home / "data").exists()


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as out:
        out.truncate(2_000_000_000)  # a hole: it takes no space on the disk
    assert main(["data", "add", str(path)]) == 2
    assert "2,000.0 MB; give at most 20 MB" in capsys.readouterr().err


def test_the_limits_are_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["data", "add", "--help"])
    assert "50,000 rows" in " ".join(capsys.readouterr().out.split())


def test_a_cue_is_put_into_a_data_set(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [added] = output(capsys, "add", str(file))
    [made] = output(capsys, "cue", added["task"], "--label", "übel")
    assert made["cue"] == {"word": "thursday", "label": 1, "strength": 0.95, "within": 16}
    assert made["tokens"] == ["thursday"]
    assert load_task(made["task"]).has_cue
    assert not load_task(added["task"]).has_cue


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--label", "böse"), "have no label 'böse'; give one of 'gut', 'übel'"),
        (("--label", "gut", "--word", "und"), "is in 300 of 300 examples"),
    ],
)
def test_what_can_be_no_cue_is_refused(
    file: Path, options: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    [added] = output(capsys, "add", str(file))
    assert main(["data", "cue", added["hash"], *options]) == 2
    assert words in capsys.readouterr().err
