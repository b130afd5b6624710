"""The page Data: a file becomes a data set, a teacher is made or brought, and a student is designed of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from labcore.config.finetuning import FineTuning
from labcore.config.spec import Spec
from labcore.data.own.data_store import all_data_sets
from labcore.data.tasks import load_task
from labcore.runs.teacher_store import TeacherStore
from labcore.teacher.own_teachers import OwnTeacher, TeacherFigures
from tests.shared.brought_teachers import change_tensors, configure, flipped
from tests.shared.pages import all_words, app, metrics, spec_of
from tests.shared.parcels import kept_data, own_csv
from tests.shared.runs import until
from ui.data.draft import DRAFT, begin_draft


def opened(task: str | None = None) -> AppTest:
    return app("data", data=task)


def with_draft(content: bytes, name: str = "parcels.csv") -> AppTest:
    """The page after a file was given. AppTest has no upload, so the draft is put where the upload puts it."""
    test = opened()
    draft: dict[str, object] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ui.data.draft.st.session_state", draft)
        begin_draft(name, content)
    for key, value in draft.items():
        test.session_state[key] = value
    return test.run()


def button(test: AppTest, label: str) -> None:
    next(each for each in test.button if each.label == label).click().run()


def test_an_empty_page_tells_the_limits() -> None:
    test = opened()
    assert not test.exception
    words = all_words(test)
    for limit in ("20 MB", "50,000 rows", "2 to 150 classes", "20 examples or more"):
        assert limit in words


def test_a_file_becomes_a_data_set() -> None:
    test = with_draft(own_csv().replace("friendly", "tr\xe8s friendly").encode("cp1252"))
    assert not test.exception
    key = test.session_state[DRAFT].id
    assert test.selectbox(key=f"data-encoding-{key}").value == "cp1252"
    assert test.selectbox(key=f"data-delimiter-{key}").value == ";"
    figures = metrics(test)
    assert (figures["Examples"], figures["Classes"]) == ("240", "3")
    assert figures["Standard error"].startswith("±")
    assert any("MiniLM" in caption.value for caption in test.caption)
    test.text_input(key=f"data-name-{key}").set_value("Parcels <b>2026</b>").run()
    button(test, "Keep this data set")
    [kept] = all_data_sets()
    assert (kept.name, kept.rows, kept.label_names) == ("Parcels <b>2026</b>", 240, ("complaint", "praise", "question"))
    assert test.query_params["data"] == kept.task
    assert DRAFT not in test.session_state  # its bytes are gone
    assert "no teacher yet" in all_words(test)


def test_the_same_rows_keep_their_first_name() -> None:
    test = with_draft(own_csv().encode())
    button(test, "Keep this data set")
    test = with_draft(own_csv().encode(), "others.csv")
    button(test, "Keep this data set")
    assert [kept.name for kept in all_data_sets()] == ["parcels"]
    assert any("here already, under the name “parcels”" in each.value for each in test.info)
    next(each for each in test.text_input if each.label == "Name of the data set").set_value("n" * 90)
    next(each for each in test.button if each.key == "data-rename-save").click().run()
    assert [kept.name for kept in all_data_sets()] == ["parcels"]
    assert any("has 90 characters; give at most 80" in each.value for each in test.error)


def test_another_script_is_told_before_a_teacher_is_made() -> None:
    rows = "".join(f"המשלוח הגיע באיחור {i};{'ab'[i % 2]}\n" for i in range(200))
    test = with_draft(f"text;label\n{rows}".encode())
    assert any("not Latin" in each.value and "Hebrew" in each.value for each in test.warning)
    button(test, "Keep this data set")
    assert any("not Latin" in each.value and "Hebrew" in each.value for each in test.warning)


def test_a_wrong_guess_is_corrected() -> None:
    rows = own_csv(120).splitlines()
    content = "\n".join([f"kind;{rows[0]}", *(f"{i % 3};{row}" for i, row in enumerate(rows[1:]))])
    test = with_draft(content.encode())
    label = next(box for box in test.selectbox if box.label == "Label")
    label.set_value("kind").run()
    assert "Examples" in metrics(test)
    next(box for box in test.selectbox if box.label == "Label").set_value("text").run()
    assert any("both" in each.value for each in test.error)
    next(box for box in test.selectbox if box.label == "Label").set_value("label").run()
    assert metrics(test)["Classes"] == "3"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04" + b"\0" * 100, "zip"),
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 200, "give a CSV"),
        (b"text\nonly one column\nand no label\n", "one column"),
        (b"text,label\nhello,a\nthere,a\n", "class"),
    ],
)
def test_a_file_that_is_none_is_a_sentence(content: bytes, words: str) -> None:
    test = with_draft(content)
    assert not test.exception
    assert any(words in each.value for each in test.error), [each.value for each in test.error]
    assert "Keep this data set" not in [each.label for each in test.button]


def test_a_small_class_can_be_left_out() -> None:
    rows = "\n".join(f"a rare text number {i};rare" for i in range(5))
    test = with_draft(f"{own_csv()}{rows}\n".encode())
    assert any("rare" in each.value for each in test.error)
    assert "Keep this data set" not in [each.label for each in test.button]
    test.toggle(key=f"data-small-{test.session_state[DRAFT].id}").set_value(True).run()
    assert (metrics(test)["Examples"], metrics(test)["Classes"]) == ("240", "3")
    button(test, "Keep this data set")
    assert [kept.rows for kept in all_data_sets()] == [240]


def test_data_that_are_not_here_are_told() -> None:
    test = opened("data:0123456789abcdef")
    assert any("is not on this machine" in each.value for each in test.warning)
    test = app("design", Spec(teacher="reviews", task="data:0123456789abcdef"))
    assert any("is not on this machine" in each.value for each in test.error)


def test_rename_and_remove() -> None:
    task = kept_data()
    test = opened(task)
    next(each for each in test.text_input if each.label == "Name of the data set").set_value("Boxes")
    next(each for each in test.button if each.key == "data-rename-save").click().run()
    assert [each.name for each in all_data_sets()] == ["Boxes"]
    button(test, "Remove the data set")
    assert all_data_sets() == []
    assert not test.exception


def test_a_teacher_is_made_and_a_student_designed() -> None:
    task = kept_data(120)
    test = opened(task)
    next(each for each in test.number_input if each.label == "Epochs").set_value(1).run()
    test.text_input(key=f"make-title-{task}").set_value("Made <b>here</b>").run()
    button(test, "Make a teacher")
    assert not test.exception
    until(lambda: [each.status for each in TeacherStore().all()] == ["ready"])
    test.run()
    [teacher] = TeacherStore().all()
    assert teacher.title == "Made <b>here</b>"
    assert "majority baseline" in all_words(test)
    test.button(key=f"design-{teacher.name}").click().run()
    spec = spec_of(test)
    assert (spec.teacher, spec.task, spec.steps[0].kind) == (teacher.name, task, "keep_layers")
    design = app("design", spec)
    assert not design.exception
    assert not design.error
    choice = design.selectbox(key="teacher")
    assert choice.value == teacher.name
    assert choice.options[-1] == "Made <b>here</b> · your own, for Parcels"


def test_a_second_press_makes_no_second_teacher() -> None:
    task = kept_data(120)
    usual = FineTuning(task=task).epochs_for(len(load_task(task).splits["train"]))
    store = TeacherStore()  # which holds the lock of what it makes
    store.create_to_make("Mine", FineTuning(task=task, epochs=usual))
    test = opened(task)
    button(test, "Make a teacher")
    assert not test.exception
    assert [each.title for each in store.all()] == ["Mine"]
    next(each for each in test.number_input if each.label == "Seed").set_value(1).run()
    button(test, "Make a teacher")
    assert len(store.all()) == 2


@pytest.fixture
def shelf(spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host's folder with one model, whose labels are numbers in the other order."""
    folder = tmp_path / "shelf" / "model"
    folder.parent.mkdir()
    Path(spec.teacher).rename(folder)
    configure(folder, id2label={0: "LABEL_0", 1: "LABEL_1"}, label2id={"LABEL_0": 0, "LABEL_1": 1})
    change_tensors(folder, flipped)
    monkeypatch.setenv("LAB_TEACHERS", str(folder.parent))
    return folder


def test_a_teacher_is_brought_and_its_labels_matched(shelf: Path) -> None:
    test = opened("reviews")
    button(test, "Examine it")
    assert not test.exception
    assert "do not show which is which" in all_words(test)
    first, second = (next(box for box in test.selectbox if box.key == f"bring-label-{i}") for i in (0, 1))
    assert (first.value, second.value) == (1, 0)
    first.set_value(0).run()
    assert any("Choose each one once" in each.value for each in test.error)
    assert test.button(key="bring-take").disabled
    next(box for box in test.selectbox if box.key == "bring-label-0").set_value(1).run()
    button(test, "Take this teacher")
    [teacher] = TeacherStore().all()
    assert (teacher.order, teacher.source, teacher.title) == ((1, 0), str(shelf), "model")
    assert not test.exception


def test_a_server_offers_what_its_host_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_BRING", "0")
    test = opened("reviews")
    assert "offers no teachers" in all_words(test)
    monkeypatch.setenv("LAB_BRING", "1")
    test.run()
    assert "offers no teachers" not in all_words(test)


def test_teachers_of_removed_data_can_be_removed() -> None:
    task = kept_data(120)
    figures = TeacherFigures(accuracy=0.3, majority=0.33, examples=40)
    made = TeacherStore().create("Mine", task, "made", figures=figures)
    test = opened(task)
    assert any("not clearly better" in each.value for each in test.warning)
    button(test, "Remove the data set")
    test = opened(task)
    assert any("is not on this machine" in each.value for each in test.error)
    assert test.button(key=f"design-{made.name}").disabled
    test.button(key=f"remove-yes-{made.id}").click().run()
    assert TeacherStore().all() == []
    assert not test.exception


def test_a_failed_teacher_says_why(lab_home: Path) -> None:
    task = kept_data(120)
    store = TeacherStore()
    made: OwnTeacher = store.create("Mine", task, "made", status="failed", error="It broke *badly*")
    test = opened(task)
    assert any(r"It broke \*badly\*" in each.value for each in test.error)
    test.button(key=f"remove-yes-{made.id}").click().run()
    assert store.all() == []
