"""The password of the host, who runs a server for others: only its hash is kept. Standard library only.

`LAB_HOST_PASSWORD` holds the password, or what `python -m labcore host-password` prints: scrypt (RFC 7914) with a
random salt, in the form `scrypt$<salt>$<hash>`, both in base64. Each check takes about 50 ms of one core.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets

from labcore.config.checks import SpecError

VARIABLE = "LAB_HOST_PASSWORD"
MIN_CHARACTERS = 10
MAX_CHARACTERS = 200
FORM = "scrypt"
SALT, HASH = 16, 32  # bytes


def hashed(password: str) -> str:
    """The hash of a password, with a new salt. Raises SpecError if the password is too short or too long."""
    if not MIN_CHARACTERS <= len(password) <= MAX_CHARACTERS:
        raise SpecError(
            f"the host's password has {len(password)} characters; choose one of {MIN_CHARACTERS} to {MAX_CHARACTERS}"
        )
    salt = secrets.token_bytes(SALT)
    return f"{FORM}${_text(salt)}${_text(_scrypt(password, salt))}"


def matches(password: str, kept: str) -> bool:
    """Whether a password is the one whose hash is kept. Raises SpecError if that is no hash."""
    salt, right = _parts(kept)
    return len(password) <= MAX_CHARACTERS and hmac.compare_digest(_scrypt(password, salt), right)


def kept_hash() -> str | None:
    """The hash of the host's password on this server; None if the server has no host page.

    From now on the environment holds the hash only, so no process that this one starts can read the password.
    Raises SpecError if what the environment holds is neither a hash nor a password that is allowed.
    """
    given = os.environ.get(VARIABLE, "")
    if not given:
        return None
    if given.startswith(f"{FORM}$"):
        _parts(given)
    else:
        try:
            os.environ[VARIABLE] = given = hashed(given)
        except SpecError as error:
            raise SpecError(f"{VARIABLE}: {error}") from None
    return given


def _parts(kept: str) -> tuple[bytes, bytes]:
    try:
        form, salt, right = kept.split("$")
        parts = base64.b64decode(salt, validate=True), base64.b64decode(right, validate=True)
    except (ValueError, binascii.Error):
        form, parts = "", (b"", b"")
    if form != FORM or tuple(map(len, parts)) != (SALT, HASH):
        raise SpecError(
            f"{VARIABLE} begins as a hash and is none; copy all that `python -m labcore host-password` prints"
        )
    return parts


def _scrypt(password: str, salt: bytes) -> bytes:
    given = password.encode("utf-8", "surrogatepass")  # whatever a browser sends
    return hashlib.scrypt(given, salt=salt, n=2**14, r=8, p=1, dklen=HASH)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
