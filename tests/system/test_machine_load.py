"""The load of this machine, against what the system says another way."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from labcore.system.machine_load import LOW_DISK, LOW_MEMORY, MachineLoad, machine_load

ROOMY = MachineLoad(cores=2, busy=0.5, own_memory=1, free_memory=LOW_MEMORY, free_disk=LOW_DISK)


def test_what_a_home_that_is_not_there_yet_will_have(tmp_path: Path) -> None:
    load = machine_load(tmp_path / "not" / "yet")
    assert load.cores == len(os.sched_getaffinity(0))
    resident = next(
        int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS")
    )
    assert abs(load.own_memory / 1024 - resident) < 50_000  # kB
    assert load.free_disk is not None
    assert abs(load.free_disk - shutil.disk_usage(tmp_path).free) < 1_000_000_000


def test_little_room_is_said() -> None:
    assert ROOMY.warnings == ()
    full = MachineLoad(cores=2, busy=None, own_memory=1, free_memory=LOW_MEMORY - 1, free_disk=None)
    assert [warning.split(" ", 1)[0] for warning in full.warnings] == ["Only", "The"]
