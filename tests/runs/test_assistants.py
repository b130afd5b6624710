"""A teacher assistant: a finished student that the next one is distilled from; in spec, queue and training."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from labcore.config.presets import PRESETS
from labcore.config.spec import DistilConfig, Spec, SpecError
from labcore.config.steps import Factorise, KeepLayers, TrimVocabulary
from labcore.evaluate.baselines import baseline
from labcore.evaluate.metrics import agreement
from labcore.evaluate.seed_groups import with_seed
from labcore.results.events import Event, TrainStep
from labcore.runs import sweep
from labcore.runs.assistants import chain_to_run
from labcore.runs.execute import assistant_of, execute_and_store
from labcore.runs.jobs import Jobs
from labcore.runs.store import Store
from labcore.views.words import design_in_words, teacher_in_words
from tests.shared.pages import app, spec_of
from tests.shared.runs import FINISHED, PAIR, finished, until
from ui.shell import server

MIDDLE = Spec(steps=(KeepLayers(count=3),))
SMALL = Spec(steps=(KeepLayers(count=1),), assistant=MIDDLE)


# -- in the spec -----------------------------------------------------------------------------------------


def test_a_chain_goes_into_json_and_back() -> None:
    longer = Spec(steps=(Factorise(8),), assistant=SMALL)
    assert Spec.from_json(longer.to_json()) == longer
    assert longer.chain == (MIDDLE, SMALL, longer)
    assert "assistant" not in Spec().to_dict()
    assert Spec.from_dict(Spec().to_dict() | {"assistant": None}) == Spec()


def test_an_assistant_without_a_teacher_has_its_students() -> None:
    told = Spec.from_dict({"teacher": "news", "task": "news", "assistant": {"steps": []}})
    assert told.assistant == Spec(teacher="news", task="news")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"assistant": {"teacher": "news", "task": "news"}}, "give both the same"),
        ({"assistant": "middle"}, "give a JSON object"),
        ({"assistant": {"assistant": {"assistant": {"assistant": {}}}}}, "at most 3"),
    ],
)
def test_an_assistant_that_can_not_be_is_refused(data: dict[str, object], words: str) -> None:
    with pytest.raises(SpecError, match=words):
        Spec.from_dict(data)


def test_a_seed_is_the_whole_chains_and_a_baseline_has_no_assistant() -> None:
    seeded = with_seed(SMALL, 7)
    assert [each.distil.seed for each in seeded.chain] == [7, 7]
    assert baseline(SMALL, "no teacher").assistant is None
    assert baseline(SMALL, "random start").assistant == MIDDLE


def test_a_chain_in_words() -> None:
    assert design_in_words(SMALL) == "1 layer, evenly spread, with assistant 3 layers, evenly spread"
    longer = Spec(steps=(Factorise(8),), assistant=SMALL)
    assert teacher_in_words(longer) == (
        ":orange[**1 layer, evenly spread**], itself distilled from :blue[**reviews**], "
        "then :orange[**3 layers, evenly spread**]"
    )
    assert teacher_in_words(MIDDLE) == ":blue[**reviews**]"


# -- in the queue ----------------------------------------------------------------------------------------


def finishing(_: Spec, run: str, store: Store) -> Iterator[Event]:
    """A recorder that trains nothing."""
    store.finish(run, replace(FINISHED, run=run), PAIR)
    yield FINISHED


def test_an_assistant_that_is_not_there_is_queued_before_its_student(store: Store) -> None:
    jobs = Jobs(store, finishing, load=lambda: None)
    last = jobs.submit(SMALL)
    until(lambda: store.read(last).status == "finished")
    runs = store.runs()
    assert [run.spec for run in reversed(runs)] == [MIDDLE, SMALL]
    assert runs[0].id == last
    assert chain_to_run(SMALL, store) == [SMALL]
    again = jobs.submit(SMALL)
    until(lambda: store.read(again).status == "finished")
    assert len(store.runs()) == 3  # the assistant is not trained twice


def test_an_assistant_on_its_way_is_not_queued_again(store: Store) -> None:
    store.create(MIDDLE)
    assert chain_to_run(SMALL, store) == [SMALL]
    assert store.find(MIDDLE) is None


def test_a_sweep_runs_the_chain_of_each_seed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "execute_and_store", finishing)
    list(sweep.sweep((SMALL,), 2, store))
    ran = [run.spec for run in reversed(store.runs())]
    assert ran == [MIDDLE, SMALL, with_seed(MIDDLE, 1), with_seed(SMALL, 1)]


# -- in training ------------------------------------------------------------------------------------------


def test_a_student_learns_its_assistants_logits_and_is_evaluated_against_its_teacher(spec: Spec, store: Store) -> None:
    """Fitted to the assistant's logits alone for long, with the assistant's very shape, it becomes the assistant."""
    of_assistant = replace(spec, distil=DistilConfig(hard=1, soft=0, steps=30, batch_size=8, learning_rate=1e-2))
    list(execute_and_store(of_assistant, run := store.create(of_assistant), store))
    assistant = store.student(run)
    config = DistilConfig(hard=0, soft=0, logit=1, steps=150, batch_size=8, learning_rate=1e-2)
    chained = replace(spec, assistant=of_assistant, distil=config)
    assistant = assistant_of(chained, store)
    assert assistant is not None
    for name, tensor in assistant.model.state_dict().items():
        assert torch.equal(tensor, assistant.model.state_dict()[name])
    direct = replace(chained, assistant=None)
    logits = {}
    for each in (of_assistant, chained, direct):
        list(execute_and_store(each, run := store.create(each), store))
        logits[each] = store.logits(run)
        result = store.read(run).result
        assert logits[each] is not None
        assert result.agreement == agreement(logits[each].student, logits[each].teacher)  # type: ignore[union-attr]
    first, with_assistant, directly = (each for each in logits.values() if each is not None)
    assert torch.equal(first.teacher, with_assistant.teacher)  # evaluated against the same teacher
    to_assistant = [float((each.student - first.student).abs().mean()) for each in (with_assistant, directly)]
    assert to_assistant[0] < to_assistant[1] / 3


def test_tokens_are_compared_across_two_smaller_vocabularies(spec: Spec, store: Store) -> None:
    """The assistant has 40 tokens, its student 20: hidden states are compared at tokens that both have."""
    middle = replace(spec, steps=(TrimVocabulary(size=40), *spec.steps))
    config = replace(spec.distil, hidden=1.0, hidden_at="tokens")
    small = replace(spec, steps=(TrimVocabulary(size=20), *spec.steps), assistant=middle, distil=config)
    for each in chain_to_run(small, store):
        list(execute_and_store(each, store.create(each), store))
    run = store.find(small)
    assert run is not None
    assert run.counts is not None
    assert run.counts.student.total < run.counts.teacher.total
    hidden = [event.losses["hidden"] for event in store.events(run.id) if isinstance(event, TrainStep)]
    assert hidden
    assert all(loss > 0 for loss in hidden)


def test_without_its_assistant_a_student_can_not_learn(spec: Spec, store: Store) -> None:
    chained = replace(spec, assistant=spec)
    with pytest.raises(SpecError, match="run the assistant first"):
        list(execute_and_store(chained, run := store.create(chained), store))
    assert store.read(run).status == "failed"


# -- on the page -------------------------------------------------------------------------------------------


def test_a_finished_student_is_asked_to_teach_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    large, small = PRESETS[0].spec, PRESETS[2].spec
    assert "assistant" not in [box.key for box in app("distil", small).selectbox]  # nobody could
    run = finished(large)
    test = app("distil", small, run)
    test.button(key="teach").click().run()
    assert not test.exception
    assert spec_of(test) == replace(small, assistant=large)
    assert test.selectbox(key="assistant").value == "assistant"
    assert any("itself distilled from" in element.value for element in test.markdown)
    submitted: list[Spec] = []
    monkeypatch.setattr(
        type(server.jobs()), "submit", lambda self, what, *_: submitted.append(what) or Store().create(what)
    )
    test.button(key="distil").click().run()
    assert submitted == [replace(small, assistant=large)]
    test.selectbox(key="assistant").set_value("teacher").run()
    assert spec_of(test) == small
    assert "assistant" not in [box.key for box in test.selectbox]


def test_another_teacher_has_no_use_for_the_assistant() -> None:
    finished(PRESETS[0].spec)
    test = app("design", replace(PRESETS[2].spec, assistant=PRESETS[0].spec))
    test.selectbox(key="teacher").set_value("news").run()
    assert not test.exception
    assert spec_of(test).assistant is None
    assert spec_of(test).teacher == "news"
