"""A run's curves as event files for TensorBoard, written by torch's own writer."""

from __future__ import annotations

import importlib.util
import io
import re
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from labcore.results.events import ConditionAccuracy, Event, Finished, GradientNorms, TrainStep, Validation

MISSING = (
    "TensorBoard's package is not installed on this server. To have it: `pip install -r requirements-tensorboard.txt`, "
    "then restart the lab."
)
Scalar = tuple[str, float, int, float | None]  # tag, value, step, and seconds since training began if they are known


def tensorboard_is_here() -> bool:
    """Whether the package is installed; it is not imported."""
    return importlib.util.find_spec("tensorboard") is not None


def scalars(events: Sequence[Event]) -> Iterator[Scalar]:
    """What the events measured, by TensorBoard's tags: `loss/soft`, `validation/accuracy` and so on, in order."""
    seconds, last = 0.0, 0
    for event in events:
        match event:
            case TrainStep():
                seconds, last = event.elapsed, event.step
                yield "loss/total", event.total, event.step, seconds
                for name, value in event.losses.items():
                    yield f"loss/{name}", value, event.step, seconds
                yield "learning rate", event.learning_rate, event.step, seconds
            case Validation():
                yield "validation/accuracy", event.accuracy, event.step, seconds
                yield "validation/agreement", event.agreement, event.step, seconds
                yield "validation/loss", event.loss, event.step, seconds
            case GradientNorms():
                for name, share in event.shares.items():
                    yield f"gradient share/{name}", share, event.step, seconds
            case ConditionAccuracy():
                for name, accuracy in event.accuracy.items():
                    yield f"condition/{name}", accuracy, event.step, seconds
            case Finished():
                yield "test/accuracy", event.accuracy, last, seconds
                yield "test/agreement", event.agreement, last, seconds
                yield "test/retention", event.retention, last, seconds
            case _:  # nothing to draw against steps
                pass


def write_event_file(folder: Path, events: Sequence[Event]) -> None:
    """Write one event file into the folder. Raises ModuleNotFoundError without TensorBoard, and OSError."""
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(folder)) as writer:
        for tag, value, step, seconds in scalars(events):
            writer.add_scalar(tag, value, step, walltime=seconds)


def tensorboard_zip(runs: Mapping[str, Sequence[Event]]) -> bytes:
    """A zip file with a folder for each run, by its name, which holds its event file."""
    content = io.BytesIO()
    with tempfile.TemporaryDirectory() as place, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, events) in enumerate(runs.items(), 1):
            folder = Path(place) / str(number)
            write_event_file(folder, events)
            shown = re.sub(r"[^\w ,.%=+-]+", "-", name).strip(" .") or str(number)
            for file in sorted(folder.iterdir()):
                archive.write(file, f"{shown}/{file.name}")
    return content.getvalue()
