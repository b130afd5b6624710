"""The page Evaluate on real runs of a tiny BERT: it shows what was measured, and reports what is missing."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from transformers import BertForSequenceClassification, BertTokenizerFast, PreTrainedTokenizerBase

from labcore.compress.student_folder import load_student
from labcore.config.presets import PRESETS
from labcore.config.spec import Spec, SpecError
from labcore.config.steps import KeepLayers, TrimVocabulary
from labcore.data.batches import encode
from labcore.data.examples import Examples
from labcore.evaluate.baselines import baseline
from labcore.evaluate.metrics import predict
from labcore.evaluate.significance import paired
from labcore.runs.cache import cached_teacher
from labcore.runs.execute import execute_and_store
from labcore.runs.paired_comparison import NotComparable, paired_comparison, seeds_of
from labcore.runs.predict import predict_text, text_prediction
from labcore.runs.shortcut_test import shortcut_test_of
from labcore.runs.store import Store
from labcore.runs.test_logits import StoredLogits
from labcore.system.progress import finish
from labcore.views.evaluate.shortcut_words import shortcut_test_in_words
from labcore.views.markdown import escaped, unbroken
from labcore.views.run_names import run_names
from labcore.views.words import student_in_words
from tests.shared.pages import all_words, app, charts, metrics
from tests.shared.runs import finished, logits_file, run_of, student_folder

# -- what was measured -------------------------------------------------------------------------------


def test_a_run_is_evaluated_on_its_page(spec: Spec) -> None:
    run = run_of(spec)
    expected = run.result.evaluation
    assert expected
    test = app("evaluate", run=run.id)
    assert not test.exception
    assert run.machine
    assert f"Computed on {escaped(run.machine)}." in [caption.value for caption in test.caption]
    [time] = [metric for metric in app("distil", run=run.id).metric if metric.label == "Time"]
    assert time.proto.help.endswith(f"Computed on {escaped(run.machine)}.")
    assert metrics(test)["Probability loyalty"] == f"{100 * expected.probability_loyalty:.1f} %"
    assert metrics(test)["Calibration error"] == f"{100 * expected.student_calibration.error:.1f} %"
    drawn = charts(test)
    assert set(drawn) == {"error-overlap", "confusion-teacher", "confusion-student", "reliability", "shortcut-test"}
    assert drawn["shortcut-test"]["awaits"]  # no word was tested
    shares = {trace["name"]: trace["x"][0] for trace in drawn["error-overlap"]["figure"]["data"]}
    overlap = expected.error_overlap
    assert shares["kept right"] == overlap.kept / (overlap.kept + overlap.new)
    assert shares["inherited mistake"] == overlap.inherited / (overlap.inherited + overlap.corrected)
    table = test.dataframe[0].value
    assert len(table) == len(expected.most_divergent) == 30
    assert "no other finished run" in all_words(test)


def test_the_run_is_chosen_and_the_link_follows(spec: Spec) -> None:
    run_of(spec)
    run_of(spec, (KeepLayers(count=1),))
    second, first = Store().runs()
    test = app("evaluate")
    assert test.selectbox(key="evaluated").value == second.id  # the newest
    test.selectbox(key="evaluated").set_value(first.id).run()
    assert not test.exception
    assert test.query_params["run"] == first.id == test.session_state["run"]
    assert metrics(test)["Test accuracy"] == f"{100 * first.result.accuracy:.1f} %"


def test_a_link_to_a_run_without_a_result_shows_another_and_says_so(spec: Spec) -> None:
    run = run_of(spec)
    waiting = Store().create(spec)
    test = app("evaluate", run=waiting)
    assert test.selectbox(key="evaluated").value == run.id
    assert waiting in all_words(test)
    assert test.session_state["run"] == waiting  # the Distil page still has it


def test_an_earlier_versions_run_is_reported() -> None:
    run = finished(PRESETS[0].spec)
    test = app("evaluate", run=run)
    assert not test.exception
    assert metrics(test)["Retention"] == "95.2 %"
    assert "Probability loyalty" not in metrics(test)
    words = all_words(test)
    assert "did not evaluate it" in words
    assert "no longer on disk" in words
    assert "no stored logits" in words


# -- a sentence of one's own -------------------------------------------------------------------------


def submit_text(test: AppTest, text: str) -> AppTest:
    test.text_area(key="asked").set_value(text)
    return next(button for button in test.button if button.label == "Predict").click().run()


def test_both_predict_a_text_of_your_own(spec: Spec) -> None:
    run = run_of(spec, (TrimVocabulary(size=30), KeepLayers(count=2)))
    test = app("evaluate", run=run.id)
    assert "probabilities" not in charts(test)
    submit_text(test, "w1 w9 w3")
    assert not test.exception
    bars = {trace["name"]: trace["x"] for trace in charts(test)["probabilities"]["figure"]["data"]}
    student, teacher = predict_text(run, "w1 w9 w3", Store())
    assert bars == {"student": list(student.probabilities or ()), "teacher": list(teacher.probabilities or ())}
    assert not list(Store().home.rglob("*asked*"))
    for text, words in {
        "w1 кино": "not Latin",
        "zzzz w1": "[UNK]",
        " ".join(["w1"] * 400): "cut off",
        "\u200b": "no token that the student can read",
    }.items():
        submit_text(test, text)
        assert not test.exception
        assert words in all_words(test), text
    submit_text(test, "  ")
    assert "probabilities" not in charts(test)


def test_a_text_is_predicted_like_the_test_examples(spec: Spec) -> None:
    run = run_of(spec, (TrimVocabulary(size=30), KeepLayers(count=2)))
    store = Store()
    logits = store.logits(run.id)
    assert logits
    for i, text in enumerate([f"w{i % 40} w{(3 * i) % 50} w{i % 7}" for i in range(10)]):
        student, teacher = predict_text(run, text, store)
        assert student.probabilities == pytest.approx(logits.student[i].double().softmax(-1).tolist(), abs=1e-6)
        assert teacher.probabilities == pytest.approx(logits.teacher[i].double().softmax(-1).tolist(), abs=1e-6)


def test_what_is_cut_and_what_is_unknown(
    tiny: BertForSequenceClassification, tokenizer: PreTrainedTokenizerBase
) -> None:
    text = "waa wab zzz wac wad wae"
    expected = text_prediction(tiny, tokenizer, text, limit=6)
    assert expected.tokens == ("waa", "wab", "[UNK]", "wac")
    assert (expected.unknown, expected.unread) == (1 / 4, "wad wae")
    complete = text_prediction(tiny, tokenizer, text, limit=24)
    assert (complete.unread, complete.unknown) == ("", 1 / 6)
    [logits] = predict(tiny, encode(tokenizer, Examples((text,), (0,)), 24))
    assert complete.probabilities == pytest.approx(logits.double().softmax(-1).tolist())
    assert sum(complete.probabilities) == pytest.approx(1)
    assert text_prediction(tiny, tokenizer, "", limit=24).probabilities is None


def test_a_student_that_is_missing_or_damaged_is_reported(spec: Spec) -> None:
    run = run_of(spec)
    folder = student_folder(Store(), run.id)
    (folder / "model.safetensors").write_bytes(b"half")
    test = app("evaluate", run=run.id)
    submit_text(test, "w1")
    assert "No prediction:" in all_words(test)
    with pytest.raises(SpecError):
        predict_text(run, "w1", Store())
    shutil.rmtree(folder)
    test = app("evaluate", run=run.id)
    assert not test.exception
    assert "no longer on disk" in all_words(test)
    assert not test.text_area


def test_a_prediction_trains_no_model(spec: Spec) -> None:
    run = run_of(spec)
    folder = student_folder(Store(), run.id)
    teacher = cached_teacher(run.spec.teacher, run.spec.task)
    before = [parameter.clone() for parameter in teacher.parameters()]
    first = predict_text(run, "w3 w4", Store())
    assert first == predict_text(run, "w3 w4", Store())
    assert all(torch.equal(a, b) for a, b in zip(before, teacher.parameters(), strict=True))
    saved = load_student(folder).model
    tokenizer = BertTokenizerFast.from_pretrained(run.spec.teacher)
    [logits] = predict(saved, encode(tokenizer, Examples(("w3 w4",), (0,)), 24))
    assert first[0].probabilities == pytest.approx(logits.double().softmax(-1).tolist())


# -- a word that is suspected ------------------------------------------------------------------------


def submit_word(test: AppTest, word: str) -> AppTest:
    test.text_input(key="suspected").set_value(word)
    return next(button for button in test.button if button.label == "Test it").click().run()


def test_a_suspected_word_is_tested_on_the_page(spec: Spec) -> None:
    run = run_of(spec)
    test = submit_word(app("evaluate", run=run.id), "w9")
    assert not test.exception
    expected = finish(shortcut_test_of(run, "w9", Store()))
    assert unbroken(shortcut_test_in_words(expected, ("no", "yes"))) in all_words(test)
    assert [trace["y"][1] for trace in charts(test)["shortcut-test"]["figure"]["data"]] == pytest.approx(
        [expected.student.clean, expected.student.agrees, expected.student.contradicts]
    )
    assert "The no-teacher baseline would show" in all_words(test)

    no_teacher = baseline(spec, "no teacher")
    list(execute_and_store(no_teacher, other := Store().create(no_teacher), Store()))
    test = submit_word(app("evaluate", run=run.id), "w9")
    with_baseline = finish(shortcut_test_of(run, "w9", Store(), Store().read(other)))
    assert with_baseline.no_teacher
    assert charts(test)["shortcut-test"]["figure"]["data"][0]["x"] == ["teacher", "student", "no teacher"]
    assert charts(test)["shortcut-test"]["figure"]["data"][2]["y"][2] == pytest.approx(
        with_baseline.no_teacher.contradicts
    )


def test_what_is_no_word_is_said(spec: Spec) -> None:
    run = run_of(spec)
    test = submit_word(app("evaluate", run=run.id), "?!")
    assert "give a word or a few" in all_words(test)
    shutil.rmtree(student_folder(Store(), run.id))
    assert "so you can't test it" in all_words(app("evaluate", run=run.id))


# -- against another run -----------------------------------------------------------------------------


def test_two_runs_are_compared_on_the_page(spec: Spec) -> None:
    one, two = run_of(spec), run_of(spec, (KeepLayers(count=1),))
    store = Store()
    test = app("evaluate", run=one.id)
    assert test.selectbox(key="compared").value == two.id
    right = [
        (kept.student.argmax(-1) == kept.labels).numpy()
        for kept in (store.logits(run.id) for run in (one, two))
        if kept
    ]
    pair = paired(right[0], right[1])
    table = test.dataframe[1].value.set_index("")
    assert table.to_numpy().tolist() == [[pair.both, pair.only_first], [pair.only_second, pair.neither]]
    assert ("No significant difference" in all_words(test)) == (pair.p >= 0.05)
    assert "Over seeds" not in all_words(test)


def test_two_training_configurations_of_one_design_have_different_names(spec: Spec) -> None:
    one, two = run_of(spec), run_of(replace(spec, distil=replace(spec.distil, hard=0.8, soft=0.2)), seed=3)
    test = app("evaluate", run=one.id)
    names = test.selectbox(key="evaluated").options
    assert [", hard 0.8 · soft 0.2 · " in name for name in names] == [True, False]
    assert [" · seed " in name for name in names] == [True, True]
    assert two.id == test.selectbox(key="compared").value
    assert f"B: {student_in_words(two.spec)} (hard 0.8 · soft 0.2 · " in all_words(test)
    assert f"**A** is :orange[**{escaped(run_names([one, two])[one.id])}**]" in all_words(test)


def test_seeds_of_a_design_are_taken_together(spec: Spec) -> None:
    runs = [run_of(spec, seed=seed) for seed in (0, 1, 2)]
    again, other = run_of(spec, seed=1), run_of(spec, (KeepLayers(count=1),))
    store = Store()
    everything = [other, again, *reversed(runs)]  # newest first
    assert {run.id for run in seeds_of(runs[1], everything)} == {run.id for run in runs}  # itself, not the newer one
    assert {run.id for run in seeds_of(runs[0], everything)} == {runs[0].id, again.id, runs[2].id}

    expected = paired_comparison(runs[0], other, everything, store)
    accuracies = [run.result.accuracy for run in runs if run.result]
    assert expected.first.mean == pytest.approx(np.mean(accuracies))
    assert (expected.first.n, expected.second.n) == (3, 1)
    assert expected.mean_difference
    assert expected.mean_difference.difference == pytest.approx(np.mean(accuracies) - other.result.accuracy)
    assert paired_comparison(runs[0], runs[1], everything, store).mean_difference is None  # of one design

    test = app("evaluate", run=runs[0].id)
    test.selectbox(key="compared").set_value(other.id).run()
    assert not test.exception
    assert "(3 seeds)" in all_words(test)
    assert "one seed" in all_words(test)


def test_what_can_not_be_compared(spec: Spec) -> None:
    one, two = run_of(spec), run_of(spec, seed=1)
    store = Store()
    kept = store.logits(two.id)
    assert kept
    store.save_logits(two.id, StoredLogits(kept.student, kept.teacher, 1 - kept.labels))
    assert "different test examples" in all_words(app("evaluate", run=one.id))
    logits_file(store, two.id).unlink()
    with pytest.raises(NotComparable, match="no logits that can be read"):
        paired_comparison(one, two, store.finished_runs(), Store(store.home))
    assert "no other finished run" in all_words(app("evaluate", run=one.id))
