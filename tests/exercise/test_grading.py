"""The grader: honest, wrong and dishonest hand-ins, each computed again by training real students of a tiny teacher."""

from __future__ import annotations

import copy
import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from transformers import BertTokenizer

from labcore.__main__ import main
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import KeepLayers, TrimVocabulary
from labcore.data.tasks import Examples, Task
from labcore.exercise.attempt import Attempt, Slot, new_id
from labcore.exercise.attempt_results import compared, figures
from labcore.exercise.grading import recomputed, run_again, wanted
from labcore.exercise.rules import MEAN_TOKENS, MIN_WORDS
from labcore.exercise.submission import MAX_BYTES, read_submission, submission
from labcore.exercise.submission_checks import CHECKS, Grade, looked_through
from labcore.models import classifier
from labcore.results.counts import Comparison
from labcore.results.events import Event
from labcore.runs import execute
from labcore.runs.store import Store
from labcore.system.progress import finish
from labcore.teacher.built_in import BUILT_IN, TASK_OF, TEACHERS
from tests.shared.attempts import EARLY, LATE
from tests.shared.tiny import TINY
from tests.shared.tiny_tasks import give_task

REASON = "I take the smallest student, because it keeps nearly all the accuracy of its teacher while most parameters are gone."
STUDENTS = (
    (KeepLayers(count=1),),
    (KeepLayers(count=3),),
    (
        KeepLayers(count=3),
        TrimVocabulary(size=20),
    ),  # what no text uses is gone: smaller than B, and of the same answers
)
WORDS = [f"w{letter}" for letter in "abcdefgh"]


@dataclass(frozen=True)
class Class:
    """An honest hand-in as JSON data, and the grader's home, in which its students have been run again."""

    honest: dict[str, Any]
    home: Path

    def graded(self, folder: Path, data: object) -> Grade:
        """The grade of a hand-in of these data. What it claims is run where the grader has not run it."""
        file = folder / "it.json"
        file.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
        grade, store = looked_through(file, file.name), Store(self.home)
        return recomputed(grade, store, finish(run_again(wanted(grade), store)))


def texts(n: int, by: int) -> Examples:
    """Sentences of eight words; the label is whether the first is one of the first four."""
    rows = [[(by * i + i // 3) % 8, (3 * i + by) % 8, (i * i) % 8] for i in range(n)]
    return Examples(tuple(" ".join(WORDS[w] for w in row) for row in rows), tuple(int(row[0] < 4) for row in rows))


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    """Students of a tiny teacher, trained in one home, handed in honestly, and run again in another home."""
    tiny = classifier.initialise_randomly(classifier.build(TINY), seed=1).eval()
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *(f"x{i}" for i in range(TINY.vocabulary - 13))]
    tokenizer = BertTokenizer(vocab={piece: i for i, piece in enumerate(tokens)})
    task = Task("tiny", ("no", "yes"), {"train": texts(300, 3), "validation": texts(40, 5), "test": texts(100, 7)}, 24)
    with pytest.MonkeyPatch.context() as patch:
        for table, value in ((TEACHERS, TINY), (BUILT_IN, TINY), (TASK_OF, "tiny"), (MEAN_TOKENS, 28)):
            patch.setitem(table, "tiny", value)  # type: ignore[arg-type]
        give_task(patch, task)
        patch.setattr("labcore.runs.teacher_models.load_teacher", lambda name: copy.deepcopy(tiny))
        patch.setattr("labcore.runs.teacher_models.load_teacher_tokenizer", lambda name: tokenizer)
        theirs, home = Store(tmp_path_factory.mktemp("theirs")), tmp_path_factory.mktemp("grader")
        lesson = DistilConfig(steps=8, batch_size=16)
        attempt = Attempt("0123456789abcdef", "Ada", "tiny", tuple(map(Slot, STUDENTS)), lesson)
        attempt = attempt.with_prediction(0, EARLY).begin(LATE)
        assert finish(run_again(attempt.specs, theirs)) == {}
        for slot, one in enumerate(compared(attempt)):
            assert isinstance(one, Comparison)
            attempt = attempt.with_count(slot, one.student.total).with_count(None, one.teacher.total)
        found = figures(attempt, theirs.runs())
        assert found is not None
        handed_in = submission(replace(attempt, choice=0, reason=REASON), found)
        yield Class(json.loads(handed_in.to_json()), home)


# -- one hand-in ---------------------------------------------------------------------------------------


def put(path: str, value: object) -> Callable[[dict[str, Any]], object]:
    """A change of one place in the file, such as `figures.students.1.accuracy`."""

    def change(data: dict[str, Any]) -> dict[str, Any]:
        *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
        place: Any = data
        for part in way:
            place = place[part]
        place[last] = value(place[last]) if callable(value) else value
        return data

    return change


def step(**fields: Any) -> list[dict[str, Any]]:
    return [fields]


def off_by_a_point(data: dict[str, Any]) -> dict[str, Any]:
    """As another processor's figures are."""
    for student, by in zip(data["figures"]["students"], (0.01, -0.01, 0.01), strict=True):
        for name in ("accuracy", "agreement", "retention"):
            student[name] += by
    return data


def as_bytes(content: bytes) -> Callable[[dict[str, Any]], bytes]:
    return lambda data: content


VAST = step(kind="manual", hidden=65_536, layers=200, heads=64, intermediate=65_536)
KINDS: dict[str, tuple[Callable[[dict[str, Any]], object], str, str, str]] = {
    # what is changed in an honest file: the whole, the check that tells, and its words
    "honest": (lambda data: data, "passed", "accuracy", "claimed within 3 points"),
    "honest, on another machine": (off_by_a_point, "passed", "accuracy", "claimed within 3 points"),
    "typed-in count": (put("figures.students.1.parameters", 7_000_000), "failed", "counts", "B: 7,000,000 claimed, 8,386 counted"),
    "typed-in count of the teacher": (put("figures.teacher_parameters", 110_000_000), "failed", "counts", "the teacher"),
    "own count that is wrong": (put("attempt.slots.2.count", lambda n: n + 10**6), "failed", "own counts", "C: "),
    "own count that is missing": (put("attempt.teacher_count", None), "failed", "own counts", "the teacher: none"),
    "own counts looked at": (put("attempt.shown", True), "flagged", "own counts", "were looked at"),
    "typed-in accuracy": (put("figures.students.1.accuracy", 0.99), "failed", "accuracy", "B: 99.0 % claimed"),
    "typed-in accuracy of the teacher": (put("figures.teacher_accuracy", 0.95), "failed", "accuracy", "the teacher: 95.0 %"),
    "typed-in agreement": (put("figures.students.0.agreement", lambda a: a - 0.04), "failed", "agreement", "A: "),
    "typed-in retention": (put("figures.students.2.retention", 9.0), "failed", "retention", "C: 900.0 % claimed"),
    "prediction after the runs began": (put("attempt.predicted", "2026-01-02T11:00:01+00:00"), "failed", "prediction", "after the runs had begun"),
    "prediction after, by its zone": (put("attempt.predicted", "2026-01-02T11:30:00-01:00"), "failed", "prediction", "after the runs had begun"),
    "no prediction": (put("attempt.prediction", None), "failed", "prediction", "there is none"),
    "runs that never began": (put("attempt.begun", None), "failed", "prediction", "when the runs began"),
    "prediction after results were seen": (put("attempt.again", 2), "flagged", "prediction", "changed 2 times"),
    "two slots": (put("attempt.slots", lambda slots: slots[:2]), "failed", "file", "slots has 2 entries"),
    "an empty slot": (put("attempt.slots.1.steps", None), "failed", "students", "B is empty"),
    "two of one level": (put("attempt.slots.1.steps", step(kind="keep_layers", count=1)), "failed", "students", "one level of compression"),
    "larger than the teacher": (put("attempt.slots.0.steps", step(kind="factorise", rank=16)), "failed", "students", "or more"),
    "sparse, so as large": (put("attempt.slots.0.steps", step(kind="prune", sparsity=0.5)), "failed", "students", "Zeros are parameters"),
    "vast": (put("attempt.slots.0.steps", VAST), "failed", "students", "times as large"),
    "a layer that is not there": (put("attempt.slots.0.steps", step(kind="keep_layers", layers=[7])), "failed", "students", "A can't be made"),
    "a step of no kind": (put("attempt.slots.0.steps", step(kind="shrink")), "failed", "file", "'shrink' is unknown"),
    "no reason": (put("attempt.reason", ""), "failed", "reason", f"at least {MIN_WORDS}"),
    "a short reason": (put("attempt.reason", "It is best."), "failed", "reason", "3 words"),
    "a dominated choice": (put("attempt.choice", 1), "flagged", "choice", "B is dominated"),
    "no choice": (put("attempt.choice", None), "failed", "choice", "none was chosen"),
    "no name": (put("attempt.name", " "), "failed", "name", "no name"),
    "another version": (put("attempt.version", 2), "failed", "file", "version is 2"),
    "broken JSON": (as_bytes(b'{"kind": "teacher-student-lab exer'), "failed", "file", "not JSON"),
    "no text": (as_bytes(b"\xff\xfe\x00"), "failed", "file", "can't be read"),
    "brackets without end": (as_bytes(b"[" * 100_000), "failed", "file", "not JSON"),
    "not a number": (put("figures.students.0.accuracy", float("nan")), "failed", "file", "NaN"),
    "no hand-in": (lambda data: {"teacher": "reviews"}, "failed", "file", "no hand-in"),
    "a list": (lambda data: [data], "failed", "file", "no hand-in"),
    "an unknown field": (put("grade", "A"), "failed", "file", "unknown field 'grade'"),
    "figures in words": (put("figures.students.0.accuracy", "high"), "failed", "file", "accuracy is 'high'"),
    "enormous": (as_bytes(b" " * (MAX_BYTES + 1)), "failed", "file", "200,001 bytes"),
    "a teacher without weights": (put("attempt.teacher", "bert-base-uncased"), "failed", "lesson", "no weights"),
    "a teacher of one's own": (put("attempt.teacher", "someone/else"), "failed", "file", "teacher is 'someone/else'"),
    "a million steps": (put("attempt.lesson.steps", 1_000_000), "failed", "lesson", "1,000,000 steps"),
    "a thousand epochs": (put("attempt.lesson", {"epochs": 1000}), "failed", "lesson", "texts"),
    "a day": (put("attempt.lesson", {"seconds": 86_400}), "failed", "lesson", "counted in seconds"),
    "a lesson that breaks": (put("attempt.lesson.learning_rate", 1e11), "failed", "accuracy", "its run fails here"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "outcome", "name", "words"), KINDS.values(), ids=KINDS.keys())
def test_each_kind_of_hand_in_has_its_grade(
    change: Callable[[dict[str, Any]], object], outcome: str, name: str, words: str, room: Class, tmp_path: Path
) -> None:
    grade = room.graded(tmp_path, change(copy.deepcopy(room.honest)))
    [check] = [check for check in grade.checks if check.name == name]
    assert words in check.why
    assert grade.outcome == outcome == check.outcome
    assert "\n" not in "".join(check.why for check in grade.checks)


def test_an_honest_hand_in_passes_every_check_but_that_of_copies(room: Class, tmp_path: Path) -> None:
    grade = room.graded(tmp_path, room.honest)
    assert {check.name for check in grade.checks if check.outcome == "passed"} == set(CHECKS) - {"original"}
    assert grade.recomputed is not None
    claimed = read_submission(tmp_path / "it.json").figures
    assert grade.recomputed.accuracies == pytest.approx(claimed.accuracies)  # one machine, one spec: one student
    assert {run for s in grade.recomputed.students for run in s.runs}.isdisjoint(
        r for s in claimed.students for r in s.runs
    )


def test_what_is_finished_is_not_run_again(room: Class, tmp_path: Path) -> None:
    room.graded(tmp_path, room.honest)
    before = [run.id for run in Store(room.home).runs()]
    room.graded(tmp_path, off_by_a_point(copy.deepcopy(room.honest)))
    assert [run.id for run in Store(room.home).runs()] == before


def test_nothing_is_run_for_a_file_that_may_not_be_run(room: Class, tmp_path: Path) -> None:
    before = len(Store(room.home).runs())
    for kind in ("a million steps", "vast", "a teacher without weights", "enormous", "two of one level"):
        grade = room.graded(tmp_path, KINDS[kind][0](copy.deepcopy(room.honest)))
        assert {c.outcome for c in grade.checks if c.name == "accuracy"} <= {"not recomputed"}
    assert len(Store(room.home).runs()) == before


# -- from the command line -----------------------------------------------------------------------------


def test_one_file_is_graded_line_by_line(room: Class, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "ada.json"
    file.write_text(json.dumps(room.honest))
    assert main(["grade", str(file), "--home", str(room.home)]) == 0
    out = capsys.readouterr().out
    assert out.rstrip().endswith("in all: passed")
    assert out.count("\npassed") == len(CHECKS) - 2  # all but the first, and no copy
    file.write_text(json.dumps(put("figures.students.0.accuracy", 1.0)(copy.deepcopy(room.honest))))
    assert main(["grade", str(file), "--home", str(room.home)]) == 1
    out = capsys.readouterr().out
    assert "failed          accuracy: A: 100.0 % claimed" in out
    assert out.rstrip().endswith("in all: failed")


def test_counts_only_trains_nothing_and_never_says_passed(
    room: Class, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, home = tmp_path / "ada.json", tmp_path / "no-home"
    file.write_text(json.dumps(put("figures.students.0.accuracy", 1.0)(copy.deepcopy(room.honest))))
    assert main(["grade", str(file), "--home", str(home), "--counts-only"]) == 0
    out = capsys.readouterr().out
    assert "not recomputed  accuracy" in out
    assert out.rstrip().endswith("in all: not recomputed")
    assert not home.exists()
    file.write_text(json.dumps(put("figures.students.0.parameters", 1)(copy.deepcopy(room.honest))))
    assert main(["grade", str(file), "--counts-only"]) == 1


def test_a_folder_is_a_table_for_the_class(room: Class, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, table = tmp_path / "class", tmp_path / "grades.csv"

    def handed_in(name: str, *changes: Callable[[dict[str, Any]], object]) -> None:
        data = copy.deepcopy(room.honest)
        for change in (put("attempt.name", name), put("attempt.id", new_id()), *changes):
            change(data)
        (folder / name).mkdir(parents=True)  # as course systems export them
        (folder / name / "hand-in.json").write_text(json.dumps(data))

    own = put("attempt.reason", REASON.replace("smallest", "least"))
    handed_in("Ada")
    handed_in("Eve", put("attempt.reason", REASON.upper()))
    handed_in("Bob", own, put("figures.students.2.accuracy", 0.95))
    handed_in("=cmd|'/c calc'!A1".replace("/", "-"), put("attempt.reason", "a reason of my own " * 5))
    (folder / "broken.json").write_text("{")
    (folder / "notes.txt").write_text("not graded")
    assert main(["grade", str(folder), "--home", str(room.home), "--csv", str(table)]) == 1
    out = capsys.readouterr().out
    lines = {line.split()[0]: line for line in out.splitlines() if line}
    assert "flagged" in lines["Ada"]
    assert "the same reason as Eve/hand-in.json" in lines["Ada"]
    assert "the same reason as Ada/hand-in.json" in lines["Eve"]
    assert "failed" in lines["Bob"]
    assert "C: 95.0 % claimed" in lines["Bob"]
    assert "original" not in lines["Bob"]
    assert "not JSON" in lines["broken.json"]
    assert "notes.txt" not in out
    assert out.rstrip().endswith("5 handed in: 2 failed, 2 flagged, 1 passed")
    with table.open() as file:
        rows = {row["file"]: row for row in csv.DictReader(file)}
    assert len(rows) == 5
    assert rows["Bob/hand-in.json"]["check: accuracy"] == "failed"
    assert float(rows["Bob/hand-in.json"]["accuracy C"]) < 0.9  # the recomputed one
    assert rows["Ada/hand-in.json"]["check: original"] == "flagged"
    assert all(not row["name"].startswith("=") for row in rows.values())  # no formula in a spreadsheet


def test_two_files_of_one_person_are_no_copies(room: Class, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("first.json", "second.json"):
        (tmp_path / name).write_text(json.dumps(room.honest))
    assert main(["grade", str(tmp_path), "--home", str(room.home)]) == 0
    assert "2 passed" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["ada.JSON", "ada.txt", "ada", "ada.json.bak"])
def test_what_is_handed_in_is_never_run_whatever_it_is_called(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = tmp_path / "ran"
    file = tmp_path / "class" / name
    file.parent.mkdir()
    file.write_text(f"open({str(ran)!r}, 'w')\ndef count_parameters(model): return {{}}\n")
    assert main(["grade", str(file), "--counts-only"]) in (1, 2)
    assert not ran.exists()
    if name == "ada.JSON":  # of the class, too
        assert main(["grade", str(file.parent), "--counts-only"]) == 1
        assert "1 handed in" in capsys.readouterr().out


def test_a_run_that_breaks_in_an_unforeseen_way_fails_its_own_hand_in_alone(
    room: Class, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = execute.experiment

    def breaking(spec: Spec, run_id: str, store: Store) -> Iterator[Event]:
        if spec.distil.steps == 9:
            raise ValueError("zip() argument 3 is shorter than arguments 1-2")
        yield from real(spec, run_id, store)

    monkeypatch.setattr(execute, "experiment", breaking)
    broken = copy.deepcopy(room.honest)
    broken["attempt"]["lesson"]["steps"] = 9
    broken["attempt"] |= {"name": "Eve", "id": "f" * 16, "reason": " ".join(f"word{i}" for i in range(20))}
    for name, data in (("ada", room.honest), ("eve", broken)):
        (tmp_path / f"{name}.json").write_text(json.dumps(data))
    assert main(["grade", str(tmp_path), "--home", str(room.home)]) == 1
    said = capsys.readouterr().out
    assert "its run fails here: zip()" in said
    assert "1 failed, 1 passed" in said


@pytest.mark.parametrize(
    ("path", "words"), [("empty", "no hand-in in it"), ("none.json", "is not a file"), ("none", "is not a file")]
)
def test_nothing_to_grade_is_misuse(path: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert main(["grade", str(tmp_path / path)]) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert captured.out == ""
