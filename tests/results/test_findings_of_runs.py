"""A run that did not help says so: in its events, on disk, in the card, on the command line and on the pages."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from labcore.__main__ import main
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Prune
from labcore.results.events import Validation, event_from_dict, event_to_dict
from labcore.results.findings import Finding
from labcore.results.run import finished_runs
from labcore.runs.store import Store
from tests.shared.findings import ended, kinds
from tests.shared.pages import app
from tests.shared.runs import student_folder


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
    """A tenth of the weights goes, at a learning rate of 10. Pruned in one shot, it would have kept its accuracy."""
    result = ended(gradual(spec, 0.1, 10.0, 2), store)
    [finding] = [each for each in result.findings if each.kind == "no better than untrained"]
    [*_, best] = [event for event in store.events(result.run) if isinstance(event, Validation) and event.best]
    once = replace(spec, steps=(Prune(0.1),), distil=replace(spec.distil, learning_rate=10.0, hard=0.0, soft=1.0))
    [first, *_] = [event for event in store.events(ended(once, store).run) if isinstance(event, Validation)]
    assert first.step == 0
    assert best.accuracy < first.accuracy  # the same student, before training
    assert (
        f"is {100 * best.accuracy:.1f} %. Pruned in one shot and not trained, it is {100 * first.accuracy:.1f} %"
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


def test_the_exercise_warns_of_a_student_that_was_not_improved() -> None:
    from tests.shared.attempts import opened, ran

    attempt, store = ran(), Store()
    [last] = [run for run in finished_runs(store.runs()) if run.spec == attempt.specs[2]]
    note = Finding("never improved", "Training did not improve this student.")
    store.finish(last.id, replace(last.result, findings=(note,)), last.counts)
    test = opened(attempt)
    assert not test.exception
    assert [w.value for w in test.warning if "did not improve" in w.value] == [f"**C, seed 0:** {note.words}"]
