"""A student that does not fit into memory is refused before it is built, with both sizes and what to change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from labcore.__main__ import main
from labcore.compress.student import Student
from labcore.config.presets import PRESETS
from labcore.config.spec import DistilConfig, Spec, SpecError
from labcore.config.steps import Factorise, KeepLayers, Manual, Prune, Quantise
from labcore.runs import cache, execute, memory
from labcore.runs.cache import calibration_for
from labcore.runs.memory import check_memory_to_train, check_room_to_derive
from labcore.runs.store import Store
from labcore.system import host
from labcore.system.host import free_bytes, left_in_groups

HUGE = Spec(steps=(Manual(hidden=65_536, layers=256, heads=16, intermediate=65_536),))
TOTAL = 22_713_986  # parameters of the teacher
TABLE = 30_522 * 384  # of its token embeddings
MATRICES = 6 * (4 * 384**2 + 2 * 384 * 1536) + 384**2  # of its layers and its pooler, which a grid can hold


def free(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(memory, "free_bytes", lambda: size)


def fits(spec: Spec) -> bool:
    try:
        check_memory_to_train(spec, calibration_for(spec.teacher, spec.task))
    except SpecError as error:
        if "GB are free" not in str(error):
            raise
        return False
    return True


@pytest.fixture
def nothing_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the meta device is derived on, and no teacher is loaded."""

    def never(*_: object, **__: object) -> Student:
        raise AssertionError("something was built with weights")

    for module in (execute, cache):
        monkeypatch.setattr(module, "load_for", never)
        monkeypatch.setattr(module, "derive", never)
    monkeypatch.setattr(cache, "measure", never)


@pytest.mark.usefixtures("nothing_built")
@pytest.mark.parametrize("command", ["derive", "run"])
def test_a_huge_student_is_refused_by_the_commands(
    command: str, tmp_path: Path, lab_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    free(monkeypatch, 8 * 10**9)
    (tmp_path / "spec.json").write_text(HUGE.to_json())
    into = ["--out", str(tmp_path / "out")] if command == "derive" else []
    assert main([command, "--spec", str(tmp_path / "spec.json"), *into]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: steps[0] (manual) takes at least 26,4")
    assert "but 8.0 GB are free: it makes 6,603,566,809,090 parameters of 22,713,986" in err
    assert err.endswith("make hidden, intermediate or layers of steps[0] smaller\n")
    assert not (tmp_path / "out").exists()
    assert not (lab_home / "runs").exists()


@pytest.mark.usefixtures("nothing_built")
def test_a_huge_student_is_refused_by_runs_and_by_what_pages_look_at(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    free(monkeypatch, 8 * 10**9)
    run = store.create(HUGE)
    with pytest.raises(SpecError, match=r"steps\[0\] \(manual\)"):
        list(execute.execute_and_store(HUGE, run, store))
    assert "8.0 GB are free" in str(store.read(run).error)
    with pytest.raises(SpecError, match="GB are free"):
        cache.cached_student(HUGE)
    with pytest.raises(SpecError, match="GB are free"):
        cache.latency(replace(HUGE, teacher="bert-tiny"), 1, 8)


@pytest.mark.parametrize(
    ("spec", "numbers"),
    [
        (Spec(), 5 * (TOTAL - TABLE) + 4 * TABLE + TOTAL),
        (Spec(distil=DistilConfig(embeddings=False)), 5 * (TOTAL - TABLE) + 2 * TABLE + TOTAL),
        (Spec(steps=(KeepLayers(count=3),)), 5 * (TOTAL - TABLE - 5_323_392) + 4 * TABLE + TOTAL),
        (Spec(steps=(Quantise(bits=4, embeddings="none"),)), 5 * (TOTAL - TABLE) + 4 * TABLE + TOTAL + MATRICES),
        (Spec(assistant=Spec(), steps=(KeepLayers(count=3),)), 5 * (TOTAL - TABLE - 5_323_392) + 4 * TABLE + 2 * TOTAL),
    ],
    ids=["a copy", "frozen embeddings", "half", "few bits", "with an assistant"],
)
def test_training_takes_five_numbers_for_each(spec: Spec, numbers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weight, gradient, two moments and best checkpoint, beside the teacher and the assistant.

    On a grid the weight before rounding comes on top.
    """
    free(monkeypatch, 4 * numbers)
    assert fits(spec)
    free(monkeypatch, 4 * numbers - 1)
    assert not fits(spec)


def test_the_step_that_makes_it_large_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    free(monkeypatch, 10**9)
    calibration = calibration_for("reviews", "reviews")
    wide = Manual(hidden=2_400, layers=6, heads=12, intermediate=9_600)
    with pytest.raises(SpecError, match=r"layers of steps\[1\] smaller"):  # though the last student is a small one
        check_room_to_derive("reviews", (KeepLayers(count=3), wide, KeepLayers(count=1)), calibration)
    check_room_to_derive("reviews", (KeepLayers(count=3), KeepLayers(count=1)), calibration)
    with pytest.raises(SpecError, match=r"\(manual\)"):  # its last size depends on weights that can't be made
        check_memory_to_train(Spec(steps=(wide, Factorise(energy=0.5))), calibration)
    free(monkeypatch, 10**7)
    with pytest.raises(SpecError, match="give a smaller teacher"):
        check_memory_to_train(Spec(steps=(Prune(0.5),)), calibration)


def test_ordinary_specs_fit_into_two_gigabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    free(monkeypatch, 2 * 10**9)
    assert [preset.name for preset in PRESETS if not fits(preset.spec)] == []


# -- what is free ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "files", "left"),
    [
        ("0::/", {"memory.max": "max", "memory.current": "5"}, []),
        ("0::/", {"memory.max": "1000", "memory.current": "700", "memory.stat": "anon 5\ninactive_file 200"}, [500]),
        (
            "0::/a/b",
            {"a/b/memory.max": "max", "a/memory.max": "1000", "a/memory.current": "900", "a/memory.stat": ""},
            [100],
        ),
        ("0::/a", {"a/memory.max": "10", "a/memory.current": "90", "a/memory.stat": ""}, [0]),
        ("0::/of/the/host", {"memory.max": "1000", "memory.current": "900", "memory.stat": ""}, [100]),
        (
            "4:cpu,memory:/x",
            {
                "memory/memory.limit_in_bytes": "1000",
                "memory/memory.usage_in_bytes": "700",
                "memory/memory.stat": "total_inactive_file 100",
            },
            [400],
        ),
        ("3:cpu:/", {"memory.max": "1000", "memory.current": "1", "memory.stat": ""}, []),
        ("0::/", {"memory.max": "a thousand"}, []),
    ],
)  # fmt: skip
def test_the_limit_of_a_container_counts(line: str, files: dict[str, str], left: list[int], tmp_path: Path) -> None:
    (tmp_path / "cgroup").write_text(f"{line}\n")
    for name, content in files.items():
        (tmp_path / "fs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "fs" / name).write_text(content + "\n")
    assert list(left_in_groups(tmp_path / "cgroup", tmp_path / "fs")) == left


def test_the_smallest_of_what_is_free_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert free_bytes() > 0
    monkeypatch.setattr(host, "left_in_groups", lambda: iter([12_345]))
    assert free_bytes() == 12_345
    assert list(left_in_groups(tmp_path / "no such file")) == []
