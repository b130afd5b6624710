"""Sweeps of one's own: specs in proportion to the teacher, and the runs that they have."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from labcore.__main__ import main
from labcore.config.presets import CAPACITIES, SWEEPS
from labcore.config.spec import SpecError
from labcore.config.steps import Manual, TrimVocabulary
from labcore.evaluate import reference
from labcore.evaluate.baselines import is_baseline
from labcore.evaluate.capacity_gap import size_results
from labcore.evaluate.reference import read
from labcore.models.architecture import Architecture
from labcore.runs import own_sweep
from labcore.runs.own_sweep import (
    FEWEST_STEPS,
    MOST_EPOCHS,
    capacity_pairs,
    capacity_sweep,
    comparable,
    hard_weight_sweep,
    seeds_begun,
    sweep_runs,
)
from labcore.runs.store import Store
from labcore.teacher.built_in import MINILM
from tests.shared.own_task import own_task
from tests.shared.runs import run_of, seeded

BASE = Architecture(hidden=768, layers=12, heads=12, intermediate=3072)


def test_for_minilm_the_students_are_those_of_the_reference_results() -> None:
    pairs = capacity_pairs("own:x", "reviews", MINILM, 1_000_000)
    for (distilled, baseline), shipped in zip(pairs, SWEEPS["capacity"][::2], strict=True):
        assert distilled.steps == shipped.steps
        assert distilled.distil == replace(shipped.distil, transfer=0)
        assert distilled.teacher == baseline.teacher == "own:x"
        assert not is_baseline(distilled)
        assert is_baseline(baseline)
        assert baseline.steps == distilled.steps
        assert baseline.distil.steps == distilled.distil.steps


def test_a_wider_teacher_has_wider_students_with_fewer_steps() -> None:
    for (distilled, _), (shape, steps) in zip(capacity_pairs("own:x", "news", BASE, 10**6), CAPACITIES, strict=True):
        trim, manual = distilled.steps
        assert isinstance(trim, TrimVocabulary)
        assert isinstance(manual, Manual)
        assert (manual.hidden, manual.layers) == (2 * shape.hidden, 2 * shape.layers)
        assert manual.intermediate == 4 * (manual.hidden or 0)
        assert trim.size == shape.tokens
        assert (distilled.distil.steps or 0) == max(FEWEST_STEPS, round(steps / 4))


def test_few_examples_are_not_read_too_often() -> None:
    for distilled, _ in capacity_pairs("own:x", "news", MINILM, 320):
        assert (distilled.distil.steps or 0) * distilled.distil.batch_size <= MOST_EPOCHS * 320
    assert {pair[0].distil.steps for pair in capacity_pairs("own:x", "news", MINILM, 10)} == {FEWEST_STEPS}


def test_a_sweep_finds_its_runs_again(tmp_path: Path, store: Store) -> None:
    own = own_task(tmp_path / "tiny", names=("a", "b", "c"))
    pairs = capacity_sweep(own.teacher.name)
    assert len(pairs) > 2
    assert {spec.task for pair in pairs for spec in pair} == {own.data.task}
    short = [tuple(replace(spec, distil=replace(spec.distil, steps=2)) for spec in pair) for pair in pairs[:2]]
    specs = [spec for pair in short for spec in pair]
    nothing = sweep_runs(specs, 2, [])
    assert len(nothing.missing) == len(nothing.wanted) == 8
    assert [spec.distil.seed for spec in nothing.wanted] == [0] * 4 + [1] * 4

    run_of(specs[0])
    one = sweep_runs(specs, 2, Store().runs())  # another store, as after a restart
    assert len(one.finished) == 1
    assert len(one.missing) == 7
    assert comparable(one) == ()
    run_of(specs[1])
    two = sweep_runs(specs, 2, Store().runs())
    assert {run.spec for run in comparable(two)} == set(specs[:2])
    [size] = size_results(comparable(two))
    assert size.spec == specs[0]
    assert seeds_begun(specs, Store().runs()) == 1
    waiting = store.create(specs[2])
    assert [run.id for run in sweep_runs(specs, 2, store.runs()).active] == [waiting]
    store.update(waiting, "failed", error="no luck")
    failed = sweep_runs(specs, 2, store.runs()).failed
    assert failed is not None
    assert failed.error == "no luck"
    assert sweep_runs([seeded(0)], 1, store.runs()).failed is None


def test_hard_weights_need_a_cue(tmp_path: Path) -> None:
    plain, cued = own_task(tmp_path / "one"), own_task(tmp_path / "two", cue=True, title="Cued")
    with pytest.raises(SpecError, match="have no cue"):
        hard_weight_sweep(plain.teacher.name)
    specs = hard_weight_sweep(cued.teacher.name)
    assert [spec.distil.hard for spec in specs] == [0.0, 0.2, 0.5, 0.8, 1.0]
    assert all(spec.distil.hard + spec.distil.soft == pytest.approx(1) for spec in specs)


@pytest.mark.parametrize("teacher", ["own:nobody", "bert-base-uncased", "/tmp/somewhere"])
def test_a_teacher_without_a_task_has_no_sweep(teacher: str) -> None:
    with pytest.raises(SpecError, match="no task of teacher"):
        capacity_sweep(teacher)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mimicry", "--teacher", "own:x"], "give `capacity`"),
        (["capacity", "--teacher", "own:x", "--recorded"], "leave out --recorded"),
        (["capacity", "--teacher", "own:x"], "no task of teacher 'own:x'"),
    ],
)
def test_the_command_line_reports_why_not(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str], store: Store
) -> None:
    assert main(["sweep", *arguments]) != 0
    assert words in capsys.readouterr().err


def test_the_command_line_runs_the_sweep_and_prints_its_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(own_sweep, "FEWEST_STEPS", 2)
    monkeypatch.setattr(own_sweep, "MOST_EPOCHS", 0)
    own = own_task(tmp_path / "tiny", names=("a", "b", "c"))
    out = tmp_path / "results.json"
    arguments = ["sweep", "capacity", "--teacher", own.teacher.name, "--seeds", "1", "--out", str(out)]
    assert main(arguments) == 0
    printed = capsys.readouterr()
    pairs = capacity_sweep(own.teacher.name)
    assert len(printed.out.splitlines()) == 2 * len(pairs) == len(read(out).runs)
    assert "| the teacher adds |" in printed.err
    assert f"--teacher {own.teacher.name} --seeds 1" in read(out).command
    assert not (reference.FOLDER / "capacity.json").exists()  # what ships with the lab stays
    assert main(arguments) == 0
    assert capsys.readouterr().out == ""  # nothing was missing
