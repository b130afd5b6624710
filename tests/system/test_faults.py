"""What goes wrong is a sentence in plain words, and its details are in the log."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from labcore.config.spec import Spec, SpecError
from labcore.runs import execute
from labcore.runs.store import RunNotFound, Store
from labcore.system import faults
from labcore.system.faults import reported, sentence
from tests.shared.faults import breaking, raised, system


def allocated() -> Exception:
    """What torch really raises."""
    try:
        torch.empty(10**16)
    except RuntimeError as error:
        return error
    raise AssertionError


WORDS: list[tuple[BaseException, str]] = [
    (system(errno.ENOSPC, "/a/b"), "The disk is full: /a/b can't be written. Free some space, then try again."),
    (system(errno.EDQUOT, "/a/b"), "The disk is full: /a/b can't be written."),
    (system(errno.EROFS, "/a/b"), "The disk is read-only: /a/b can't be written."),
    (system(errno.EACCES, "/a/b"), "The lab has no right to use /a/b. Change its permissions"),
    (system(errno.EPERM, "/a/b"), "The lab has no right to use /a/b."),
    (system(errno.ENOENT, "/a/b"), "/a/b is missing."),
    (system(errno.EIO, "/a/b"), "The disk failed at /a/b."),
    (system(errno.EMFILE), "Too many files are open. Close other programs"),
    (system(errno.ENOTDIR, __file__ + "/below"), f"{__file__} is a file, not a folder."),
    (system(errno.ESTALE, "/a/b"), "/a/b can't be used (Stale file handle)."),
    (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), "(Connection reset by peer)"),
    (OSError("a library's own words\nover two lines"), "a library's own words over two lines."),
    (MemoryError(), "The computer has run out of memory. Close other programs"),
    (allocated(), "The computer has run out of memory."),
    (torch.cuda.OutOfMemoryError("CUDA out of memory."), "The computer has run out of memory."),
    (SpecError("rank is 0; give 1 or more"), "rank is 0; give 1 or more"),
    (FloatingPointError("the loss became nan; lower the learning rate"), "the loss became nan; lower"),
    (RunNotFound("run 'x' can't be read"), "run 'x' can't be read"),
    (KeyError("x"), "The lab met an error that it did not foresee: KeyError: 'x'."),
    (ValueError("one\n  two"), "The lab met an error that it did not foresee: ValueError: one."),
    (AssertionError(), "The lab met an error that it did not foresee: AssertionError."),
]


@pytest.mark.parametrize(("error", "words"), WORDS, ids=lambda value: type(value).__name__)
def test_an_error_is_one_line_in_plain_words(error: BaseException, words: str) -> None:
    said = sentence(error)
    assert words in said
    assert "\n" not in said
    assert "errno" not in said.lower()


def test_a_fault_that_was_passed_on_is_still_that_fault() -> None:
    outer = RuntimeError("it can't be loaded")
    outer.__cause__ = system(errno.ENOSPC, "/a")
    assert "disk is full" in sentence(outer)


def test_the_writer_of_weights_has_its_own_error_for_a_full_disk() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with pytest.raises(Exception, match="os error") as caught:
        save_file({"a": torch.zeros(10)}, "/dev/full/below")
    assert not isinstance(caught.value, OSError)
    assert sentence(caught.value, Path("/dev/full")) == "/dev/full is a device, not a folder. Give another folder."
    full = RuntimeError("Error while serializing: I/O error: No space left on device (os error 28)")
    assert sentence(full, Path("/home")) == "The disk is full: /home can't be written. Free some space, then try again."


def test_a_folder_that_the_system_does_not_make_is_not_missing(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    said = sentence(system(errno.ENOENT, str(tmp_path / "a")), folder)
    assert said == f"The folder {folder} can't be made: {tmp_path} takes no new folder. Give another folder."
    assert "is missing" in sentence(system(errno.ENOENT, str(folder)), folder)  # what it is in is gone, too
    assert "is missing" in sentence(system(errno.ENOENT, str(tmp_path / "else")), folder)
    (tmp_path / "a").symlink_to(tmp_path / "nowhere")
    assert "is missing" in sentence(system(errno.ENOENT, str(tmp_path / "a")), folder)


def test_what_is_kept_stands_between_what_happened_and_what_to_do() -> None:
    said = sentence(system(errno.ENOSPC, "/a"), kept="What you set is kept.")
    assert said == "The disk is full: /a can't be written. What you set is kept. Free some space, then try again."


def test_a_home_is_named_in_place_of_a_file_in_it() -> None:
    assert "disk is full: /home/lab can't" in sentence(
        system(errno.ENOSPC, "/home/lab/runs/x/a.part"), Path("/home/lab")
    )
    assert "disk is full: /else can't" in sentence(system(errno.ENOSPC, "/else"), Path("/home/lab"))


# -- the log ---------------------------------------------------------------------------------------


def test_details_are_in_the_log_once_and_the_line_says_where(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    error = raised(KeyError("x"))
    said = [reported(error, tmp_path, "this") for _ in range(2)]
    assert (
        said
        == [f"The lab met an error that it did not foresee: KeyError: 'x'. Details are in {tmp_path / 'lab.log'}."] * 2
    )
    log = (tmp_path / "lab.log").read_text()
    assert log.count("Traceback") == 1
    assert "in raised" in log
    reported(raised(SpecError("rank is 0")), tmp_path, "this")
    assert (tmp_path / "lab.log").read_text() == log
    assert capfd.readouterr() == ("", "")


def test_a_home_that_can_not_hold_the_log_has_it_in_the_temporary_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "else").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tempfile.tempdir", str(tmp_path / "else"))
        said = reported(raised(KeyError("x")), tmp_path / "file", "this")
        [log] = (tmp_path / "else").iterdir()
        assert f"Details are in {log}." in said
        assert "Traceback" in log.read_text()
        patch.setattr("tempfile.tempdir", str(tmp_path / "file"))
        assert reported(raised(KeyError("y")), tmp_path / "file", "this").endswith("KeyError: 'y'.")
    assert capsys.readouterr() == ("", "")


def test_the_log_does_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "LOG_BYTES", 5_000)
    for i in range(100):
        faults.note(f"{i} " + "x" * 200, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"lab.log", "lab.log.1"}
    assert all(path.stat().st_size <= 5_000 for path in tmp_path.iterdir())


def test_a_run_that_fails_keeps_the_sentence_and_the_log_has_the_rest(
    monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    monkeypatch.setattr(execute, "check_trainable", breaking(MemoryError))
    run = store.create(Spec())
    with pytest.raises(MemoryError):
        list(execute.execute_and_store(Spec(), run, store))
    assert str(store.read(run).error).startswith("The computer has run out of memory.")
    assert f"run {run}" in (store.home / "lab.log").read_text()
