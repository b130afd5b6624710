"""macOS and Windows: what only some systems have is used in one place each, which has something else for the others."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path, PurePath

import pytest

from tests.shared.names_used import names_used
from tests.shared.source_files import FILES, ROOT, module_of

# By what a system may lack, the module that uses it behind a fallback; "" if nothing does.
HOMES = {
    r"'/(proc|sys)/.*'|'sysctl'|.*\.prctl|ctypes.*|signal\.SIGKILL": "labcore.system.host",
    r"platform\.(processor|uname|linux_distribution)": "labcore.system.host",
    r"platform\.machine": "labcore.system.host or labcore.system.processor",
    r"fcntl(\..*)?|.*\.flock": "labcore.system.files",
    r"os\.(replace|rename|renames)": "labcore.system.files",
    r".*\.(statvfs|ST_RDONLY)": "labcore.system.writable",
    r".*\.(pthread_sigmask|SIG_BLOCK|SIG_SETMASK)": "labcore.exercise.counting_process",
    r"os\.link": "labcore.system.files or labcore.system.hashed_files",
    r"resource(\..*)?": "labcore.system.host",
    r"(pwd|grp|termios|tty|pty|syslog|msvcrt|winreg|winsound|_winapi)(\..*)?": "",
    r"os\.(fork|forkpty|spawn\w+|exec\w+|killpg|setsid|getpgid|wait\w*|mkfifo|mknod)": "",
    r"os\.(sched_\w+|cpu_count|getloadavg|nice)": "labcore.system.host",
    r"os\.(getuid|geteuid|getgid|chown|lchown|chroot|uname|sysconf|ctermid|pread|pwrite|sendfile)": "",
    r"os\.(symlink|readlink|memfd_create|pipe2|posix_\w+|O_NOFOLLOW|O_DIRECTORY|O_CLOEXEC|sync|getxattr|setxattr)": "",
    r"signal\.(SIGHUP|SIGALRM|SIGUSR1|SIGUSR2|SIGQUIT|SIGCHLD|SIGPIPE|SIGSTOP|alarm|setitimer|pause|sigwait)": "",
    r"\.(symlink_to|hardlink_to|mkfifo)": "",
    r"torch\.cpu\._.*": "",
    r"'/(tmp|dev|etc|usr|bin|home|var)(/.*)?'": "",
    r"'.*%-[dmHIMSjy].*'": "",  # a number without its 0 in strftime
}


def breaches(source: str, module: str) -> list[str]:
    return [
        f"{line}: {name}"
        for line, name in names_used(source)
        for used, home in HOMES.items()
        if re.fullmatch(used, name) and module not in home.split(" or ")
    ]


@pytest.mark.parametrize("file", FILES, ids=module_of)
def test_what_only_some_systems_have_is_in_its_home(file: Path) -> None:
    assert breaches(file.read_text(encoding="utf-8"), module_of(file)) == []


@pytest.mark.parametrize(
    "source",
    [
        "import resource",
        "from fcntl import flock",
        "os.fork()",
        "n = len(os.sched_getaffinity(0))",
        "os.replace(a, b)",
        "text = Path('/proc/meminfo').read_text()",
        "signal.alarm(3)",
        "fast = torch.cpu._is_amx_tile_supported()",
        "words = time.strftime('%-d %B')",
        "folder = Path('/tmp')",
    ],
)
def test_a_planted_breach_is_seen(source: str) -> None:
    assert breaches(source, "labcore.runs.store") != []


# -- texts in files ------------------------------------------------------------------------------------


def calls_without_encoding(source: str) -> list[str]:
    """Calls that read or write text in the encoding of the system, which is not UTF-8 on Windows."""
    calls = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        given = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
        modes = [keyword.value for keyword in node.keywords if keyword.arg == "mode"]
        given += [mode.value for mode in modes if isinstance(mode, ast.Constant)]
        binary = any(isinstance(mode, str) and "b" in mode for mode in given)
        named = any(keyword.arg == "encoding" for keyword in node.keywords)
        arguments = {"read_text": 1, "write_text": 2}  # of the encoding, among the arguments
        if name in arguments and not named and len(node.args) < arguments[name]:
            calls.append(f"{node.lineno}: {ast.unparse(node.func)}")
        if name in ("open", "fdopen") and ast.unparse(node.func) != "os.open" and node.args and not (named or binary):
            calls.append(f"{node.lineno}: {ast.unparse(node.func)}")
    return calls


@pytest.mark.parametrize("file", FILES, ids=module_of)
def test_every_text_has_its_encoding(file: Path) -> None:
    assert calls_without_encoding(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("path.read_text()", True),
        ("path.read_text('utf-8')", False),
        ("path.write_text(words)", True),
        ("path.write_text(words, encoding='utf-8')", False),
        ("open(path)", True),
        ("open(path, 'rb')", False),
        ("open(path, mode='ab', buffering=0)", False),
        ("os.fdopen(handle, 'w')", True),
        ("os.open(path, os.O_RDONLY)", False),
    ],
)
def test_a_planted_text_is_seen(source: str, seen: bool) -> None:
    assert bool(calls_without_encoding(source)) is seen


# -- names of files ------------------------------------------------------------------------------------

RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}


def test_every_system_can_hold_the_projects_files() -> None:
    listed = subprocess.run(["git", "ls-files", "-s"], capture_output=True, text=True, cwd=ROOT, check=False).stdout
    if not listed:
        pytest.skip("this copy of the project is no git repository")
    modes, names = zip(*((line.split()[0], line.split("\t", 1)[1]) for line in listed.splitlines()), strict=True)
    assert "120000" not in modes, "Windows makes no symbolic links without special rights"
    assert len({name.casefold() for name in names}) == len(names), "two names differ only in case"
    for name in names:
        parts = PurePath(name).parts
        assert not re.search(r'[<>:"|?*\\]', name), name
        assert not any(part.split(".")[0].casefold() in RESERVED or part.endswith((" ", ".")) for part in parts), name
        assert len(name) < 150, name  # a path of 260 characters is the limit
