"""The card of an exported folder: what it is, what was measured, how to run it."""

from __future__ import annotations

from huggingface_hub import ModelCard, ModelCardData

from labcore.data.tasks import Task
from labcore.export.exported_folder import OWN_GRID, ExportedFolder
from labcore.teacher.base_model import BASE_ID

_ONNX = """```python
import labcore.export

model = labcore.export.load("FOLDER")
print(model.predict([SAMPLE]))
```

`labcore.export.load` needs onnxruntime and tokenizers, not PyTorch. Without the lab: `model.onnx` reads `input_ids` and
`attention_mask` (int64, batch × length) and returns `logits`; `tokenizer.json` is a fast tokenizer.
"""
_TRANSFORMERS = """```python
from transformers import pipeline

classify = pipeline("text-classification", "FOLDER")
print(classify(SAMPLE, truncation=True))
```
"""
_KINDS = {
    "onnx": "ONNX, fp32",
    "onnx-int8": "ONNX, 8 bits",
    "onnx-4bit": "ONNX, 4 bits",
    "huggingface": "a transformers folder, fp32",
}


def export_card(exported: ExportedFolder, task: Task, teacher_is_built_in: bool) -> str:
    """Markdown. teacher_is_built_in: whether the model derives from the lab's own base, whose licence is known."""
    measured, plain = exported.measured, exported.kind == "huggingface"
    base = f"The base is [{BASE_ID}](https://huggingface.co/{BASE_ID}), Apache-2.0. " if teacher_is_built_in else ""
    data = f"Licence of the data: {task.card.license}. " if teacher_is_built_in and task.card else ""
    limits = base + data or "Its licence is that of the teacher. "
    head = ModelCardData(
        base_model=BASE_ID if teacher_is_built_in else None,
        library_name="transformers" if plain else "onnx",
        pipeline_tag="text-classification",
        tags=["knowledge-distillation"],
    )
    form = OWN_GRID if exported.own_grid else _KINDS[exported.kind]
    by = "transformers" if plain else "onnxruntime"
    rows = [
        ("largest difference of a logit", f"{measured.largest_difference:.2g}"),
        ("agreement", f"{100 * measured.agreement:.2f} %"),
        ("accuracy", f"{100 * measured.accuracy:.2f} %"),
        ("accuracy in PyTorch", f"{100 * measured.accuracy_in_torch:.2f} %"),
        ("weights", f"{measured.bytes:,} bytes"),
        (f"time of 1 example, {by}", f"{measured.ms_batch_1:.2f} ms"),
        (f"time of 32 examples, {by}", f"{measured.ms_batch_32:.1f} ms"),
    ]
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    teacher = f"Teacher: {_plain(exported.teacher.name)}"
    if exported.teacher.accuracy is not None:
        teacher += f", accuracy {100 * exported.teacher.accuracy:.2f} %"
    if exported.teacher.bytes:
        teacher += f", {exported.teacher.bytes:,} bytes in fp32"
    sample = repr((task.sample, task.sample_second) if task.pairs else task.sample or "An example.")
    notes = "".join(f"{note} " for note in exported.notes)
    return str(
        ModelCard(
            f"---\n{head.to_yaml()}\n---\n\n# {_plain(exported.title)}\n\n"
            f"A text classifier as {form}. Task: {_plain(exported.task)}. "
            f"Labels: {', '.join(map(_plain, exported.labels))}. "
            f"It reads at most {exported.max_length} tokens of a text.\n\n{teacher}.\n\n"
            + (f"{notes.strip()}\n\n" if notes else "")
            + f"## Measured\n\nOn {measured.examples:,} test examples, beside the same model in PyTorch, on "
            f"{_plain(measured.host)}.\n\n| | |\n|---|---:|\n{table}\n\n"
            f"## Use\n\n{(_TRANSFORMERS if plain else _ONNX).replace('SAMPLE', sample)}\n"
            f"## Limits\n\n{limits}It inherits its teacher's biases, and those of its data.\n"
        )
    )


def _plain(text: str) -> str:
    """A person's text in Markdown: as code, so that nothing in it is read as markup."""
    return f"`{' '.join(text.replace('`', ' ').split())}`"
