"""The one choice of a device: what is unknown or absent is refused in a sentence, everywhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch

from labcore.__main__ import main
from labcore.config.spec import Spec, SpecError
from labcore.distil.precision import autocast, hardware_bf16
from labcore.results.events import Started
from labcore.results.run import FinishedRun
from labcore.runs.execute import execute_and_store
from labcore.runs.jobs import Jobs
from labcore.runs.store import Store
from labcore.system import host, processor
from tests.shared.old_runs import write_old_run
from tests.shared.pages import app
from tests.shared.runs import finished_run
from tests.shared.spec_file import spec_file

ABSENT = r"the device is 'cuda', but torch .* finds none here; give auto or cpu \(LAB_DEVICE or --device\)"
UNKNOWN = r"the device is 'gpu'; give auto, cpu, cuda or mps \(LAB_DEVICE or --device\)"


@pytest.fixture(autouse=True)
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAB_DEVICE", raising=False)
    has(monkeypatch)


def has(monkeypatch: pytest.MonkeyPatch, *kinds: str) -> None:
    """Let torch find GPUs of these kinds, and no other."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in kinds)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in kinds)


@pytest.mark.parametrize(
    ("given", "kinds", "device"),
    [
        ("", (), "cpu"),
        ("auto", (), "cpu"),
        ("auto", ("cuda",), "cuda"),
        ("auto", ("mps",), "mps"),
        ("", ("cuda", "mps"), "cuda"),
        ("cpu", ("cuda", "mps"), "cpu"),
        (" CUDA ", ("cuda",), "cuda"),
        ("mps", ("mps",), "mps"),
    ],
)
def test_a_device_by_its_name(given: str, kinds: tuple[str, ...], device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_DEVICE", given)
    has(monkeypatch, *kinds)
    assert processor.device() == torch.device(device)
    assert processor.device_error(torch_loaded=True) is None


@pytest.mark.parametrize(("given", "words"), [("gpu", UNKNOWN), ("cuda", ABSENT), ("cuda:1", "CUDA_VISIBLE_DEVICES")])
def test_what_is_unknown_or_absent_is_refused(given: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SpecError, match=words):
        processor.choose(given)
    assert processor.chosen() == "auto"
    monkeypatch.setenv("LAB_DEVICE", given)
    with pytest.raises(SpecError, match=words):
        processor.device()
    assert (processor.device_error(torch_loaded=False) is None) == (given == "cuda")
    assert processor.device_error(torch_loaded=True) is not None


@pytest.mark.parametrize("by", ["option", "environment"])
@pytest.mark.parametrize(("given", "words"), [("gpu", UNKNOWN), ("cuda", ABSENT)])
@pytest.mark.parametrize("command", ["run", "derive", "sweep", "record", "finetune", "grade"])
def test_every_command_that_computes_refuses_it(
    command: str,
    given: str,
    words: str,
    by: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    spec = ["--spec", spec_file(tmp_path, {"steps": [{"kind": "keep_layers", "count": 3}]})]
    arguments = {
        "run": spec,
        "derive": [*spec, "--out", str(tmp_path / "out")],
        "sweep": ["frontier"],
        "record": [],
        "finetune": ["reviews", "--out", str(tmp_path / "weights")],
        "grade": [str(tmp_path)],
    }[command]
    if by == "environment":
        monkeypatch.setenv("LAB_DEVICE", given)
    else:
        arguments += ["--device", given]
    assert main([command, *arguments]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert re.fullmatch(f"error: {words}.*", line)
    assert not (tmp_path / "out").exists()


def test_a_page_shows_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_DEVICE", "gpu")
    page = app()
    assert not page.exception
    assert any("The lab cannot train or evaluate" in warning.value for warning in page.warning)
    monkeypatch.setenv("LAB_DEVICE", "cpu")
    assert not any("The lab cannot train" in warning.value for warning in page.run().warning)


def test_the_queue_reports_it_at_start(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("LAB_DEVICE", "cuda")
    jobs = Jobs(store)
    jobs.wait_until_loaded()
    assert jobs.loaded
    assert "the device is 'cuda'" in caplog.text


def test_a_run_on_an_absent_device_fails_with_the_sentence(
    spec: Spec, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_DEVICE", "mps")
    run_id = store.create(spec)
    with pytest.raises(SpecError, match="finds none here"):
        list(execute_and_store(spec, run_id, store))
    assert "the device is 'mps'" in (store.read(run_id).error or "")


# -- precision and names ------------------------------------------------------------------------------


@pytest.mark.parametrize(("on", "bf16"), [("cuda", True), ("cuda", False), ("mps", False)])
def test_precision_is_the_devices(on: str, bf16: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    has(monkeypatch, on)
    asked = []
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **given: asked.append(given) or bf16)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "a GPU")
    monkeypatch.setattr(torch.backends.mps, "get_name", lambda: "a GPU")
    assert hardware_bf16() is bf16
    assert autocast(False).device == on
    assert processor.machine() == f"{on} (a GPU), {'bf16' if bf16 else 'fp32'}, torch {torch.__version__}"
    assert processor.kind_of(processor.device()) == f"{on} a GPU"
    assert asked in ([], [{"including_emulation": False}] * 2)  # emulated bf16 is slower than fp32


def test_a_processor_without_torchs_private_functions_computes_in_fp32(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.delattr(torch.cpu, name)
    assert not hardware_bf16()


def test_every_run_keeps_its_machine(spec: Spec, store: Store) -> None:
    run_id = store.create(spec)
    first, *_ = execute_and_store(spec, run_id, store)
    assert isinstance(first, Started)
    run = store.read(run_id)
    assert isinstance(run, FinishedRun)
    assert first.machine == run.machine == processor.machine()
    assert host.processor_name() in run.machine
    assert f"Computed on {run.machine}." in (store.home / "runs" / run_id / "student" / "README.md").read_text("utf-8")


def test_a_run_of_an_earlier_version_has_none(store: Store) -> None:
    run = finished_run("20260101-000000-0000000", Spec(), 0.8)
    write_old_run(store.home, run, machine=None)
    assert store.read(run.id) == run
    assert run.machine is None
