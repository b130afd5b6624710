"""The server's signature: its key, what it covers, and which edit it names."""

from __future__ import annotations

import json
import stat
import threading
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from labcore.config.spec import SpecError
from labcore.exercise.attempt import Attempt
from labcore.exercise.attempt_store import load_attempt, save_attempt
from labcore.exercise.signature import (
    KEY_FILE,
    Signature,
    attempt_fields,
    edited_fields,
    fingerprint,
    key_of_home,
    mark_of,
    read_key,
    sign,
)
from labcore.exercise.signature_check import verifier_for
from labcore.runs.store import Store
from tests.shared.attempts import designed

JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False) | some.text(max_size=8),
    lambda each: some.lists(each, max_size=3) | some.dictionaries(some.text(max_size=5), each, max_size=3),
    max_leaves=6,
)
FIELDS = some.dictionaries(some.text(max_size=8), JSON, min_size=1, max_size=6)
KEY, OTHER = b"k" * 32, b"o" * 32


@given(FIELDS, some.data())
def test_exactly_the_edited_fields_are_named(fields: dict[str, object], data: some.DataObject) -> None:
    signature = sign("m", fields, KEY)
    assert edited_fields("m", json.loads(json.dumps(fields)), signature, KEY) == []
    names = data.draw(some.sets(some.sampled_from(sorted(fields))))
    edited = fields | {name: [fields[name], "edited"] for name in names}
    assert edited_fields("m", edited, signature, KEY) == sorted(names)
    assert edited_fields("m", {}, signature, KEY) == sorted(fields)
    assert edited_fields("m", fields | {"a new field": 1}, signature, KEY) == ["a new field"]


@given(FIELDS)
def test_a_signature_is_of_one_attempt_one_state_and_one_key(fields: dict[str, object]) -> None:
    signature, every = sign("m", fields, KEY), sorted(fields)
    assert edited_fields("n", fields, signature, KEY) == every
    assert edited_fields("m", fields, signature, OTHER) == every
    assert edited_fields("m", fields, replace(signature, saved="2026-01-01T00:00:00+00:00"), KEY) == every


def test_a_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    keys: list[bytes] = []
    threads = [threading.Thread(target=lambda: keys.append(key_of_home(tmp_path / "home"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert set(keys) == {key_of_home(tmp_path / "home")}
    file = tmp_path / "home" / KEY_FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == [KEY_FILE]
    assert key_of_home(tmp_path / "other") != keys[0]


@pytest.mark.parametrize("text", ["", "00", "no key\n", "z" * 64, "é" * 64])
def test_a_file_that_is_no_key_is_refused_with_advice(text: str, tmp_path: Path) -> None:
    file = tmp_path / KEY_FILE
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError, match=f"holds no key; give the file {KEY_FILE}"):
        read_key(file)
    with pytest.raises(SpecError, match="can't be read"):
        verifier_for(tmp_path, tmp_path / "missing")


def test_a_grader_makes_no_key(tmp_path: Path) -> None:
    assert verifier_for(tmp_path, None).key is None
    assert list(tmp_path.iterdir()) == []


def test_each_saved_state_is_signed_whole(store: Store) -> None:
    attempt = designed(name="Ada")
    for now in (attempt, replace(attempt, name="Łukasz 李"), attempt.with_prediction(1)):
        save_attempt(now, store)
        stored = load_attempt(now.id, store)
        assert stored is not None
        assert stored == now
        assert stored.signature is not None
        assert stored.signature.server == fingerprint(key_of_home(store.home))
        fields = attempt_fields(json.loads(json.dumps(stored.to_dict())))
        assert edited_fields(mark_of(now.id), fields, stored.signature, key_of_home(store.home)) == []
        names = {"prediction", "predicted", "begun", "again", "A steps", "C count", "lesson", "counting_line", "shown"}
        assert names <= fields.keys()
        assert "id" not in fields
    assert key_of_home(store.home).hex() not in store.attempts.read(attempt.id).content


def test_an_attempt_of_an_earlier_version_is_read_without_a_signature() -> None:
    data = designed().to_dict()
    del data["signature"], data["counting_line"]
    read = Attempt.from_dict(data)
    assert (read.signature, read.counting_line) == (None, "")


BAD = (
    3,
    {"server": "abc"},
    {"server": "../x", "saved": "2026-01-01T00:00:00+00:00", "codes": {}},
    {"server": "ab", "saved": None, "codes": {}},
    {"server": "ab", "saved": "yesterday", "codes": {}},
    {"server": "ab", "saved": "2026-01-01T00:00:00+00:00", "codes": ["ab"]},
    {"server": "ab", "saved": "2026-01-01T00:00:00+00:00", "codes": {"name": 3}},
)


@pytest.mark.parametrize("data", BAD)
def test_data_that_are_no_signature_are_refused(data: object) -> None:
    with pytest.raises(SpecError):
        Attempt.from_dict(designed().to_dict() | {"signature": data})


def test_a_signature_comes_back_from_json() -> None:
    signature = sign("m", {"name": "Ada"}, KEY)
    assert Signature.from_dict(json.loads(json.dumps(asdict(signature)))) == signature
