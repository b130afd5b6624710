"""What the frontier keeps: each by a key of all that changes it; what is measured of real models; damaged files."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from benchmarks.mutations.folders import good_folder
from labcore.config.spec import Spec
from labcore.config.steps import KeepLayers, Manual
from labcore.count.cost import BITS
from labcore.data.tasks import load_task
from labcore.evaluate import lower_anchors
from labcore.evaluate.lower_anchors import AnchorKey, anchor_key
from labcore.evaluate.provenance import teacher_of
from labcore.results.frontier_measured import TimeAndMemory
from labcore.runs import frontier_files
from labcore.runs.cache import cached_teacher, counted
from labcore.runs.frontier_files import (
    keep,
    keep_anchor,
    kept_anchor,
    measured_key,
    measurements,
    read_kept,
    teacher_spec,
)
from labcore.runs.frontier_measuring import measure_design, measure_without_encoder
from labcore.runs.store import Store
from labcore.runs.token_vector_anchor import token_vector_anchor
from labcore.system.progress import finish
from labcore.teacher.identity import identity_of
from tests.shared.runs import finished
from tests.shared.tiny_tasks import give_task, task_of

SMALL = Spec(steps=(Manual(hidden=32, layers=1, heads=2, intermediate=64),))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few passes only."""
    monkeypatch.setattr("labcore.count.latency.SECONDS", (0.0, 60.0))


@pytest.mark.usefixtures("quick")
def test_a_design_is_measured_once_for_all_its_seeds_and_trainings() -> None:
    store = Store()
    first, second = finished(SMALL), finished(replace(SMALL, distil=replace(SMALL.distil, seed=3)))
    other = finished(Spec(steps=(KeepLayers(count=1),)))
    identity = identity_of("reviews")
    key = measured_key(SMALL, identity)
    assert read_kept(store.home, key, TimeAndMemory.from_json) is None
    keep(store.home, key, measured := measure_design(SMALL))
    kept = measurements(store.home, store.finished_runs())
    assert kept.runs == {first: measured, second: measured}
    assert kept.teachers == {}
    teachers = measure_design(teacher_spec(SMALL))
    keep(store.home, measured_key(teacher_spec(SMALL), identity), teachers)
    kept = measurements(store.home, store.finished_runs())
    assert other not in kept.runs
    assert kept.teachers == {teacher_of(store.read(other)): teachers}
    assert measured.latency.median_ms < teachers.latency.median_ms
    counts = counted(SMALL)
    for side, each in ((counts.student, measured), (counts.teacher, teachers)):
        weights = side.total * BITS // 8
        assert weights < each.peak_bytes < weights + 5e6  # some activations and the numbers of positions
        assert each.latency.runs >= 20


@pytest.mark.usefixtures("quick")
def test_a_model_without_an_encoder_is_faster_than_any_student() -> None:
    anchor, student = measure_without_encoder(SMALL), measure_design(SMALL)
    assert anchor.latency.median_ms < student.latency.median_ms
    weights = 4 * (30522 * 384 + 385 * 2)
    assert weights + 4 * 384 <= anchor.peak_bytes < weights + 4 * 384 + 8 * 1024  # and some numbers for each token


def test_each_field_of_a_key_makes_another_file() -> None:
    key = measured_key(SMALL, "a" * 64)
    others = [replace(key, **{field.name: 64 if field.name == "tokens" else "x"}) for field in fields(key)]
    home = Path("home")
    assert len({frontier_files._file(home, each) for each in (key, *others)}) == 1 + len(others)
    anchor = anchor_key("a" * 64, "reviews")
    more = [replace(anchor, **{f.name: 64 if f.name == "max_tokens" else "x"}) for f in fields(anchor)]
    assert len({frontier_files._file(home, each) for each in (anchor, *more)}) == 1 + len(more)
    assert key.machine
    assert key != measured_key(SMALL, "a" * 64, encoder=False)
    assert key != measured_key(replace(SMALL, task="news", teacher="news"), "a" * 64)
    assert key == measured_key(replace(SMALL, distil=replace(SMALL.distil, seed=9)), "a" * 64)
    assert anchor.data != anchor_key("a" * 64, "news").data


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"latency": {}}', b"\xff\xfe", b'{"latency": 3, "peak_bytes": 2}']
)
def test_a_damaged_file_is_made_again(tmp_path: Path, content: bytes) -> None:
    key = measured_key(SMALL, "a" * 64)
    path = frontier_files._file(tmp_path, key)
    path.parent.mkdir()
    path.write_bytes(content)
    assert read_kept(tmp_path, key, TimeAndMemory.from_json) is None


def test_a_model_without_an_encoder_is_fitted_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = good_folder(tmp_path / "teacher")
    task = task_of(folder, lambda i: f"w{i % 40} w{(3 * i) % 50} w{i % 7}")
    give_task(monkeypatch, task)
    store, identity, name = Store(), identity_of(str(folder)), str(folder)
    assert kept_anchor(store.home, identity, "reviews") is None  # none ships in a test
    result = finish(token_vector_anchor(name, "reviews", store.targets))
    keep_anchor(store.home, anchor_key(identity, "reviews"), result)
    assert kept_anchor(store.home, identity, "reviews") == result
    assert kept_anchor(store.home, "b" * 64, "reviews") is None
    assert 0.0 <= result.agreement <= 1.0
    shipped = replace(result, accuracy=0.5)
    there = lower_anchors.ShippedAnchors("", {anchor_key(identity, "reviews"): shipped})
    monkeypatch.setattr(frontier_files, "shipped_anchors", lambda: there)
    assert kept_anchor(store.home, identity, "reviews") == shipped
    again = finish(token_vector_anchor(name, "reviews", store.targets))  # from the teacher's cached logits
    assert again == result
    student = Spec(teacher=name, task="reviews", steps=(KeepLayers(count=1),))
    assert result.counts.cost is not None
    assert result.counts.parts["embeddings"] == counted(student).student.parts["embeddings"] - _positions(student)


def _positions(spec: Spec) -> int:
    """The parameters of a model's embeddings that are no word's."""
    model = cached_teacher(spec.teacher, spec.task)
    return sum(each.numel() for name, each in model.bert.embeddings.named_parameters() if "word" not in name)


def test_the_key_of_an_anchor_has_these_fields() -> None:
    assert [field.name for field in fields(AnchorKey)] == ["teacher", "task", "data", "max_tokens"]
    assert anchor_key("a", "reviews").max_tokens == load_task("reviews").max_tokens
