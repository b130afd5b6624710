"""What is exported: a run's student, a student's folder, or a teacher; with its tokenizer and its task."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from transformers import PreTrainedTokenizerBase

from labcore.compress.student import Student
from labcore.compress.student_folder import SPEC, load_student
from labcore.config.spec import Spec, SpecError
from labcore.data.batches import Encoded, encode
from labcore.data.tasks import Task, load_task
from labcore.export.exported_folder import TeacherFacts
from labcore.models import encoder
from labcore.models.classifier import Classifier
from labcore.models.parts import has_token_types
from labcore.results.run import FinishedRun
from labcore.runs.cache import cached_teacher, counted
from labcore.runs.store import RunNotFound, Store
from labcore.runs.teacher_models import max_tokens, tokenizer_for
from labcore.teacher.built_in import has_weights, ready_teachers
from labcore.teacher.location import STRUCTURE
from labcore.teacher.own_teachers import is_own, titles
from labcore.teacher.task_of import task_of
from labcore.teacher.tokenizer_files import read_tokenizer

FP32 = 4  # bytes of a weight
MOST = 2000  # test examples on which an export is measured


@dataclass(frozen=True, kw_only=True)
class ExportSource:
    """A model to export. It is in evaluation mode, in fp32, on the host, and shared: do not change it.

    labels: their names, in the order of the logits. max_tokens: of an example, [CLS] and [SEP] included. title: for
    its card. run: the id of its run, "" without one. teacher: its bytes are 0 if they are unknown. is_teacher: whether
    the model is that teacher itself.
    """

    student: Student
    tokenizer: PreTrainedTokenizerBase
    task: Task
    max_tokens: int
    title: str
    run: str
    teacher: TeacherFacts
    is_teacher: bool = False

    @property
    def model(self) -> Classifier:
        """The model itself."""
        return self.student.model

    @property
    def labels(self) -> tuple[str, ...]:
        """The names of the labels."""
        return self.task.label_names

    @property
    def reads_types(self) -> bool:
        """Whether its logits depend on token types: its examples are pairs, and its family marks the second text."""
        return self.task.pairs and has_token_types(self.model)

    def test_examples(self) -> Encoded:
        """The task's test split in its tokens, at most `MOST` examples, evenly spread over it."""
        return encode(self.tokenizer, self.task.splits["test"].spread(MOST), self.max_tokens)


def load_source(name: str, store: Store, task: str | None = None, title: str | None = None) -> ExportSource:
    """The model called `name`: the id of a finished run in the store, a student's folder, or a teacher's name.

    task: of a teacher that has none of its own. title: for its card; by default the name.
    Raises SpecError if there is no such model, or if it can't be loaded.
    """
    run = _run(name, store)
    if run is not None:
        return _of_run(run, store, title)
    folder = Path(name).expanduser()
    if (folder / STRUCTURE).is_file():
        return _of_folder(folder, title)
    return _of_teacher(name, task, title)


def load_teacher_of(name: str, store: Store) -> ExportSource:
    """The teacher of the student called `name`, a run's id or a student's folder, on the student's task.

    Raises SpecError if it is no student, or if its teacher can't be loaded.
    """
    run, folder = _run(name, store), Path(name).expanduser()
    if run is None and not (folder / STRUCTURE).is_file():
        raise SpecError(f"{name!r} is no student, so it has no teacher beside it; give a finished run's id")
    spec = _spec_in(folder) if run is None else run.spec
    return _of_teacher(spec.teacher, spec.task, None)


def _run(name: str, store: Store) -> FinishedRun | None:
    """The finished run of this id; None if it is no run's id. Raises SpecError if the run has no student."""
    try:
        run = store.read(name)
    except RunNotFound:
        return None
    if not isinstance(run, FinishedRun) or not store.has_student(name):
        raise SpecError(f"run {name} is {run.status} and has no student to export; give a finished run")
    return run


def _of_run(run: FinishedRun, store: Store, title: str | None) -> ExportSource:
    teacher = run.counts.teacher
    size = teacher.cost.bytes["fp32"] if teacher.cost is not None else FP32 * teacher.total
    facts = TeacherFacts(_title_of(run.spec.teacher), run.result.teacher_accuracy, size)
    return _of_student(store.student_folder(run.id), run.spec, title or run.name or run.id, run.id, facts)


def _of_folder(folder: Path, title: str | None) -> ExportSource:
    spec = _spec_in(folder)
    try:
        size = FP32 * counted(spec).teacher.total
    except SpecError:  # the teacher is on another machine
        size = 0
    return _of_student(folder, spec, title or folder.name, "", TeacherFacts(_title_of(spec.teacher), None, size))


def _spec_in(folder: Path) -> Spec:
    try:
        return Spec.from_json((folder / SPEC).read_text(encoding="utf-8"))
    except OSError as error:
        raise SpecError(f"{folder} is incomplete: {error.filename} can't be read; copy the folder again") from None


def _of_student(folder: Path, spec: Spec, title: str, run: str, teacher: TeacherFacts) -> ExportSource:
    student, task = load_student(folder), load_task(spec.task)
    sizes = encoder.architecture_of(student.model)
    tokenizer = read_tokenizer(folder, sizes.vocabulary)
    return ExportSource(
        student=student,
        tokenizer=tokenizer,
        task=task,
        max_tokens=min(task.max_tokens, tokenizer.model_max_length, sizes.positions),
        title=title,
        run=run,
        teacher=teacher,
    )


def _of_teacher(name: str, task: str | None, title: str | None) -> ExportSource:
    if not has_weights(name):
        raise SpecError(f"teacher {name!r} has no weights here: it can be counted, not exported; {_give()}")
    task = task or task_of(name)
    if task is None:
        raise SpecError(
            f"{name!r} is no run of this home and no student's folder; {_give()}. Of another teacher, give its "
            "task, too: --task reviews"
        )
    model = cached_teacher(name, task)
    size = FP32 * sum(parameter.numel() for parameter in model.parameters())
    return ExportSource(
        student=Student(model),
        tokenizer=tokenizer_for(name),
        task=load_task(task),
        max_tokens=max_tokens(name, task),
        title=title or _title_of(name),
        run="",
        teacher=TeacherFacts(_title_of(name), None, size),
        is_teacher=True,
    )


def _title_of(teacher: str) -> str:
    """A teacher's name for people: a folder's is its last part, because a path is of one machine."""
    if is_own(teacher):
        return titles().get(teacher, teacher)
    return Path(teacher).name if Path(teacher).is_absolute() else teacher


def _give() -> str:
    return f"give a finished run's id, a folder that a run or `derive` saved, or a teacher such as {ready_teachers()}"
