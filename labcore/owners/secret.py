"""The secret with which this home signs the cookies of its owners: 32 random bytes, for the home's user only."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from labcore.config.checks import SpecError
from labcore.system.files import make_once

SECRET_FILE = "owners.secret"  # in the home
SECRET_BYTES = 32


def secret_of_home(home: Path) -> bytes:
    """The home's secret, which is made once: two servers on one home have the same.

    Raises OSError if it can't be read or made, and SpecError if it is damaged or if other users can read it.
    """
    file = home / SECRET_FILE
    try:
        return _read(file)
    except FileNotFoundError:
        make_once(file, secrets.token_hex(SECRET_BYTES) + "\n")
        return _read(file)


def _read(file: Path) -> bytes:
    with file.open("rb") as opened:
        mode = stat.S_IMODE(os.fstat(opened.fileno()).st_mode)
        content = opened.read(2 * SECRET_BYTES + 2)
    if os.name == "posix" and mode & 0o077:
        raise SpecError(
            f"{file} has the rights {mode:o}, so other users of this machine may use or change it; `chmod 600` it, "
            "or delete it if somebody may have copied it: then each browser becomes a new owner"
        )
    try:
        secret = bytes.fromhex(content.decode("ascii").strip())
    except ValueError:
        secret = b""
    if len(secret) != SECRET_BYTES:
        raise SpecError(
            f"{file} holds no secret; put the file back as it was, or delete it: then each browser becomes a new owner"
        )
    return secret
