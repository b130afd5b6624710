"""How busy this machine is, and how much room it has left."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from labcore.system.host import cores, free_bytes, own_bytes, waiting_processes

LOW_MEMORY, LOW_DISK = 1_000_000_000, 1_000_000_000  # bytes below which somebody should look after it


@dataclass(frozen=True, kw_only=True)
class MachineLoad:
    """A machine at one moment.

    cores: that this process may use. busy: processes that wait for a core or have one, on average over the last minute;
    None where the system does not tell. own_memory: bytes that this process holds. free_memory, free_disk: bytes that
    it may still take; free_disk is None if the home can't be reached.
    """

    cores: int
    busy: float | None
    own_memory: int
    free_memory: int
    free_disk: int | None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What somebody should look after, in sentences; none if there is room."""
        lines = []
        if self.free_memory < LOW_MEMORY:
            lines.append(
                f"Only {self.free_memory / 1e6:,.0f} MB of memory are free. Pause the queue, or end other programs."
            )
        if self.free_disk is None:
            lines.append("The home can't be reached, so nothing can be kept. Connect its disk again.")
        elif self.free_disk < LOW_DISK:
            lines.append(
                f"Only {self.free_disk / 1e6:,.0f} MB of the home's disk are free. Delete runs, then `labcore tidy`."
            )
        return tuple(lines)


def machine_load(home: Path) -> MachineLoad:
    """The load of this machine, and the room on the disk of the home."""
    return MachineLoad(
        cores=cores(),
        busy=waiting_processes(),
        own_memory=own_bytes(),
        free_memory=free_bytes(),
        free_disk=_free_disk(home),
    )


def _free_disk(home: Path) -> int | None:
    """The bytes free on the disk that the home is on, or will be on."""
    for folder in (home, *home.parents):
        try:
            return shutil.disk_usage(folder).free
        except FileNotFoundError:
            continue
        except OSError:
            return None
    return None
