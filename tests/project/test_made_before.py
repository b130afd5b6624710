"""Links, run folders and a submission that an older lab made still open, and a run of one seed logs the same events.

`tests/before/README.md` says what each file is.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import safetensors.torch
import streamlit as st
import torch
from streamlit.testing.v1 import AppTest
from transformers import AutoTokenizer

from labcore.compress.student_folder import load_student

# What the lab may rename stands here.
from labcore.data.batches import encode
from labcore.data.tasks import load_task
from labcore.evaluate.metrics import predict
from tests.shared.full import first
from tests.shared.pages import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
BEFORE = ROOT / "tests" / "before"
FEWER = ROOT / "tests" / "shared" / "fewer"
EVALUATE = "evaluate"  # the page that evaluates a finished run
ASSIGNMENT = "lesson"  # the query parameter that holds an assignment

PLAIN, CUED = "20261126-180856-adfcc30", "20261126-175858-6ca3efb"
SUBMITTED = ("20261126-175023-a7cceff", "20261126-175131-86ddc47", "20261126-175157-cad23ad")
ATTEMPT = "5eed0fa11ab01a2f"


@pytest.fixture(autouse=True)
def home(lab_home: Path) -> Iterator[Path]:
    """A copy of the older lab's home, which the pages read, with no queue of an earlier test."""
    shutil.copytree(BEFORE / "home", lab_home)
    st.cache_resource.clear()
    yield lab_home
    st.cache_resource.clear()


# -- links -------------------------------------------------------------------------------------------


def query(name: str) -> dict[str, str]:
    """The query parameters of a link."""
    return {key: value for key, [value] in parse_qs((BEFORE / name).read_text().strip()).items()}


def app(page: str | None = None, **address: str) -> AppTest:
    """The lab opened at an address, then on `page`."""
    test = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE)
    for name, value in address.items():
        test.query_params[name] = value
    test.run()
    if page is not None:
        test.switch_page(f"pages/{page}.py").run()
    assert not test.exception, [error.value for error in test.exception]
    assert not test.error, [error.value for error in test.error]
    return test


def parameter(test: AppTest, name: str) -> Any:
    """The JSON data that the page's address holds under this name."""
    return json.loads(str(test.query_params[name]))


def disabled(test: AppTest) -> dict[str, bool]:
    """Whether each control is disabled, by its key."""
    kinds = ("slider", "select_slider", "segmented_control", "pills", "toggle", "selectbox", "number_input")
    return {widget.key: widget.disabled for kind in kinds for widget in test.get(kind) if widget.key}


@pytest.mark.parametrize("page", ["design", "distil"])
def test_a_link_opens_with_the_same_spec(page: str) -> None:
    link = query("link.txt")
    test = app(page, **link)
    assert parameter(test, "spec") == json.loads(link["spec"])
    assert parameter(test, "with") == json.loads(link["with"])
    assert test.query_params["large"] == link["large"]


def test_an_assignment_link_opens_on_its_page_with_its_words_and_locks() -> None:
    link = query("assignment_link.txt")
    given = json.loads(link[ASSIGNMENT])
    test = app(**link)
    controls = disabled(test)
    assert parameter(test, "spec") == given["spec"]
    assert [text.value for text in test.text][:2] == [given["title"], given["text"]]
    assert (controls["hard"], controls["final-soft"], controls["soft"]) == (True, True, False)
    assert not {"seed", "steps", "length"} & controls.keys()
    assert {"seed", "steps", "length"} <= disabled(app("distil", spec=json.dumps(given["spec"]))).keys()
    design = disabled(test.switch_page("pages/design.py").run())
    assert not test.exception
    assert "teacher" not in design
    assert [off for key, off in design.items() if key.startswith("kind-")] == [True]
    assert parameter(test, ASSIGNMENT) == given


def test_an_assignment_link_to_a_page_that_was_renamed_opens() -> None:
    given = json.loads(query("assignment_link.txt")[ASSIGNMENT]) | {"page": "judge"}
    test = app(**{ASSIGNMENT: json.dumps(given)})
    assert test.text[0].value == given["title"]
    assert test.title[0].value == app(EVALUATE).title[0].value


# -- run folders -------------------------------------------------------------------------------------


def stored(run: str, file: str = "run.json") -> Any:
    """What a run's folder says."""
    return json.loads((BEFORE / "home" / "runs" / run / file).read_text())


def as_percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def figures(test: AppTest) -> list[str]:
    """The values of the page's metrics."""
    return [metric.value for metric in test.metric]


def charts(test: AppTest) -> list[dict[str, Any]]:
    """The data of every chart of the page."""
    drawn = (json.loads(element.proto.json) for element in test.get("bidi_component"))
    figures = [each["figure"] for each in drawn if "figure" in each and isinstance(each["figure"], dict)]
    return [trace for figure in figures for trace in figure["data"]]


@pytest.mark.parametrize("run", [PLAIN, CUED])
@pytest.mark.parametrize("page", ["distil", EVALUATE, "frontier"])
def test_a_run_is_shown_with_its_figures(page: str, run: str) -> None:
    result = stored(run)["result"]
    test = app(page, run=run)
    assert as_percent(result["student"]["accuracy"]) in figures(test)
    assert as_percent(result["student"]["accuracy"] / result["teacher"]["accuracy"]) in figures(test)
    assert parameter(test, "spec") == stored(run, "spec.json")


@pytest.mark.parametrize("run", [PLAIN, CUED])
def test_every_step_of_a_run_is_in_its_curves(run: str) -> None:
    events = [json.loads(line) for line in (BEFORE / "home" / "runs" / run / "events.jsonl").read_text().splitlines()]
    totals = [event["total"] for event in events if event["event"] == "step"]
    validated = [event["accuracy"] for event in events if event["event"] == "validation"]
    drawn = [list(trace["y"]) for trace in charts(app("distil", run=run)) if isinstance(trace.get("y"), list)]
    assert any(y == pytest.approx(totals, abs=1e-3) for y in drawn if len(y) == len(totals) == 24)
    assert any(y == pytest.approx(validated, abs=1e-3) for y in drawn if len(y) == len(validated) == 5)


@pytest.mark.parametrize("run", [PLAIN, CUED])
def test_a_saved_student_still_predicts_the_same_logits(run: str, home: Path) -> None:
    folder = home / "runs" / run
    kept = safetensors.torch.load((folder / "answers.safetensors").read_bytes())
    task = load_task(stored(run, "spec.json")["task"])
    tokenizer = AutoTokenizer.from_pretrained(folder / "student")
    test = task.splits["test"]
    assert len(test) == len(kept["student"])
    encoded = encode(tokenizer, test, tokenizer.model_max_length)
    assert encoded.labels.tolist() == kept["labels"].tolist()
    logits = predict(load_student(folder / "student").model, encoded)
    torch.testing.assert_close(logits, kept["student"], rtol=1e-4, atol=1e-5)
    assert kept["student"].std(0).min() > 1e-4  # a student whose logits differ from example to example


# -- the exercise ------------------------------------------------------------------------------------


def test_an_attempt_is_shown_as_it_was_left(home: Path) -> None:
    attempt = json.loads((home / "exercises" / f"{ATTEMPT}.json").read_text())
    test = app("exercise", attempt=ATTEMPT)
    assert test.query_params["attempt"] == ATTEMPT
    assert attempt["reason"] in [area.value for area in test.text_area]
    assert attempt["name"] in [field.value for field in test.text_input]
    counts = {count for table in test.dataframe if "your count" in table.value for count in table.value["your count"]}
    assert {attempt["teacher_count"], *(slot["count"] for slot in attempt["slots"])} <= counts
    results = "\n".join(frame.value.to_csv() for frame in test.dataframe)
    for run in SUBMITTED:
        assert as_percent(stored(run)["result"]["student"]["accuracy"]) in results


def test_a_submission_gets_the_same_grades_from_the_runs_that_are_there(home: Path, tmp_path: Path) -> None:
    before = sorted(run.name for run in (home / "runs").iterdir())
    written = tmp_path / "grades.csv"
    arguments = ("grade", str(BEFORE / "hand_in.json"), "--home", str(home), "--csv", str(written))
    done = subprocess.run([sys.executable, "-m", "labcore", *arguments], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert grades(written) == grades(BEFORE / "grades.csv") | NOT_PROVEN
    assert done.stdout.splitlines()[-1] == "in all: flagged"
    assert sorted(run.name for run in (home / "runs").iterdir()) == before  # found, not trained again


# Of a submission that has no signature, and counts that were typed.
NOT_PROVEN = {"check: own counts": "flagged", "check: signature": "flagged", "check: prediction": "unverified"}


def grades(file: Path) -> dict[str, str]:
    """The cells of a submission's row by their column, without the last, which has words."""
    with file.open(newline="") as rows:
        [row] = csv.DictReader(rows)
    return {column: cell for column, cell in row.items() if column != "look at"}


# -- the log of a run --------------------------------------------------------------------------------

# The lab trains in bfloat16 if the processor has it. Here it has not: the logs are of fp32, and of one thread.
FP32 = """
import sys, torch
torch.set_num_threads(1)
torch.cpu._is_avx512_bf16_supported = torch.cpu._is_amx_tile_supported = lambda: False
from labcore.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
LEFT_OUT = ("run", "seconds", "elapsed", "sentences_per_second", "differences", "machine")
LEFT_OUT += ("stored",)  # the size of the file, which runs of an earlier version lack


def leaves(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value in JSON data with its path, without what another run of the same spec need not share."""
    if isinstance(data, dict) and {"kind", "words"} == data.keys():  # a finding, whose words may change
        yield path, data["kind"]
    elif isinstance(data, dict):
        for key, value in data.items():
            if key not in LEFT_OUT:
                yield from leaves(value, f"{path}.{key}")
    elif isinstance(data, list):
        yield f"{path}.length", len(data)
        for i, value in enumerate(data):
            yield from leaves(value, f"{path}.{i}")
    else:
        yield path, data


def processor() -> dict[str, str]:
    """What decides how a processor rounds."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    name = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")
    return {
        "processor": name,
        "capability": torch.backends.cpu.get_cpu_capability(),
        "torch": torch.__version__,
    }


def elsewhere(events: list[dict[str, Any]]) -> dict[str, Any]:
    """What another processor computes alike: losses, weights, gradient norms, similarities, shares of examples."""
    kept = ("step", "gradients", "similarity", "validation", "started")
    values = [{k: v for k, v in event.items() if k != "best"} for event in events if event["event"] in kept]
    return dict(leaves(values))


def tolerance(path: str) -> float:
    """How far a value may be off on another processor. Of 160 examples two may be predicted otherwise."""
    return 0.013 if path.endswith(("accuracy", "agreement")) else 1e-5


@pytest.mark.parametrize("name", first(1, ["chain", "stack"]))
def test_a_run_of_one_seed_logs_the_same_events(name: str, tmp_path: Path) -> None:
    few = {"LAB_FEWER_TRAIN": "320", "LAB_FEWER_OTHERS": "160"}
    environment = os.environ | few | {"PYTHONPATH": f"{FEWER}{os.pathsep}{ROOT}"}
    arguments = ("run", "--spec", str(BEFORE / f"spec_{name}.json"), "--home", str(tmp_path / "new"))
    done = subprocess.run(
        [sys.executable, "-c", FP32, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    now = [json.loads(line) for line in done.stdout.splitlines()]
    before = [json.loads(line) for line in (BEFORE / f"log_{name}.jsonl").read_text().splitlines()]
    assert [event["event"] for event in now] == [event["event"] for event in before]
    if json.loads((BEFORE / "made_on.json").read_text()) == processor():
        assert dict(leaves(now)) == dict(leaves(before))
        return
    old, new = elsewhere(before), elsewhere(now)
    assert new.keys() == old.keys()
    for path, value in old.items():
        expected = pytest.approx(value, rel=1e-3, abs=tolerance(path)) if isinstance(value, float) else value
        assert new[path] == expected, path
