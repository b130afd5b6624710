"""The curves of a run in TensorBoard: its own reader finds what the events say."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from labcore.results.events import Event, GradientNorms, Validation
from labcore.runs import tensorboard_files
from labcore.runs.tensorboard_files import tensorboard_is_here, tensorboard_zip
from tests.shared.runs import FINISHED, STEP


def steps(number: int) -> list[Event]:
    return [
        replace(STEP, step=i, steps=number, elapsed=0.6 * i, total=1 / i, losses={"hard": 2 / i, "soft": 3 / i})
        for i in range(1, number + 1)
    ]


def test_tensorboard_reads_every_value_at_its_step(tmp_path: Path) -> None:
    validation = Validation(step=20, accuracy=0.75, agreement=0.9, loss=0.4, teacher_accuracy=0.8, best=True)
    events = [
        *steps(20),
        GradientNorms(20, {"hard": 1.0, "soft": 3.0}, {"hard": 1.0, "soft": 1.0}),
        validation,
        FINISHED,
    ]
    with zipfile.ZipFile(io.BytesIO(tensorboard_zip({"3 layers / <x>": events, "other": steps(2)}))) as archive:
        archive.extractall(tmp_path)
    assert {folder.name for folder in tmp_path.iterdir()} == {"3 layers - -x-", "other"}
    read = EventAccumulator(str(tmp_path / "3 layers - -x-"))
    read.Reload()
    totals = {each.step: each.value for each in read.Scalars("loss/total")}
    assert totals == pytest.approx({i: 1 / i for i in range(1, 21)})
    assert [each.value for each in read.Scalars("loss/soft")][1] == pytest.approx(1.5)
    [accuracy] = read.Scalars("validation/accuracy")
    assert (accuracy.step, accuracy.value) == (20, pytest.approx(0.75))
    assert read.Scalars("gradient share/soft")[0].value == pytest.approx(0.75)
    assert read.Scalars("test/accuracy")[0].value == pytest.approx(FINISHED.accuracy)
    assert accuracy.wall_time == pytest.approx(12.0)  # seconds since training began


def test_a_missing_package_is_noticed_without_an_import(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tensorboard_is_here()
    monkeypatch.setattr(tensorboard_files.importlib.util, "find_spec", lambda name: None)
    assert not tensorboard_is_here()
