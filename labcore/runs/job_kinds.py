"""What the queue's thread does: a run, a teacher to be fine-tuned, and the import of torch that both need.

torch takes seconds to load, which the first page must not wait for. So each is imported when it is first called.
"""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator

from labcore.config.spec import Spec
from labcore.results.events import Event
from labcore.runs.store import Store
from labcore.runs.teacher_store import TeacherStore
from labcore.system.processor import device_error
from labcore.teacher.own_teachers import OwnTeacher


def execute_spec(spec: Spec, run_id: str, store: Store) -> Iterator[Event]:
    """Execute a queued run and store its events: see labcore.runs.execute."""
    from labcore.runs.execute import execute_and_store  # imports torch: seconds that the first page must not wait for

    return execute_and_store(spec, run_id, store)


def make_own_teacher(teacher: OwnTeacher, store: TeacherStore) -> Iterator[Event]:
    """Fine-tune a queued teacher: see labcore.runs.make_teacher."""
    from labcore.runs.make_teacher import make_teacher

    return make_teacher(teacher, store)


def load_torch() -> None:
    """Import torch and all that executes a run."""
    import labcore.runs.execute  # noqa: F401

    if (error := device_error(torch_loaded=True)) is not None:  # at start: every page shows it, too
        logging.getLogger(__name__).warning("%s", error)
    # What torch and transformers made stays for good. Passed over by the collector, it does not make pages stutter.
    gc.collect()
    gc.freeze()
