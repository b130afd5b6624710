"""Making a teacher in the background: fine-tune, store its events as they come, and end its entry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from labcore.config.checks import SpecError
from labcore.runs.teacher_store import TeacherStore
from labcore.system.faults import reported
from labcore.system.home import default_home
from labcore.teacher.own_teachers import OwnTeacher

if TYPE_CHECKING:
    from labcore.finetune.own_teacher import FineTuningEvent


def make_teacher(teacher: OwnTeacher, store: TeacherStore) -> Iterator[FineTuningEvent]:
    """Fine-tune a queued teacher. However it ends, its entry tells how: ready, stopped (closed early) or failed.

    Yields its events. Raises the error of a failure, after the entry has it.
    """
    from labcore.finetune.own_teacher import fine_tune  # imports torch

    assert teacher.finetuning is not None
    store.update(teacher.id, status="running")
    work = fine_tune(teacher.finetuning, store.model_folder(teacher.id), teacher.title)
    try:
        while True:
            try:
                event = next(work)
            except StopIteration as end:
                store.update(teacher.id, status="ready", figures=end.value)
                return
            store.append(teacher.id, event)
            yield event
    except (GeneratorExit, KeyboardInterrupt):
        work.close()
        with suppress(SpecError, OSError):  # removed meanwhile
            store.update(teacher.id, status="stopped")
        raise
    except Exception as error:
        line = reported(error, default_home(), f"teacher {teacher.id}", default_home())
        with suppress(SpecError, OSError):
            store.update(teacher.id, status="failed", error=line)
        raise
