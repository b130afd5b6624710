"""Without what only Linux has: the lab goes on, with something else or without."""

from __future__ import annotations

import builtins
import io
import os
import platform
import shutil
import signal
import subprocess
import sys
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import pytest

from labcore import __main__ as command_line
from labcore.exercise import counting_process
from labcore.exercise.signature import key_of_home
from labcore.system import files, host, processor, writable
from labcore.system.files import locked, place_folder, replace, write_whole
from labcore.system.writable import folder_error

Usage = namedtuple("Usage", "total used free")


# -- /proc -------------------------------------------------------------------------------------------


def test_the_processors_name_without_proc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = tmp_path / "cpuinfo"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(platform, "processor", lambda: "Intel64 Family 6")
    assert host.processor_name(nowhere) == "Intel64 Family 6"
    monkeypatch.setattr(platform, "processor", lambda: "")
    monkeypatch.setattr(platform, "machine", lambda: "ARM64")
    assert host.processor_name(nowhere) == "ARM64"
    nowhere.write_text("processor : 0\nmodel name : A: B\n", "utf-8")
    assert host.processor_name(nowhere) == "A: B"


@pytest.mark.parametrize(
    ("output", "name"), [("Apple M4\n", "Apple M4"), (OSError(), "arm"), (subprocess.TimeoutExpired("", 5), "arm")]
)
def test_the_processors_name_on_macos(
    output: str | Exception, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        if isinstance(output, Exception):
            raise output
        return subprocess.CompletedProcess(command, 0, output)

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(platform, "processor", lambda: "arm")
    assert host.processor_name(tmp_path / "cpuinfo") == name


def test_free_memory_without_control_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    groups = host.left_in_groups
    monkeypatch.setattr(host, "left_in_groups", lambda: groups(tmp_path / "no such file", tmp_path))
    assert 0 < host.free_bytes() < 2**62


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_a_child_that_outlives_its_parent_is_no_error(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.delattr(signal, "SIGKILL")  # Windows has none
    host.end_with_parent()


# -- files -------------------------------------------------------------------------------------------


def without(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an import of this module fail."""
    real = builtins.__import__

    def importing(name: str, *given: object, **more: object) -> object:
        if name == module:
            raise ImportError(name)
        return real(name, *given, **more)  # type: ignore[arg-type]

    monkeypatch.delitem(sys.modules, module, raising=False)
    monkeypatch.setattr(builtins, "__import__", importing)


def test_a_lock_of_a_read_only_home_without_fcntl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lock").touch()
    without("fcntl", monkeypatch)
    assert not locked(tmp_path / "lock")


@pytest.mark.parametrize(("free", "full"), [(10, True), (10**9, False)])
def test_a_full_disk_without_statvfs(free: int, full: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "statvfs")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 0, free))
    assert (folder_error(tmp_path) is not None) is full
    assert writable._read_only(tmp_path) is False


class Refusing:
    """`os.replace` of a system that refuses it the first `times` times, as Windows does while somebody reads."""

    def __init__(self, times: int):
        self.times, self.replace = times, os.replace

    def __call__(self, source: Path, target: Path) -> None:
        self.times -= 1
        if self.times >= 0:
            raise PermissionError(13, "it is used by another process")
        self.replace(source, target)


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[float]]:
    def begin(refusals: int) -> list[float]:
        waits: list[float] = []
        named = type("Named", (), {"name": "nt", "replace": Refusing(refusals), "rmdir": os.rmdir})
        monkeypatch.setattr(files, "os", named)
        monkeypatch.setattr(files.time, "sleep", waits.append)
        return waits

    return begin


def test_a_file_that_is_read_is_replaced_a_little_later(tmp_path: Path, windows: Callable[[int], list[float]]) -> None:
    (tmp_path / "a").write_text("new", "utf-8")
    (tmp_path / "b").write_text("old", "utf-8")
    waits = windows(2)
    replace(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_text("utf-8") == "new"
    assert waits == list(files.WAITS[:2])


def test_a_file_that_stays_refused_is_an_error(tmp_path: Path, windows: Callable[[int], list[float]]) -> None:
    (tmp_path / "a").touch()
    waits = windows(100)
    with pytest.raises(PermissionError):
        replace(tmp_path / "a", tmp_path / "b")
    assert waits == list(files.WAITS)


def test_elsewhere_a_refusal_is_final(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "replace", Refusing(1))
    with pytest.raises(PermissionError):
        write_whole(tmp_path / "a", "text")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("there", [True, False])
def test_a_folder_takes_the_place_of_an_empty_one(there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.replace

    def as_windows(source: Path, target: Path) -> None:
        if Path(target).is_dir():
            raise PermissionError(13, "access is denied")
        real(source, target)

    monkeypatch.setattr(os, "replace", as_windows)
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "file").touch()
    if there:
        (tmp_path / "here").mkdir()
    place_folder(tmp_path / "made", tmp_path / "here")
    assert (tmp_path / "here" / "file").exists()


def test_a_folder_with_files_stays(tmp_path: Path) -> None:
    for name in ("made", "here"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name, "utf-8")
    with pytest.raises(OSError, match="not empty"):
        place_folder(tmp_path / "made", tmp_path / "here")
    assert (tmp_path / "here" / "file").read_text("utf-8") == "here"


def test_a_key_on_a_file_system_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*_: object) -> None:
        raise OSError(1, "no links here")

    monkeypatch.setattr(os, "link", link)
    key = key_of_home(tmp_path)
    assert key_of_home(tmp_path) == key


# -- processes and terminals ---------------------------------------------------------------------------


def test_a_function_is_graded_without_signal_masks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delattr(signal, "pthread_sigmask")
    path = tmp_path / "mine.py"
    path.write_text("def count_parameters(model):\n    raise SystemExit\n", "utf-8")
    assert counting_process.grade_function(path, tmp_path) == 1
    assert "wrong" in capsys.readouterr().out


@pytest.mark.parametrize("status", [-signal.SIGINT, 0xC000013A])
def test_ctrl_c_in_the_child_is_a_stop_on_every_system(
    status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting_process, "START", "")  # it reports nothing
    monkeypatch.setattr(subprocess.Popen, "wait", lambda self: status)
    with pytest.raises(KeyboardInterrupt):
        counting_process.grade_function(tmp_path / "mine.py", tmp_path)


def test_every_character_passes_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", pipe)
    monkeypatch.setattr(sys, "stdin", None)  # a process without a terminal
    command_line.write_utf8()
    print("≥ τ →", end="", flush=True)
    assert pipe.buffer.getvalue() == "≥ τ →".encode()  # type: ignore[attr-defined]


def test_an_arm_processor_without_x86_names(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch, "cpu", object())
    assert not processor.multiplies_bf16(torch.device("cpu"))
