"""What goes wrong is a sentence: in words, in the log, on a page, in a fragment, in a callback and on a terminal."""

from __future__ import annotations

import ast
import errno
import logging
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from streamlit.testing.v1 import AppTest

from labcore.__main__ import main
from labcore.config.spec import DistilConfig, Spec, SpecError
from labcore.runs import execute
from labcore.runs.store import RunNotFound, Store
from labcore.system import faults
from labcore.system.faults import fault_of, reported, sentence
from tests.shared.full import first
from tests.shared.pages import app
from tests.shared.runs import PAIR, STEP
from tests.shared.source_files import FILES, ROOT, module_of
from ui.shell import guard, state


def system(code: int, path: str | None = None) -> OSError:
    return OSError(code, os.strerror(code), path)


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


# -- the log ---------------------------------------------------------------------------------------------


def raised(error: Exception) -> Exception:
    try:
        raise error
    except Exception as caught:
        return caught


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


# -- pages ------------------------------------------------------------------------------------------------

KINDS = [
    (lambda: system(errno.ENOSPC, "/a/b"), r"The disk is full: /a/b can't be written. What you set is kept."),
    (lambda: MemoryError(), "The computer has run out of memory. What you set is kept."),
    (lambda: KeyError("x"), "The lab met an error that it did not foresee: KeyError: 'x'. What you set is kept."),
]


def breaking(make: Callable[[], Exception]) -> Callable[..., Any]:
    def broken(*_: object, **__: object) -> Any:
        raise make()

    return broken


def said_on(test: AppTest) -> str:
    """The one error on the page, as a person reads it; no traceback."""
    assert not test.exception
    [error] = test.error
    return str(error.value).replace("\\", "")


@pytest.mark.parametrize(("make", "words"), KINDS, ids=["disk", "memory", "unforeseen"])
def test_a_page_that_fails_says_so_and_goes_on_when_asked(make: Callable[[], Exception], words: str) -> None:
    link = Spec(distil=DistilConfig(temperature=7.0)).to_json()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ui.shell.tour.tour_invitation", breaking(make))
        test = app("start", link)
        assert words in said_on(test)
        assert test.query_params["spec"] == link
    test.button(key="try-again").click().run()
    assert not test.error
    assert not test.exception


@pytest.mark.parametrize(("make", "words"), KINDS, ids=["disk", "memory", "unforeseen"])
def test_a_fragment_that_fails_says_so_in_its_place(make: Callable[[], Exception], words: str) -> None:
    store = Store()
    run = store.create(Spec())
    store.update(run, "running", counts=PAIR)
    store.append(run, STEP)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ui.distil.live.progress", breaking(make))
        test = app("distil", run=run)
        assert words in said_on(test)
        assert test.button(key="distil")  # the page around it is whole
    test.run()
    assert not test.error


@pytest.mark.parametrize(("make", "words"), KINDS, ids=["disk", "memory", "unforeseen"])
def test_a_callback_that_fails_says_so_on_the_page_that_follows(make: Callable[[], Exception], words: str) -> None:
    test = app("distil", Spec())
    test.slider(key="hard").set_value(0.5).run()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(state, "undo", breaking(make))
        test.run()
        test.button(key="undo").click().run()
        assert words in said_on(test)
    test.run()
    assert not test.error


def test_a_widget_that_can_not_be_kept_says_so_and_shows_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    test = app("distil", Spec())
    before = test.slider(key="hard").value
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ui.shell.bound.with_distil", breaking(KINDS[0][0]))
        patch.setattr("ui.distil.loss_form.with_distil", breaking(KINDS[0][0]))
        test.slider(key="hard").set_value(0.5).run()
        assert "disk is full" in said_on(test)
    assert test.slider(key="hard").value == before


def test_an_error_is_shown_without_markdown() -> None:
    assert guard.escaped("__init__ [a](http://b) $x$ `y` :red[z]") == (
        r"\_\_init\_\_ \[a\]\(http\://b\) \$x\$ \`y\` \:red\[z\]"
    )


GUARDED = {"on_click", "on_change", "on_select"}


@pytest.mark.parametrize("file", [file for file in FILES if file.parent.name in ("ui", "pages")], ids=module_of)
def test_every_callback_and_every_fragment_is_guarded(file: Path) -> None:
    def guarded(node: ast.expr, by: str) -> bool:
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == by

    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg in GUARDED and not (
                    isinstance(keyword.value, ast.Constant) and keyword.value.value in ("ignore", "rerun")
                ):
                    assert guarded(keyword.value, "callback"), f"{file}:{node.lineno}: write callback(…) around it"
            if ast.unparse(node.func) == "st.fragment":
                assert guarded(node.args[0], "fragment"), f"{file}:{node.lineno}: write fragment(…) around it"
        if isinstance(node, ast.FunctionDef):
            names = [ast.unparse(each).split("(")[0] for each in node.decorator_list]
            if {"st.fragment", "st.dialog"} & set(names):
                assert names[-1] == "fragment", f"{file}:{node.lineno}: write @fragment below {names[0]}"


def test_streamlits_own_handler_shows_neither_traceback_nor_links() -> None:
    """For an error outside every guard, such as in app.py's imports."""
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert config["client"]["showErrorDetails"] == "none"
    assert config["client"]["showErrorLinks"] is False
    assert config["logger"]["enableRich"] is False


def test_what_streamlit_would_print_is_a_line_and_the_details_are_in_the_log(
    lab_home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("streamlit.error_util").error("Uncaught app execution", exc_info=raised(KeyError("x")))
    printed = "".join(capfd.readouterr())
    assert "Traceback" not in printed
    assert "Traceback" in (lab_home / "lab.log").read_text()


# -- the terminal -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (system(errno.ENOSPC, "/a/b"), 2),
        (MemoryError(), 1),
        (KeyError("x"), 1),
        (FloatingPointError("nan"), 1),
        (SpecError("no"), 2),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_command_that_fails_prints_a_line(
    error: Exception,
    status: int,
    tmp_path: Path,
    lab_home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("labcore.runs.cache.counted", breaking(lambda: error))
    (tmp_path / "spec.json").write_text("{}")
    assert main(["count", "--spec", str(tmp_path / "spec.json")]) == status
    out, err = capfd.readouterr()
    assert out == ""
    assert (
        err
        == f"error: {sentence(error)}"
        + (f" Details are in {lab_home / 'lab.log'}." if "KeyError" in err else "")
        + "\n"
    )
    assert (lab_home / "lab.log").exists() == (fault_of(error) is not None)


def test_a_run_that_fails_keeps_the_sentence_and_the_log_has_the_rest(
    monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    monkeypatch.setattr(execute, "check_trainable", breaking(MemoryError))
    run = store.create(Spec())
    with pytest.raises(MemoryError):
        list(execute.execute_and_store(Spec(), run, store))
    assert str(store.read(run).error).startswith("The computer has run out of memory.")
    assert f"run {run}" in (store.home / "lab.log").read_text()


@pytest.mark.parametrize("output", first(1, ["/dev/full", "a reader that has gone"]))
def test_an_output_that_can_not_be_written_is_no_traceback(output: str, tmp_path: Path) -> None:
    (tmp_path / "spec.json").write_text("{}")
    command = [sys.executable, "-m", "labcore", "count", "--spec", str(tmp_path / "spec.json")]
    if output == "/dev/full":
        if not Path(output).exists():
            pytest.skip("this system has no /dev/full")
        with open(output, "w") as full:
            done = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert (done.returncode, done.stderr) == (
            2,
            "error: The disk is full: a file can't be written. Free some space, then try again.\n",
        )
        return
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(command, cwd=ROOT, stdout=write_end, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write_end)
    assert (done.returncode, done.stderr) == (1, "")
