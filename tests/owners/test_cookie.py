"""The cookie of an owner: taken back as it was signed, and no other value is worth anything."""

from __future__ import annotations

import base64
import hashlib
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from itsdangerous import TimestampSigner

from labcore.owners import cookie
from labcore.owners.cookie import DAYS, cookie_name, recognised, signed
from labcore.owners.owner import is_owner, new_owner

SECRET, OTHER = b"s" * 32, b"t" * 32
OWNER = "0123456789abcdef"
VALUE = signed(OWNER, SECRET)
WAYS = ("swap", "insert", "cut", "double")
CHARACTERS = string.ascii_letters + string.digits + "._-="


def test_a_signed_cookie_names_its_owner_and_no_secret_but_its_own_takes_it() -> None:
    for owner in {new_owner() for _ in range(50)}:
        known = recognised(signed(owner, SECRET), SECRET)
        assert known is not None
        assert (known.owner, known.stale) == (owner, False)
        assert recognised(signed(owner, OTHER), SECRET) is None
    assert cookie_name(SECRET) != cookie_name(OTHER)
    assert SECRET.hex()[:8] not in cookie_name(SECRET)


@settings(max_examples=600)
@given(
    st.one_of(st.text(max_size=300), st.binary(max_size=80).map(lambda b: b.decode("latin-1")), st.none(), st.floats())
)
def test_whatever_is_given_raises_nothing_and_is_nobody(value: object) -> None:
    assert recognised(value, SECRET) is None


@settings(max_examples=1500)
@given(
    st.integers(0, len(VALUE) - 1), st.sampled_from(CHARACTERS), st.sampled_from(["swap", "insert", "cut", "double"])
)
def test_no_edited_cookie_is_worth_anything(place: int, character: str, way: str) -> None:
    before, after = VALUE[:place], VALUE[place + 1 :]
    edited = {
        "swap": before + character + after,
        "insert": before + character + VALUE[place:],
        "cut": before,
        "double": VALUE + VALUE[place:],
    }[way]
    if edited != VALUE:
        assert recognised(edited, SECRET) is None


def test_the_same_bytes_written_otherwise_in_base64_are_no_cookie() -> None:
    stated, _, signature = VALUE.rpartition(".")
    same = [
        f"{stated}.{signature[:-1]}{last}"
        for last in string.ascii_letters + string.digits + "-_"
        if base64.urlsafe_b64decode(signature[:-1] + last + "=") == base64.urlsafe_b64decode(signature + "=")
    ]
    assert len(same) == 4
    assert [value for value in same if recognised(value, SECRET)] == [VALUE]


def test_what_this_secret_signs_for_something_else_is_no_cookie() -> None:
    for salt, derivation in (("another", "hmac"), (cookie._SALT, "django-concat"), (cookie._SALT, "none")):
        signer = TimestampSigner(SECRET, salt=salt, key_derivation=derivation, digest_method=hashlib.sha256)
        assert recognised(signer.sign(OWNER).decode(), SECRET) is None
    signer = TimestampSigner(SECRET, salt=cookie._SALT, key_derivation="hmac", digest_method=hashlib.sha256)
    for name in ("", "admin", OWNER.upper(), OWNER + "0", "a.b"):
        assert not is_owner(name)
        assert recognised(signer.sign(name).decode(), SECRET) is None


@pytest.mark.parametrize(
    ("days", "stale"), [(0.5, False), (1.5, True), (DAYS - 1, True), (DAYS + 1, None), (-0.5, False), (-2, True)]
)
def test_a_cookie_is_renewed_after_a_day_and_ends_after_a_course(
    days: float, stale: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    now = int(time.time())
    with monkeypatch.context() as patch:
        patch.setattr(TimestampSigner, "get_timestamp", lambda self: int(now - days * 86400))
        value = signed(OWNER, SECRET)
    known = recognised(value, SECRET)
    assert (known and known.stale) is stale
