"""A task that this file alone defines, to show what a new one takes: a `Task`, and a line in `TASKS`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from transformers import BertForSequenceClassification, BertTokenizerFast

from labcore.__main__ import main
from labcore.config.assignment import Assignment
from labcore.config.spec import DistilConfig, Spec, SpecError
from labcore.config.steps import KeepLayers
from labcore.data import tasks
from labcore.data.tasks import CardText, Task, TransferSet, load_task
from labcore.exercise.attempt import Attempt
from labcore.exercise.rules import MAX_TOKENS_READ, config_problem
from labcore.finetune.recipe import Recipe, TrainingStage
from labcore.finetune.teacher_card import card
from labcore.results.events import Preparing
from labcore.runs.cache import counted
from labcore.runs.execute import check_trainable
from labcore.runs.store import Store
from tests.shared.pages import all_words, app, charts, spec_of
from tests.shared.runs import finished, run_of
from tests.shared.tiny import WORDS
from tests.shared.tiny_tasks import task_of

# -- a file of labcore/data/tasks ----------------------------------------------------------------------

TOY = Task(
    name="toy",
    label_names=("calm", "loud"),
    read=dict,  # the fixture's examples, because the tiny teacher labels them
    max_tokens=24,
    mean_tokens=5,
    noun="phrase",
    sample="w1 w2 and w3",
    teachers=(
        Recipe(
            teacher="toy-90",
            own=TrainingStage(name="phrases", epochs=1, batch=8, rate=1e-3, smoothing=0.0, max_tokens=24),
            orders=1,
        ),
    ),
    card=CardText(
        license="mit",
        title="a small BERT that classifies phrases as calm or loud",
        dataset_type="toy",
        dataset_name="Phrases",
        data="{train:,} {noun}s are for training.",
        caveat="They are few.",
        training="It has {own.epochs} epoch.",
        limits="It is a toy.",
    ),
    transfer=TransferSet(lambda: [f"w{i} w{2 * i}" for i in range(1, 25)], about="Phrases of two words."),
)


# -- the line in TASKS -----------------------------------------------------------------------------------


@pytest.fixture
def toy(tmp_path: Path, tiny: BertForSequenceClassification, monkeypatch: pytest.MonkeyPatch) -> Spec:
    """The task is in the list for one test. Nothing else of the lab is changed. A spec of a brought teacher for it."""
    folder = tmp_path / "teacher"
    tiny.save_pretrained(folder)
    BertTokenizerFast(vocab={word: i for i, word in enumerate(WORDS)}).save_pretrained(folder)
    splits = task_of(folder, lambda i: f"w{i % 40} w{(3 * i) % 50} w{i % 7}").splits
    monkeypatch.setattr(tasks, "TASKS", (*tasks.TASKS, replace(TOY, read=lambda: splits)))
    config = DistilConfig(steps=4, batch_size=8, transfer=10)
    return Spec(teacher=str(folder), task="toy", steps=(KeepLayers(count=2),), distil=config)


# -- what follows from it --------------------------------------------------------------------------------


@pytest.mark.usefixtures("toy")
def test_its_teacher_is_on_the_design_page_and_brings_the_task_along() -> None:
    test = app("design", Spec(steps=(KeepLayers(count=3),)))
    choice = test.selectbox(key="teacher")
    assert "toy-90 · 6 layers × 384" in choice.options
    choice.set_value("toy-90").run()
    spec = spec_of(test)
    assert (spec.teacher, spec.task) == ("toy-90", "toy")
    assert counted(spec).student.total == counted(replace(spec, teacher="reviews", task="reviews")).student.total


@pytest.mark.usefixtures("toy")
def test_it_survives_a_link_and_an_assignment() -> None:
    spec = Spec(teacher="toy-90", task="toy", steps=(KeepLayers(layers=(0, 2)),))
    assert spec_of(app("design", spec)) == spec
    assignment = Assignment(spec=spec, title="Toy", text="", page="design", locked=("teacher",), hidden=(), large=False)
    assert Assignment.from_json(assignment.to_json()) == assignment


@pytest.mark.usefixtures("toy")
def test_errors_name_it_and_check_its_classes() -> None:
    with pytest.raises(SpecError, match="task 'weather' is unknown; the lab has: reviews, news, cued, toy"):
        check_trainable(Spec(teacher="toy-90", task="weather"))
    with pytest.raises(SpecError, match=r"'toy-90' has 2 classes, but task 'news' has 5"):
        check_trainable(Spec(teacher="toy-90", task="news"))
    with pytest.raises(SpecError, match=r"'bert-tiny' has no weights here.* 'cued-80' or 'toy-90'"):
        check_trainable(Spec(teacher="bert-tiny", task="toy"))
    check_trainable(Spec(teacher="toy-90", task="toy"))


@pytest.mark.usefixtures("toy")
def test_the_command_line_fine_tunes_its_teacher_and_the_card_has_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["finetune", "--help"])
    assert "{reviews,news,cued-95,cued-80,toy-90}" in capsys.readouterr().out
    text = card(
        "toy-90", {"test": {"accuracy": 0.9, "standard_error": 0.01, "loss": 0.2}}, {"train": 40, "test": 30}, 0
    )
    assert "license: mit" in text
    assert "# toy-90: a small BERT that classifies phrases as calm or loud" in text
    assert "Labels: 0 calm, 1 loud." in text
    assert "40 phrases are for training." in text
    assert "| split | phrases | accuracy |" in text


@pytest.mark.usefixtures("toy")
def test_the_exercise_accepts_it_and_limits_its_tokens() -> None:
    attempt = Attempt("0123456789abcdef", teacher="toy-90", config=DistilConfig(steps=4000, batch_size=256))
    assert attempt.task == "toy"
    assert f"give at most {MAX_TOKENS_READ // TOY.mean_tokens:,}" in config_problem(attempt)
    assert config_problem(attempt.with_config(DistilConfig(steps=20, transfer=20))) == ""


def test_a_run_trains_on_it_and_the_pages_have_its_words(toy: Spec) -> None:
    run = run_of(toy)
    assert (run.status, run.spec.task) == ("finished", "toy")
    preparing = [event for event in Store().events(run.id) if isinstance(event, Preparing)]
    assert preparing[-1].total == 40 + 10 + 20 + 30  # its splits, and ten examples of its transfer set
    assert Store().student(run.id).model.config.id2label == {0: "calm", 1: "loud"}

    test = app("evaluate", run=run.id)
    confusion = json.dumps(charts(test)["confusion-student"])
    assert "calm" in confusion
    assert "loud" in confusion
    assert test.text_area(key="asked").placeholder == TOY.sample

    finished(Spec())
    choice = app("frontier", run=run.id).segmented_control(key="frontier-task")
    assert (choice.options, choice.value) == (["reviews", "toy"], "toy")

    assert "Phrases of two words." in all_words(app("distil", toy))


def test_without_its_line_it_is_no_task() -> None:
    with pytest.raises(SpecError, match="task 'toy' is unknown"):
        load_task("toy")
    with pytest.raises(SystemExit):
        main(["finetune", "toy-90"])
