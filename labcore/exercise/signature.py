"""Attempts signed by the server that saw them: HMAC-SHA256 of each field, under a key that never leaves the home.

Each field has a code of its own, so that a grader with the key can name the field that was edited. A code binds the
attempt's mark, the time at which this state was saved, the field's name and its value as canonical JSON. So fields of
two attempts, or of two states of one attempt, can't be mixed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from labcore.config.checks import shown
from labcore.config.json_data import check_time, whole_object
from labcore.config.spec import SpecError
from labcore.system.files import make_once

KEY_FILE = "exercise.key"  # in the home, for its owner only
KEY_BYTES = 32
CODE_CHARACTERS = 32  # of a field's code: 128 bits
UNSIGNED = ("id", "signature")  # the mark stands for the id: see `mark_of`


@dataclass(frozen=True)
class Signature:
    """A server's codes of an attempt's fields.

    server: the fingerprint of the server's key. saved: when this state was saved (ISO 8601, UTC, microseconds).
    codes: hexadecimal, by the field's name. Raises SpecError if a value is out of its range.
    """

    server: str
    saved: str
    codes: Mapping[str, str]

    def __post_init__(self) -> None:
        if not _is_hexadecimal(self.server):
            raise SpecError(f"the signature's server is {shown(self.server)}; give the file as the lab wrote it")
        check_time("the signature's time", self.saved)
        if (
            self.saved is None
            or not isinstance(self.codes, Mapping)
            or not all(map(_is_hexadecimal, self.codes.values()))
        ):
            raise SpecError("the signature has no time or no codes; give the file as the lab wrote it")

    @staticmethod
    def from_dict(data: object) -> Signature | None:
        """The signature in JSON data, or None for null. Raises SpecError if it is no signature."""
        return None if data is None else Signature(**whole_object("the signature", data, ("server", "saved", "codes")))


def _is_hexadecimal(text: object) -> bool:
    return isinstance(text, str) and 0 < len(text) <= 64 and set(text) <= set("0123456789abcdef")


def mark_of(attempt_id: str) -> str:
    """What tells attempts apart in files for other people: a hash of the id, which does not open the attempt."""
    return hashlib.sha256(attempt_id.encode()).hexdigest()[: len(attempt_id)]


# -- the key -------------------------------------------------------------------------------------------


def key_of_home(home: Path) -> bytes:
    """The home's key, which is made once.

    Raises OSError if it can't be read or made, and SpecError if it is damaged.
    """
    file = home / KEY_FILE
    try:
        return read_key(file)
    except FileNotFoundError:
        make_once(file, secrets.token_hex(KEY_BYTES) + "\n")  # another process's stays
        return read_key(file)


def read_key(file: Path) -> bytes:
    """The key in a file. Raises OSError if it can't be read, and SpecError if it is no key."""
    try:
        key = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except (UnicodeDecodeError, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise SpecError(f"{file} holds no key; give the file {KEY_FILE} of the home of the server that your class used")
    return key


def fingerprint(key: bytes) -> str:
    """What names a key without revealing it."""
    return hashlib.sha256(b"teacher-student-lab key" + key).hexdigest()[:16]


# -- the fields ----------------------------------------------------------------------------------------


def attempt_fields(attempt: Mapping[str, Any]) -> dict[str, object]:
    """The signed fields of an attempt's JSON data, by the names that a grader reports."""
    fields = {name: value for name, value in attempt.items() if name not in (*UNSIGNED, "slots")}
    return fields | _by_letter("", attempt["slots"])


def result_fields(figures: Mapping[str, Any]) -> dict[str, object]:
    """The signed fields of a submission's figures, with the ids of the runs behind them."""
    fields = {f"figures {name}": value for name, value in figures.items() if name != "students"}
    return fields | _by_letter("figures ", figures["students"])


def _by_letter(group: str, students: list[dict[str, object]]) -> dict[str, object]:
    return {
        f"{group}{letter} {name}": value
        for letter, student in zip("ABC", students, strict=True)
        for name, value in student.items()
    }


# -- signing -------------------------------------------------------------------------------------------


def sign(mark: str, fields: Mapping[str, object], key: bytes, saved: str | None = None) -> Signature:
    """The server's signature of these fields of an attempt, saved now or at the time of an earlier signature."""
    saved = saved or datetime.now(UTC).isoformat(timespec="microseconds")
    codes = {name: _code(key, mark, saved, name, value) for name, value in fields.items()}
    return Signature(fingerprint(key), saved, codes)


def edited_fields(mark: str, fields: Mapping[str, object], signature: Signature, key: bytes) -> list[str]:
    """The names of fields that are not as they were signed; a field that was added or taken out is one of them."""
    right = sign(mark, fields, key, signature.saved).codes
    return sorted(
        name
        for name in right.keys() | signature.codes.keys()
        if not hmac.compare_digest(right.get(name, ""), signature.codes.get(name, ""))
    )


def _code(key: bytes, mark: str, saved: str, name: str, value: object) -> str:
    message = json.dumps([mark, saved, name, _canonical(value)], sort_keys=True, separators=(",", ":"))
    return hmac.new(key, message.encode("ascii"), hashlib.sha256).hexdigest()[:CODE_CHARACTERS]


def _canonical(value: object) -> object:
    """JSON data in one form: programs that save a file again write 1.0 as 1."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _canonical(each) for name, each in value.items()}
    return [_canonical(each) for each in value] if isinstance(value, list | tuple) else value
