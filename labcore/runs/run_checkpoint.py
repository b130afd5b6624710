"""The checkpoint of a run: its training half-way, and all else that the rest of the run follows from.

A run may go on only with the teacher, data, code and kind of device that it began with. So `Origin` notes them, and a
run with another one is refused in a sentence.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import labcore
from labcore.config.spec import Spec, SpecError
from labcore.data.tasks import load_task
from labcore.distil.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from labcore.distil.checkpoint_header import about_checkpoint
from labcore.distil.precision import hardware_bf16
from labcore.runs.store import Store
from labcore.system import processor
from labcore.system.code_version import code_version
from labcore.teacher.identity import identity_of

AGAIN = "press Run it again (or `python -m labcore run`) to begin from the start"
PACKAGES = ("compress", "compress/steps", "data", "distil", "models")  # they decide what a training step computes


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What the result of a run follows from, besides its spec.

    teacher: the identity of its files. assistant: the hash of its student's files; "" without one. data: the hash of
    all examples. device: its kind and the precision of training. code: the version of the lab's code and libraries.
    """

    teacher: str
    assistant: str
    data: str
    device: str
    code: str

    def check(self, now: Origin) -> None:
        """Raises SpecError, with what changed, if `now` is another one."""
        words = {
            "teacher": "the teacher's files have changed since",
            "assistant": "its assistant was distilled again since",
            "data": "the task's data have changed since",
            "device": f"it began on another kind of device ({self.device}; now {now.device})",
            "code": "it began with another version of the lab or of its libraries",
        }
        for each in fields(self):
            if getattr(self, each.name) != getattr(now, each.name):
                raise SpecError(f"this run can't resume from its checkpoint: {words[each.name]}; {AGAIN}")


def origin_of(spec: Spec, store: Store) -> Origin:
    """What a run of this spec would follow from now. Raises SpecError, or TeacherError, if something is not here."""
    device = processor.device()
    return Origin(
        teacher=identity_of(spec.teacher),
        assistant=_assistant_version(spec, store),
        data=_data_version(spec),
        device=f"{processor.kind_of(device)}, {'bf16' if hardware_bf16() else 'fp32'}",
        code=code_version(*_modules()),
    )


def _assistant_version(spec: Spec, store: Store) -> str:
    assistant = None if spec.assistant is None else store.find(spec.assistant)
    return "" if assistant is None else store.student_version(assistant.id)


def _data_version(spec: Spec) -> str:
    task = load_task(spec.task)
    read = (
        *(task.splits[split].fingerprint for split in sorted(task.splits)),
        task.transfer_examples(spec.distil.transfer),
    )
    return hashlib.sha256(repr(read).encode()).hexdigest()


def _modules() -> list[str]:
    root = Path(labcore.__file__).parent
    return [
        f"labcore.{package.replace('/', '.')}.{file.stem}"
        for package in PACKAGES
        for file in sorted((root / package).glob("*.py"))
        if file.stem != "__init__"
    ]


@dataclass(frozen=True, kw_only=True)
class RunCheckpoint:
    """What a checkpoint's header notes of its run, besides the training itself.

    step: after which it was taken. events: of the run until then. seconds: that the run took until then.
    """

    origin: Origin
    step: int
    events: int
    seconds: float

    def save(self, training: Checkpoint, path: Path) -> None:
        """Write both as one file, whole or not at all. Raises OSError, or safetensors' error."""
        save_checkpoint(training, path, asdict(self))


def checkpoint_of(run_id: str, store: Store, origin: Origin) -> RunCheckpoint | None:
    """The run's checkpoint, without the training; None if there is none.

    Raises SpecError if it is damaged, or if its origin is not the one that the run would have now.
    """
    if (path := store.checkpoint(run_id)) is None:
        return None
    try:
        about = dict(about_checkpoint(path) or {})
        checkpoint = RunCheckpoint(**about | {"origin": Origin(**about["origin"])})
    except (KeyError, TypeError):
        raise SpecError(f"its checkpoint is damaged, or of another version of the lab; {AGAIN}") from None
    checkpoint.origin.check(origin)
    return checkpoint


def training_of(run_id: str, store: Store) -> Checkpoint:
    """The training in the run's checkpoint, with all its tensors. Raises SpecError if it is missing or damaged."""
    path = store.checkpoint(run_id)
    if path is None:
        raise SpecError(f"run {run_id} has no checkpoint; {AGAIN}")
    return load_checkpoint(path)[0]
