"""Tiny models as exported folders, and a static server for the pages that are made of them."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import torch
from transformers import BertTokenizerFast

from labcore.compress.student import Student
from labcore.data.examples import SPLITS, Examples, Split
from labcore.data.tasks import Task
from labcore.export.export_source import ExportSource
from labcore.export.exported_folder import ONNX_KINDS, ExportedFolder, Kind, Measured, TeacherFacts, digest
from labcore.models import classifier
from labcore.models.classifier import Classifier
from tests.shared.tiny import TINY, WORDS

NO_FILE = "Failed to load resource|error"  # what Chromium itself writes about a file that is missing or damaged
TOKENIZER = BertTokenizerFast(vocab={word: i for i, word in enumerate(WORDS)})
MEASURED = Measured(
    examples=30, largest_difference=2e-6, agreement=1.0, accuracy=0.9, accuracy_in_torch=0.9, bytes=9, ms_batch_1=0.2,
    ms_batch_32=1.5, host="a processor",
)  # fmt: skip


def words(n: int, seed: int = 0) -> str:
    """`n` words of the tiny vocabulary."""
    draw = random.Random(seed)
    return " ".join(f"w{draw.randrange(50)}" for _ in range(n))


def tiny_model(seed: int, labels: int = 2) -> Classifier:
    """A BERT of 4 layers × 16 with random weights, large ones, so that its predictions vary."""
    model = classifier.initialise_randomly(classifier.build(replace(TINY, labels=labels)), seed=seed).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() == 2:
                parameter.mul_(8)
    return model


def tiny_source(
    seed: int = 1, labels: Sequence[str] = ("no", "yes"), *, pairs: bool = False, title: str = "A tiny student"
) -> ExportSource:
    """A tiny model with test examples, as something to export."""
    column = tuple(words(3 + i % 12, i) for i in range(30))
    examples = Examples(column, tuple(i % len(labels) for i in range(30)), column[::-1] if pairs else None)
    splits: dict[Split, Examples] = dict.fromkeys(SPLITS, examples)
    return ExportSource(
        student=Student(tiny_model(seed, len(labels))),
        tokenizer=TOKENIZER,
        task=Task("tiny", tuple(labels), lambda: splits, TINY.positions, TINY.positions, pairs=pairs),
        max_tokens=TINY.positions,
        title=title,
        run="",
        teacher=TeacherFacts(name="reviews", accuracy=0.84, bytes=400_000),
    )


def described(folder: Path, labels: Sequence[str] = ("no", "yes"), kind: Kind = ONNX_KINDS[0], **changes: str) -> Path:
    """An exported folder of nine bytes in place of weights: enough to write a page, not to run it."""
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(b"no model.")
    TOKENIZER.save_pretrained(folder)
    fields = {"task": "tiny", "title": "A tiny student"} | changes
    ExportedFolder(
        kind=kind,
        labels=tuple(labels),
        max_length=TINY.positions,
        pad_token_id=0,
        run="",
        teacher=TeacherFacts(name=fields.pop("teacher", "reviews"), accuracy=0.84, bytes=400_000),
        measured=MEASURED,
        sha256={file.name: digest(file) for file in folder.iterdir()},
        **fields,
    ).write(folder)
    return folder


@contextmanager
def static_server(root: Path, log: list[str] | None = None, unpacks: bool = False) -> Iterator[str]:
    """The address of Python's own static server of a folder, on a free port; it ends with the block.

    log: gets the path of every request. unpacks: whether it declares `.gz` files as packed for the way only.
    """

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            if log is not None:
                log.append(self.path)

        def end_headers(self) -> None:
            if unpacks and self.path.endswith(".gz"):
                self.send_header("Content-Encoding", "gzip")
            super().end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(root))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
