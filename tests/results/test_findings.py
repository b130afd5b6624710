"""A training that did not help says so: in its events, on disk, in the card, on the command line and on the pages."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import BertForSequenceClassification, BertTokenizerFast

from labcore.__main__ import main
from labcore.compress.derive import derive
from labcore.compress.student_card import card
from labcore.config.spec import DistilConfig, Spec, SpecError
from labcore.config.steps import KeepLayers, Prune, TrimVocabulary
from labcore.data.batches import encode
from labcore.data.examples import SPLITS, Examples, Split
from labcore.distil.live_teacher import LiveTeacher
from labcore.distil.objective import Objective
from labcore.distil.targets import compute_targets
from labcore.evaluate.metrics import predict
from labcore.models.structure import structure_of
from labcore.results.counts import Comparison, Counts
from labcore.results.evaluation import ConfidenceCalibration, ErrorOverlap, Evaluation
from labcore.results.events import Finished, Validation, event_from_dict, event_to_dict
from labcore.results.findings import Finding, TermCounts, findings_of_test, findings_of_training, never_improved
from labcore.results.run import finished_runs
from labcore.runs.execute import execute_and_store
from labcore.runs.store import Store
from labcore.system.progress import finish
from labcore.views.finding_notes import findings_of
from tests.shared.pages import app
from tests.shared.runs import student_folder
from tests.shared.tiny import TINY, WORDS, tiny_examples
from tests.shared.tiny_tasks import give_task, task_with

CALIBRATION = ConfidenceCalibration(0.0, (), (), ())


def _text(i: int) -> str:
    return f"w{i % 40} w{(3 * i) % 50} w{i % 7}"


@pytest.fixture
def spec(tmp_path: Path, tiny: BertForSequenceClassification, monkeypatch: pytest.MonkeyPatch) -> Spec:
    """A spec of a tiny teacher in a folder, and of a task of a few dozen examples that its teacher labels."""
    folder = tmp_path / "teacher"
    tokenizer = BertTokenizerFast(vocab={word: i for i, word in enumerate(WORDS)})
    unlabelled = Examples(tuple(map(_text, range(40))), (0,) * 40)
    apart = predict(tiny, encode(tokenizer, unlabelled, TINY.positions)).diff(dim=-1).median()
    with torch.no_grad():
        tiny.classifier.bias[1] -= apart  # so that it predicts both classes, as often
    tiny.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    splits: dict[Split, Examples] = {}
    for split, n in zip(SPLITS, (40, 20, 30), strict=True):
        examples = Examples(tuple(map(_text, range(n))), (0,) * n)
        predicted = predict(tiny, encode(tokenizer, examples, TINY.positions)).argmax(-1)
        splits[split] = replace(examples, labels=tuple(predicted.tolist()))
    give_task(monkeypatch, task_with(splits, label_names=("negative", "positive"), max_tokens=TINY.positions))
    return Spec(teacher=str(folder), steps=(KeepLayers(count=2),), distil=DistilConfig(epochs=1, batch_size=8))


def evaluation(student: list[list[int]], teacher: list[list[int]]) -> Evaluation:
    return Evaluation(
        probability_loyalty=1.0,
        error_overlap=ErrorOverlap(kept=0, new=0, corrected=0, inherited=0, other=0),
        student_calibration=CALIBRATION,
        teacher_calibration=CALIBRATION,
        student_confusion=tuple(map(tuple, student)),
        teacher_confusion=tuple(map(tuple, teacher)),
        differences=(),
    )


def kinds(findings: tuple[Finding, ...]) -> set[str]:
    return {finding.kind for finding in findings}


# -- the rules -----------------------------------------------------------------------------------------


def test_the_untrained_student_as_the_best_checkpoint_is_a_finding() -> None:
    assert kinds(findings_of_training(0, 4, TermCounts())) == {"never improved"}
    assert findings_of_training(7, 4, TermCounts()) == ()
    assert "4 later checkpoints" in findings_of_training(0, 4, TermCounts())[0].words
    assert never_improved(findings_of_training(0, 1, TermCounts()))


@pytest.mark.parametrize(
    ("best", "at_once", "expected"),
    [
        ((0.55, 0.7), (0.90, 0.3), True),
        ((0.90, 0.3), (0.90, 0.3), True),  # equal is not better, as for the best checkpoint
        ((0.90, 0.4), (0.90, 0.3), True),
        ((0.90, 0.2), (0.90, 0.3), False),
        ((0.91, 0.9), (0.90, 0.3), False),
    ],
)
def test_a_gradual_pruning_is_compared_with_one_at_once(
    best: tuple[float, float], at_once: tuple[float, float], expected: bool
) -> None:
    findings = findings_of_training(7, 4, TermCounts(), best, at_once)
    assert kinds(findings) == ({"no better than untrained"} if expected else set())
    assert not never_improved(findings)
    assert ("loss" in findings[0].words if expected else False) == (expected and best[0] == at_once[0])


@pytest.mark.parametrize(
    ("valued", "weight", "kind"),
    [
        (0, 1.0, {"term without value"}),
        (5, 1.0, {"term in few steps"}),
        (9, 1.0, set()),
        (10, 1.0, set()),
        (0, 0.0, set()),
    ],
)
def test_a_term_that_counts_and_has_no_value_is_a_finding(valued: int, weight: float, kind: set[str]) -> None:
    terms = TermCounts()
    for step in range(10):
        terms.add({"relation": weight, "soft": 1.0}, {"soft": 0.2} | ({"relation": 0.1} if step < valued else {}))
    assert kinds(findings_of_training(3, 4, terms)) == kind
    if valued == 5:
        assert "50 % of the steps" in findings_of_training(3, 4, terms)[0].words


@pytest.mark.parametrize(
    ("student", "teacher", "kind"),
    [
        ([[5, 1], [1, 3]], [[6, 0], [0, 4]], set()),
        ([[6, 0], [4, 0]], [[6, 0], [0, 4]], {"one class", "not above majority"}),
        ([[0, 6], [0, 4]], [[6, 0], [0, 4]], {"one class", "not above majority"}),
        ([[5, 1], [3, 1]], [[6, 0], [0, 4]], {"not above majority"}),  # 6 of 10, as always naming the first
        ([[5, 1], [2, 2]], [[6, 0], [4, 0]], {"teacher not above majority"}),
        ([[1, 5], [4, 0]], [[0, 6], [4, 0]], {"not above majority", "teacher not above majority"}),
        ([[3, 0, 0], [0, 3, 0], [1, 0, 2]], [[3, 0, 0], [0, 3, 0], [0, 0, 3]], set()),
    ],
)
def test_confusion_matrices_say_what_accuracy_does_not(
    student: list[list[int]], teacher: list[list[int]], kind: set[str]
) -> None:
    assert kinds(findings_of_test(evaluation(student, teacher))) == kind


# -- a real run ----------------------------------------------------------------------------------------


def ended(spec: Spec, store: Store) -> Finished:
    *_, last = execute_and_store(spec, store.create(spec), store)
    assert isinstance(last, Finished)
    return last


def harmful(spec: Spec) -> Spec:
    """A copy of the teacher, which a learning rate of 10 can only harm."""
    return replace(spec, steps=(), distil=replace(spec.distil, learning_rate=10.0, hard=0.0, soft=1.0))


def test_a_learning_rate_of_10_is_a_finding_everywhere(spec: Spec, store: Store) -> None:
    result = ended(harmful(spec), store)
    assert "never improved" in kinds(result.findings)
    assert event_from_dict(json.loads(json.dumps(event_to_dict(result)))) == result
    kept = Store(store.home).read(result.run)
    assert kept.result == result
    readme = (student_folder(store, result.run) / "README.md").read_text(encoding="utf-8")
    assert "distilled by it" not in readme
    assert "It is untrained" in readme
    for finding in result.findings:
        assert finding.words in readme
    for page in ("distil", "evaluate"):
        test = app(page, kept.spec, result.run)
        assert not test.exception
        assert [finding.words for finding in result.findings] == [
            warning.value for warning in test.warning if warning.value in {finding.words for finding in result.findings}
        ]


def gradual(spec: Spec, sparsity: float, rate: float, epochs: int) -> Spec:
    distil = replace(spec.distil, gradual=True, learning_rate=rate, epochs=epochs, hard=0.0, soft=1.0)
    return replace(spec, steps=(Prune(sparsity),), distil=distil)


def test_a_gradual_pruning_that_training_did_not_help_is_a_finding(spec: Spec, store: Store) -> None:
    """A tenth of the weights goes, at a learning rate of 10. Pruned at once, the copy would have kept its accuracy."""
    result = ended(gradual(spec, 0.1, 10.0, 2), store)
    [finding] = [each for each in result.findings if each.kind == "no better than untrained"]
    [*_, best] = [event for event in store.events(result.run) if isinstance(event, Validation) and event.best]
    once = replace(spec, steps=(Prune(0.1),), distil=replace(spec.distil, learning_rate=10.0, hard=0.0, soft=1.0))
    [first, *_] = [event for event in store.events(ended(once, store).run) if isinstance(event, Validation)]
    assert first.step == 0
    assert best.accuracy < first.accuracy  # the same student, before training
    assert (
        f"is {100 * best.accuracy:.1f} %. Pruned at once and not trained, it is {100 * first.accuracy:.1f} %"
        in finding.words
    )
    assert event_from_dict(json.loads(json.dumps(event_to_dict(result)))) == result
    readme = (student_folder(store, result.run) / "README.md").read_text(encoding="utf-8")
    assert "distilled by it" not in readme
    assert "that did not improve it" in readme
    assert finding.words in readme
    test = app("distil", store.read(result.run).spec, result.run)
    assert not test.exception
    assert finding.words in [warning.value for warning in test.warning]


def test_a_gradual_pruning_that_training_helped_is_none(spec: Spec, store: Store) -> None:
    result = ended(gradual(spec, 0.9, 1e-2, 8), store)
    [*_, best] = [event for event in store.events(result.run) if isinstance(event, Validation) and event.best]
    assert best.step > 0
    assert not kinds(result.findings) & {"no better than untrained", "never improved"}


def test_findings_go_to_standard_error(
    spec: Spec,
    tmp_path: Path,
    lab_home: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = tmp_path / "spec.json"
    file.write_text(
        replace(harmful(spec), distil=replace(harmful(spec).distil, steps=2, epochs=3, layer_map="first")).to_json()
    )
    assert main(["run", "--spec", str(file)]) == 0
    out, err = capsys.readouterr()
    [*_, last] = [json.loads(line) for line in out.splitlines()]
    assert "never improved" in {finding["kind"] for finding in last["findings"]}
    notes = [line for line in err.splitlines() if line.startswith("note: ")]
    assert notes[0].startswith("note: distil.layer_map has no effect: ")
    assert notes[1:] == [f"note: {finding['words']}" for finding in last["findings"]]
    file.write_text(replace(spec, distil=DistilConfig(gradual=True)).to_json())
    assert main(["run", "--spec", str(file)]) == 2
    assert "error: distil.gradual has no effect: 'prune' is not the last step" in capsys.readouterr().err


def test_an_earlier_versions_run_is_read_and_its_matrices_are_asked() -> None:
    old = Finished(
        run="x", teacher_accuracy=0.6, accuracy=0.6, agreement=1.0, counts={}, seconds=1.0, examples_per_second=1.0
    )
    data = event_to_dict(old)
    data.pop("findings", None)
    assert event_from_dict(data) == old
    assert findings_of(old) == ()
    assert kinds(findings_of(replace(old, evaluation=evaluation([[6, 0], [4, 0]], [[6, 0], [0, 4]])))) == {
        "one class",
        "not above majority",
    }


def test_the_card_of_a_trained_student_says_how(tiny: BertForSequenceClassification) -> None:
    counts = Counts(
        total=10,
        nonzero=8,
        parts={"embeddings": 4, "encoder": 4, "pooler": 1, "classifier": 1},
        layers=(2, 2),
        hidden=2,
        layers_nonzero=(1, 1),
    )
    words = card(Spec(), Comparison(counts, counts), structure_of(tiny), {"accuracy": 0.8})
    assert "distilled by it" in words
    note = Finding("one class", "Always the same.")
    words = card(Spec(), Comparison(counts, counts), structure_of(tiny), {"accuracy": 0.8}, [note])
    assert words.index("> **Note.** Always the same.") < words.index("accuracy: 80.00 %")


# -- a loss that compares nothing ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (DistilConfig(relation=1.0), "set distil.relation to 0"),
        (DistilConfig(hidden=1.0, hidden_at="tokens"), "set distil.hidden_at to 'cls'"),
        (DistilConfig(cosine=1.0, relation=1.0, hidden_at="tokens"), "'cls' and distil.relation to 0"),
        (DistilConfig(soft=0.0, hard=0.0, relation=1.0), "trim_vocabulary.size"),
    ],
)
def test_a_loss_that_compares_nothing_is_refused_before_training(
    config: DistilConfig, words: str, tiny: BertForSequenceClassification
) -> None:
    train = tiny_examples(12)
    targets = finish(compute_targets(tiny, train, states=True))
    student = derive(tiny, [KeepLayers(count=2)])  # as wide as its teacher
    nothing = LiveTeacher(tiny, train, torch.zeros(12, dtype=torch.bool))
    with pytest.raises(SpecError, match=words):
        Objective(student, train, targets, config, nothing)
    one = torch.zeros(12, dtype=torch.bool)
    one[3] = True
    Objective(student, train, targets, config, LiveTeacher(tiny, train, one))
    Objective(student, train, targets, DistilConfig(hidden=1.0), nothing)  # at [CLS]


def test_run_and_gradient_balance_refuse_it_alike(spec: Spec, store: Store) -> None:
    from labcore.runs.cache import gradients_at_start

    few = replace(spec, steps=(TrimVocabulary(size=5),), distil=replace(spec.distil, relation=1.0))
    for attempt in (lambda: ended(few, store), lambda: gradients_at_start(few)):
        with pytest.raises(SpecError, match="reads none of 40 training examples in the same tokens"):
            attempt()


def test_the_exercise_warns_of_a_student_that_was_not_improved() -> None:
    from tests.shared.attempts import opened, ran

    attempt, store = ran(), Store()
    [last] = [run for run in finished_runs(store.runs()) if run.spec == attempt.specs[2]]
    note = Finding("never improved", "Training did not improve this student.")
    store.finish(last.id, replace(last.result, findings=(note,)), last.counts)
    test = opened(attempt)
    assert not test.exception
    assert [w.value for w in test.warning if "did not improve" in w.value] == [f"**C, seed 0:** {note.words}"]
