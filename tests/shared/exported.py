"""What a made-up exported folder states about itself."""

from __future__ import annotations

from labcore.export.exported_folder import ExportedFolder, Measured, TeacherFacts

MEASURED = Measured(
    examples=1000,
    largest_difference=1e-5,
    agreement=0.99,
    accuracy=0.84,
    accuracy_in_torch=0.845,
    bytes=1234,
    ms_batch_1=1.5,
    ms_batch_32=20.0,
    host="a processor, one thread",
)
EXPORTED = ExportedFolder(
    kind="onnx",
    labels=("bad", "good ☃"),
    max_length=128,
    task="reviews",
    title="3 layers",
    pad_token_id=0,
    run="x",
    teacher=TeacherFacts("reviews", None, 90),
    measured=MEASURED,
    notes=("A note.",),
    sha256={"model.onnx": "0"},
)
