"""The cookie by which a browser is an owner: its id with the time, signed with the home's secret.

Whoever has the value is the owner, so it is in no address, page or log. A value that was edited, or signed by another
home, is worth nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from itsdangerous import BadSignature, TimestampSigner

from labcore.owners.owner import is_owner

DAYS = 400  # a cookie holds: more than a course; browsers keep none for longer
RENEWED_AFTER = 1  # day since it was signed, when a page opens
_SALT = "teacher-student-lab owner"  # the same secret may sign other things under another salt
_FORM = re.compile(r"[A-Za-z0-9_.-]{1,200}", re.ASCII)


@dataclass(frozen=True)
class Recognised:
    """The owner whom a cookie names. stale: whether the cookie is to be signed again."""

    owner: str
    stale: bool


def cookie_name(secret: bytes) -> str:
    """The cookie's name: another for another secret, because two labs on one machine share a browser's cookies."""
    return f"lab_owner_{hashlib.sha256(b'cookie name' + secret).hexdigest()[:8]}"


def signed(owner: str, secret: bytes) -> str:
    """The cookie's value for an owner: letters, digits, and `._-`."""
    return _signer(secret).sign(owner).decode("ascii")


def recognised(value: object, secret: bytes) -> Recognised | None:
    """Whom a cookie's value names; None for one that this secret did not sign just so, or more than DAYS ago.

    One that was signed in the future is good: the server's clock was set back since.
    """
    if not isinstance(value, str) or _FORM.fullmatch(value) is None:
        return None
    signer = _signer(secret)
    try:
        name, when = signer.unsign(value, return_timestamp=True)
    except BadSignature:
        return None
    age = (datetime.now(UTC) - when).total_seconds() / 86_400  # days
    if age > DAYS:
        return None
    owner = name.decode("ascii")
    stated, _, signature = value.rpartition(".")
    if not hmac.compare_digest(signer.get_signature(stated).decode("ascii"), signature):
        return None  # base64 can write the same bytes in more than one way
    return Recognised(owner, abs(age) >= RENEWED_AFTER) if is_owner(owner) else None


def _signer(secret: bytes) -> TimestampSigner:
    return TimestampSigner(secret, salt=_SALT, key_derivation="hmac", digest_method=hashlib.sha256)
