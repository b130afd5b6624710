"""The computer as its operating system describes it: what only some systems can tell, and what stands in elsewhere.

Standard library only, and psutil once the free memory is needed.
"""

from __future__ import annotations

import gc
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1  # Linux, prctl(2)
SECONDS = 5  # that a question to the system may take


def processor_name(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's name as its maker gives it: from Linux or macOS. Elsewhere, what Python knows of it."""
    with suppress(OSError):
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    if sys.platform == "darwin":
        question = ["sysctl", "-n", "machdep.cpu.brand_string"]
        with suppress(OSError, subprocess.SubprocessError):
            done = subprocess.run(question, capture_output=True, encoding="utf-8", timeout=SECONDS, check=True)
            return done.stdout.strip()
    return platform.processor() or platform.machine()


def end_with_parent() -> None:
    """On Linux, kill this process as soon as the one that started it has ended; elsewhere it goes on."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def give_way() -> None:
    """Let other processes come first on a busy processor; nothing where the system has no such order."""
    if hasattr(os, "nice"):
        os.nice(5)


def cores() -> int:
    """The processor's cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def waiting_processes() -> float | None:
    """Processes that have a core or wait for one, on average over the last minute; None where nothing tells."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


# -- memory ------------------------------------------------------------------------------------------


def give_back_memory() -> None:
    """Return to the system what Python has freed: after large work glibc keeps it for the process. Else nothing."""
    gc.collect()
    if sys.platform == "linux":
        import ctypes

        with suppress(AttributeError, OSError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)


def limit_resources(memory_bytes: int, cpu_seconds: int) -> None:
    """Let the system refuse this process more memory and time of the processor; Windows has no such limits."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))


def free_bytes() -> int:
    """The memory that this process may still take: all that is available, or less if its container has a limit."""
    import psutil

    return min(psutil.virtual_memory().available, *left_in_groups(), 2**62)


def own_bytes() -> int:
    """The memory that this process holds now."""
    import psutil

    size: int = psutil.Process().memory_info().rss
    return size


def left_in_groups(groups: Path = Path("/proc/self/cgroup"), root: Path = Path("/sys/fs/cgroup")) -> Iterator[int]:
    """What each of this process's control groups that has a memory limit leaves, in bytes: none but on Linux.

    Both versions are read. A container may see its own group at `root`, so each folder up to there is looked at.
    """
    try:
        lines = groups.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            top, names = root, ("memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            top, names = root / "memory", ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        else:
            continue
        folder = top / path.lstrip("/")
        for each in (folder, *folder.parents):
            if each.is_relative_to(top) and (left := _left(each, *names)) is not None:
                yield left


def _left(group: Path, limit: str, used: str, inactive: str) -> int | None:
    """The bytes that a group may still take, its cached files not counted as used; None without a limit."""

    def content(name: str) -> str:
        return (group / name).read_text(encoding="utf-8")

    try:
        maximum = content(limit).strip()
        if maximum == "max":
            return None
        lines = map(str.split, content("memory.stat").splitlines())
        cached = sum(int(line[1]) for line in lines if line[:1] == [inactive])
        return max(0, int(maximum) - int(content(used)) + cached)
    except (OSError, ValueError):  # no such group here, or one of another kind
        return None
