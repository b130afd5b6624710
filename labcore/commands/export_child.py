"""The process that makes an export for a page: it waits for its turn, and then is the command line.

Linux could end it with its parent, but there that is the thread of a page, which ends at once.
"""

from __future__ import annotations

import sys
from pathlib import Path

from filelock import FileLock

from labcore.system.host import give_way


def main(lock: str, arguments: list[str]) -> int:
    """Run a command of the command line once no other export of the home is being made. Returns its exit status."""
    with FileLock(lock):
        if Path(arguments[arguments.index("--out") + 1]).exists():  # another one has made it meanwhile
            return 0
        give_way()  # pages and training come first
        from labcore.__main__ import main as command_line

        return command_line(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
