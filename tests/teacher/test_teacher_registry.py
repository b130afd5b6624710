"""Teachers of one's own by name: the registry, names that lead nowhere, and what identifies one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labcore.config.checks import SpecError
from labcore.config.finetuning import FineTuning
from labcore.config.spec import Spec
from labcore.runs.allowed_teachers import check_allowed
from labcore.runs.teacher_store import TeacherStore
from labcore.teacher.identity import identity_of
from labcore.teacher.location import TeacherError, folder_of, resolved
from labcore.teacher.own_teachers import (
    OwnTeacher,
    TeacherFigures,
    all_entries,
    entry_of,
    folder_of_entry,
    own_task_of,
)
from labcore.teacher.task_of import task_of
from labcore.views.teacher_names import short_names
from tests.shared.brought_teachers import configure

FIGURES = TeacherFigures(accuracy=0.75, majority=0.5, examples=100)


def brought(spec: Spec, title: str = "Mine", **more: object) -> OwnTeacher:
    return TeacherStore().create(title, "reviews", "folder", source=spec.teacher, figures=FIGURES, **more)


@pytest.mark.parametrize(
    "name", ["own:", "own:..", "own:../x", "own:a/b", "own:A", "own:\0", "own:" + "a" * 80, "own:-x", "mine"]
)
def test_a_name_never_leads_out_of_the_home(name: str) -> None:
    with pytest.raises(SpecError, match="not the name of a teacher"):
        folder_of_entry(name)
    assert own_task_of(name) is None
    assert task_of(name) is None


def test_one_that_is_not_here_is_told(lab_home: Path) -> None:
    with pytest.raises(TeacherError, match=r"no teacher 'own:gone-1234'.*page Data"):
        folder_of("own:gone-1234")
    with pytest.raises(SpecError, match="no teacher"):
        check_allowed("own:gone-1234", [])
    assert not lab_home.exists()


def test_a_brought_folder_has_a_name_a_title_and_a_task(spec: Spec) -> None:
    teacher = brought(spec, "Größe & Co.")
    assert teacher.name.startswith("own:groe-co-") or teacher.name.startswith("own:gro")
    assert folder_of(teacher.name) == Path(spec.teacher)
    assert resolved(teacher.name) == teacher.name
    assert task_of(teacher.name) == "reviews"
    assert short_names([teacher.name, "reviews"]) == {teacher.name: "Größe & Co.", "reviews": "reviews"}
    check_allowed(teacher.name, [])
    assert entry_of(teacher.name) == teacher
    assert teacher.figures is not None
    assert teacher.figures.standard_error == pytest.approx(0.0428, abs=1e-4)  # Wilson's


def test_two_of_one_title_are_told_apart(spec: Spec) -> None:
    one, other = brought(spec), brought(spec)
    names = short_names([one.name, other.name])
    assert len(set(names.values())) == 2
    assert all(teacher.id in names[teacher.name] for teacher in (one, other))
    assert short_names([brought(spec, "reviews").name, "reviews"])["reviews"] == "reviews"


def test_the_confirmed_order_is_part_of_its_identity(spec: Spec) -> None:
    plain, one, other = (brought(spec, order=order) for order in (None, (0, 1), (1, 0)))
    assert len({identity_of(teacher.name) for teacher in (plain, one, other)}) == 3
    assert identity_of(plain.name) == identity_of(spec.teacher)
    configure(Path(spec.teacher), hidden_act="relu")
    assert identity_of(plain.name) == identity_of(spec.teacher)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"id": 3}', '{"id": "a", "titel": "b"}', '{"order": "x"}', "\udcff"]
)
def test_a_damaged_entry_is_a_sentence(text: str, spec: Spec) -> None:
    teacher = brought(spec)
    path = folder_of_entry(teacher.name) / "teacher.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert all_entries() == []
    with pytest.raises(SpecError):
        folder_of(teacher.name)


def test_one_that_is_not_ready_does_not_teach(spec: Spec) -> None:
    store = TeacherStore()
    teacher = store.create_to_make("Mine", FineTuning(task="reviews"))
    with pytest.raises(TeacherError, match=r"not ready \(queued\)"):
        folder_of(teacher.name)
    store.update(teacher.id, status="ready")
    with pytest.raises(TeacherError, match=r"files of teacher .* are gone"):
        folder_of(teacher.name)


def test_one_whose_process_ended_is_interrupted(lab_home: Path) -> None:
    store = TeacherStore()
    teacher = store.create_to_make("Mine", FineTuning(task="reviews"))
    assert TeacherStore().read(teacher.id) == teacher  # another process's, as its lock is held
    store._release(teacher.id)
    now = TeacherStore().read(teacher.id)
    assert now is not None
    assert now.status == "interrupted"


def test_rename_and_remove(spec: Spec) -> None:
    store, teacher = TeacherStore(), brought(spec)
    store.rename(teacher.id, "Another")
    assert [entry.title for entry in store.all()] == ["Another"]
    with pytest.raises(SpecError, match="41 characters"):
        store.rename(teacher.id, "x" * 41)
    store.remove(teacher.id)
    assert store.all() == []
    assert Path(spec.teacher).is_dir()  # a folder elsewhere stays
    with pytest.raises(SpecError, match="no teacher"):
        store.remove(teacher.id)


def test_one_that_is_made_is_not_removed_meanwhile(lab_home: Path) -> None:
    store = TeacherStore()
    teacher = store.create_to_make("Mine", FineTuning(task="reviews"))
    with pytest.raises(SpecError, match="stop that first"):
        store.remove(teacher.id)


def test_its_entry_is_plain_json(spec: Spec) -> None:
    teacher = brought(spec, order=(1, 0))
    data = json.loads((folder_of_entry(teacher.name) / "teacher.json").read_text())
    assert OwnTeacher.from_dict(data) == teacher
