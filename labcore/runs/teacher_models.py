"""A teacher by its name, for a task: built in, brought as a folder or from the hub, or a student of the lab's.

Caches use the teacher's identity as their key, never its name alone.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import torch
from transformers import PreTrainedTokenizerBase

from labcore.compress.student import Student
from labcore.compress.student_folder import load_student, structure_in
from labcore.compress.zeros import Zeros, zeros_in
from labcore.count.parameters import blank
from labcore.data.tasks import load_task
from labcore.models import encoder
from labcore.models.architecture import Architecture
from labcore.models.classifier import Classifier
from labcore.models.fingerprint import fingerprint
from labcore.models.structure import build, structure_of
from labcore.teacher.base_model import ROWS_WITH_A_ZERO
from labcore.teacher.built_in import BUILT_IN, TEACHERS, WITHOUT_WEIGHTS
from labcore.teacher.identity import identity_of
from labcore.teacher.labels import order_by_name, put_in_order
from labcore.teacher.load import architecture_of, load_teacher, load_teacher_tokenizer, load_tokenizer
from labcore.teacher.location import STRUCTURE, folder_of
from labcore.teacher.own_teachers import confirmed_order
from labcore.teacher.tokenizer_files import read_tokenizer


def load_for(name: str, task: str | None) -> Student:
    """The teacher called `name` for a task (None: as it came), in evaluation mode.

    One that is a student of the lab's comes with the zeros that it holds.

    Its classifier's rows are in the task's order if the label names show it, and its config has the task's label names.
    Raises TeacherError if the teacher can't be loaded.
    """
    folder = saved_student(name)
    if folder is None:
        teacher = Student(load_teacher(name))
    else:
        saved = load_student(folder)
        teacher = Student(saved.model, masks=saved.masks, zeros=saved.zeros)
    if task is not None:
        _name_labels(teacher.model, name, task)
    teacher.origin = fingerprint(teacher.model)
    return teacher


def _name_labels(model: Classifier, name: str, task: str) -> None:
    """Bring the labels into the task's order, if somebody confirmed it or the names show it, and name them."""
    given, wanted = tuple((model.config.id2label or {}).values()), load_task(task).label_names
    if len(given) == len(wanted):
        order = None if name in TEACHERS else confirmed_order(name, task) or order_by_name(given, wanted)
        put_in_order(model, order or range(len(wanted)), wanted)


def tokenizer_for(name: str) -> PreTrainedTokenizerBase:
    """The teacher's tokenizer; an architecture without weights has that of the lab's teachers.

    Raises TeacherError if it is missing or does not fit the teacher.
    """
    if name in WITHOUT_WEIGHTS:
        return load_tokenizer()
    folder = saved_student(name)
    return load_teacher_tokenizer(name) if folder is None else read_tokenizer(folder, sizes_of(name).vocabulary)


def sizes_of(name: str) -> Architecture:
    """The sizes of the teacher called `name`. Raises TeacherError if its config and its weights do not agree."""
    folder = saved_student(name)
    return architecture_of(name) if folder is None else structure_in(folder).architecture


def blueprint_of(name: str) -> Student:
    """The teacher on the meta device: its shapes and its known zeros. It is never changed."""
    return _blueprint(name, identity_of(name))


def max_tokens(name: str, task: str) -> int:
    """The most tokens of an example that are read: the smaller of the task's limit and the teacher's positions."""
    return min(load_task(task).max_tokens, sizes_of(name).positions)


def saved_student(name: str) -> Path | None:
    """The folder of a student that the lab saved, plain or not; None for any other teacher."""
    if name in BUILT_IN:
        return None
    folder = folder_of(name)
    return folder if (folder / STRUCTURE).is_file() else None


@lru_cache(maxsize=16)
def _blueprint(name: str, identity: str) -> Student:
    if name in BUILT_IN:
        model = blank(BUILT_IN[name])
        return Student(model, natural=_zeros_of_base(model) if name in TEACHERS else None)
    teacher = load_for(name, None)
    model = build(structure_of(teacher.model), teacher.model.config)
    return Student(model, zeros=dict(teacher.zeros), natural=zeros_in(teacher.model))


def _zeros_of_base(model: Classifier) -> Zeros:
    """The zeros of the lab's own teachers, which their adapters leave as they are: they are in the token embeddings."""
    path, _ = encoder.word_embeddings(model)
    rows = torch.arange(encoder.architecture_of(model).vocabulary)
    return {f"{path}.weight": torch.isin(rows, torch.tensor(ROWS_WITH_A_ZERO)).long()}
