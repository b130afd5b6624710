"""Copies among the submissions of a class are flagged, and their originals are not blamed."""

from __future__ import annotations

import copy
from pathlib import Path

from labcore.exercise.signature_check import Verifier
from tests.shared.submissions import (
    Class,
    class_of,
    new_id_and_reason,
    put,
)


def test_a_copy_is_flagged_and_the_original_is_not_blamed(room: Class, tmp_path: Path) -> None:
    renamed = put("attempt.name", "Eve")(copy.deepcopy(room.honest))
    copies = class_of(
        room, tmp_path, room.verifier, ada=room.honest, eve=renamed, bob=room.submitted(room.another("Bob"))
    )
    assert copies["ada"] == copies["bob"] == ""
    for shared in ("attempt", "reason", "times", "signature", "counting line", "runs"):
        assert f"the same {shared} as ada" in copies["eve"]


def test_a_copy_with_a_new_id_and_other_words_is_found_by_times_and_runs_also_without_the_key(
    room: Class, tmp_path: Path
) -> None:
    for verifier in (room.verifier, Verifier()):
        copies = class_of(room, tmp_path, verifier, ada=room.honest, eve=new_id_and_reason(room))
        assert copies["ada"] == ""
        for shared in ("times", "signature", "counting line", "runs"):
            assert f"the same {shared} as ada" in copies["eve"]


def test_a_copy_with_other_times_too_is_found_by_its_runs(room: Class, tmp_path: Path) -> None:
    data = put("attempt.predicted", "2026-01-05T10:00:00+00:00")(new_id_and_reason(room))
    data = put("attempt.begun", "2026-01-05T11:00:00+00:00")(put("attempt.signature", None)(data))
    copies = class_of(room, tmp_path, room.verifier, ada=room.honest, eve=data)
    assert (copies["ada"], "the same runs as ada" in copies["eve"]) == ("", True)


def test_a_class_that_shares_the_runs_of_ready_students_is_no_copy(room: Class, tmp_path: Path) -> None:
    files = {name: room.submitted(room.another(name)) for name in ("Ada", "Bob")}
    files["Bob"] = room.submitted(room.another("Bob", begun="2026-01-03T10:06:00+00:00"))
    for verifier in (room.verifier, Verifier()):
        assert set(class_of(room, tmp_path, verifier, **files).values()) == {""}
