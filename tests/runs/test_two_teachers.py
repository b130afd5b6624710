"""Runs of two brought teachers stay apart, each seed counts once, and no other teacher replaces one that is gone."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest
from transformers import BertForSequenceClassification, BertTokenizerFast, PreTrainedTokenizerBase

from labcore.compress.student import Student
from labcore.config.spec import DistilConfig, Spec, SpecError
from labcore.config.steps import KeepLayers, Prune
from labcore.count.parameters import count
from labcore.evaluate.hard_weight_groups import hard_weight_groups
from labcore.evaluate.provenance import teacher_gone_in_words, teacher_of
from labcore.evaluate.seed_groups import group_and_baselines, seed_group, with_seed, without_reruns
from labcore.evaluate.significance import over_seeds
from labcore.exercise.attempt import Attempt, Slot
from labcore.exercise.attempt_results import results_of
from labcore.models.family import BERT
from labcore.results.counts import Counts
from labcore.results.events import ConditionAccuracy
from labcore.results.run import FinishedRun, Run
from labcore.runs.allowed_teachers import check_allowed
from labcore.runs.cache import counted
from labcore.runs.execute import execute_and_store
from labcore.runs.paired_comparison import paired_comparison, seeds_of
from labcore.runs.store import Store
from labcore.teacher.built_in import BUILT_IN
from labcore.views.design.flow import flow
from labcore.views.design.towers import blocks, parts_left
from labcore.views.frontier.frontier_chart import named_points, named_teacher_points
from labcore.views.tables import runs_table
from labcore.views.teacher_names import names_of_teachers, short_names, teacher_column
from tests.shared.pages import app, charts, metrics, spec_of
from tests.shared.reference import reference_of
from tests.shared.runs import PAIR, finished_run
from tests.shared.tiny import TINY
from tests.shared.tiny_tasks import bring, give_task, task_of

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *(f"w{i}" for i in range(TINY.vocabulary - 5))]
STEPS = (KeepLayers(count=2),)


def text(i: int) -> str:
    return f"w{i % 40} w{(3 * i) % 50} w{i % 7}"


@pytest.fixture
def tokenizer_of_words() -> PreTrainedTokenizerBase:
    return BertTokenizerFast(vocab={word: i for i, word in enumerate(WORDS)})


@pytest.fixture
def two(
    tmp_path: Path,
    tiny: BertForSequenceClassification,
    tokenizer_of_words: PreTrainedTokenizerBase,
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[Path, Path]:
    """Two teachers of one task, in folders of the same last part: `first/my_bert` and `second/my_bert`."""
    first = bring(tiny, tokenizer_of_words, tmp_path / "first" / "my_bert")
    give_task(monkeypatch, task_of(first, text))
    second = tmp_path / "second" / "my_bert"
    shutil.copytree(first, second)
    weaken(second)
    return first, second


def weaken(folder: Path) -> None:
    """Other weights in the folder: a teacher nearly as good."""
    model = BertForSequenceClassification.from_pretrained(folder)
    with torch.no_grad():
        model.bert.encoder.layer[0].output.dense.weight.mul_(0.98)
    model.save_pretrained(folder)


def spec_for(folder: Path, **distil: object) -> Spec:
    config = DistilConfig(**{"steps": 2, "batch_size": 8} | distil)  # type: ignore[arg-type]
    return Spec(teacher=str(folder), task="reviews", steps=STEPS, distil=config)


def ran(spec: Spec) -> Run:
    store = Store()
    run = store.create(spec)
    list(execute_and_store(spec, run, store))
    return store.read(run)


def said(test: AppTest) -> str:
    elements = (*test.markdown, *test.caption, *test.info, *test.warning, *test.success, *test.error)
    return " ".join(element.value.replace("\\", "") for element in elements)


def of(name: str, identity: str | None, seed: int = 0, created: str = "2026-01") -> Run:
    return replace(finished_run(created, with_seed(Spec(teacher=name), seed), 0.8), teacher=identity)


# -- names -------------------------------------------------------------------------------------------


def test_names_are_as_short_as_they_can_be() -> None:
    assert short_names(["reviews", "/a/b/bert", "/a/c/bert", "/x/reviews", "owner/model", "/a/other"]) == {
        "reviews": "reviews",
        "/a/b/bert": "b/bert",
        "/a/c/bert": "c/bert",
        "/x/reviews": "x/reviews",
        "owner/model": "model",
        "/a/other": "other",
    }
    assert short_names(["a/m", "/a/m", "x/a/m"]) == {"a/m": "a/m", "/a/m": "/a/m", "x/a/m": "x/a/m"}
    assert short_names(["/models/mybert", "/models/bert"]) == {"/models/mybert": "mybert", "/models/bert": "bert"}


PATHS = st.builds(
    lambda root, parts: root + "/".join(parts),
    st.sampled_from(["/", "", "./", "~/"]),
    st.lists(st.sampled_from(["a", "b", "bert", "reviews"]), min_size=1, max_size=4),
)


@given(st.lists(st.one_of(PATHS, st.sampled_from(list(BUILT_IN))), max_size=8))
def test_no_two_teachers_have_one_name(names: list[str]) -> None:
    short = short_names(names)
    assert set(short) == set(names)
    assert len(set(short.values())) == len(short)
    assert all(short[name] not in BUILT_IN for name in short if name not in BUILT_IN)


def test_one_name_with_other_files_is_another_teacher(tmp_path: Path) -> None:
    folder = tmp_path / "bert"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    [now] = names_of_teachers([of(str(folder), "x")])
    present = teacher_of(Run(id="active", spec=Spec(teacher=str(folder)), status="queued", created="2026"))[1]
    assert present is not None
    runs = [of(str(folder), identity, created=f"2026-0{i}") for i, identity in enumerate((present, "abcdef1", None))]
    assert list(names_of_teachers(runs).values()) == ["bert", "bert, earlier files", "bert, files unknown"]
    several = [*runs, of(str(folder), "fedcba9", created="2026-09")]
    assert list(teacher_column(several).values()) == [
        "bert",
        "bert, earlier files abcdef",
        "bert, files unknown",
        "bert, earlier files fedcba",
    ]
    assert teacher_column(runs[:1]) == {}  # one teacher needs no name in a list
    assert now == (str(folder), "x")


# -- each seed once ----------------------------------------------------------------------------------


def test_reruns_of_a_seed_are_one_seed() -> None:
    spec = Spec(steps=STEPS)
    again = [finished_run(f"2026-0{i}", spec, accuracy) for i, accuracy in enumerate((0.7, 0.8, 0.9))]
    [point] = named_points(again, "total")
    assert (point.accuracy, point.seeds, point.id) == (0.9, (0.9,), "2026-02")
    assert set(point.runs) == {run.id for run in again}  # each of them leads to the point
    other = finished_run("2026-05", with_seed(spec, 1), 0.5)
    for order in ([other, *again], [*reversed(again), other]):
        [point] = named_points(order, "total")
        assert sorted(point.seeds) == [0.5, 0.9]
        assert point.accuracy == pytest.approx(0.7)
        assert [run.id for run in seed_group(spec, order).runs] == ["2026-02", "2026-05"]
        assert {run.id for run in without_reruns(order)} == {"2026-02", "2026-05"}
        assert {run.id for run in seeds_of(again[0], order)} == {"2026-00", "2026-05"}  # itself for its seed
        assert over_seeds(seed_group(spec, order).accuracies).n == 2


def test_a_seed_that_ran_twice_within_a_second_counts_by_its_newer_run() -> None:
    first, second = (replace(finished_run("2026-01", Spec(), a), id=i) for i, a in (("a1", 0.1), ("a2", 0.2)))
    assert seed_group(Spec(), [second, first]).accuracies == [0.2]
    assert [run.id for run in without_reruns([second, first])] == ["a2"]


def test_a_rerun_is_no_seed_in_the_exercise() -> None:
    slots = tuple(Slot((KeepLayers(count=n),)) for n in (1, 2, 3))
    attempt = Attempt("a" * 16, slots=slots)  # type: ignore[arg-type]
    runs = [finished_run(f"2026-0{i}", attempt.spec(i), 0.6 + i / 10) for i in range(3)]
    later = [replace(finished_run(f"2026-1{i}", attempt.spec(i), 0.7), id=f"later{i}") for i in range(3)]
    results = results_of(attempt, [*runs, *later])
    assert results is not None
    assert (results.seeds, results.accuracies) == (1, [0.7, 0.7, 0.7])


def test_a_rerun_is_no_seed_in_reference_results() -> None:
    ways = dict.fromkeys(("clean", "agrees", "contradicts"), 0.5)

    def run(created: str, seed: int, clean: float) -> FinishedRun:
        made = finished_run(created, with_seed(Spec(teacher="cued-95", task="cued", steps=STEPS), seed), 0.8)
        conditions = ConditionAccuracy(1, ways | {"clean": clean}, ways, ways)
        return replace(made, result=replace(made.result, conditions=conditions))

    runs = [run("2026-01", 0, 0.1), run("2026-02", 0, 0.2), run("2026-03", 1, 0.4)]
    [group] = hard_weight_groups(reference_of("mimicry", runs), "cued-95")
    assert group.accuracies["clean"] == (0.2, 0.4)


def test_runs_of_two_teachers_are_no_seeds_of_each_other() -> None:
    one, two = of("/x/a", "1", 0), of("/x/a", "2", 1, "2026-02")
    assert [run.id for run in seeds_of(one, [two, one])] == [one.id]
    assert [len(point.seeds) for point in named_points([one, two], "total")] == [1, 1]
    assert len(named_teacher_points([one, two], "total")) == 2
    assert len({point.name for point in named_points([one, two], "total")}) == 2
    assert [run.id for run in seed_group(one.spec, [one, two], like=two).runs] == [two.id]
    assert group_and_baselines(one.spec, [one, two], like=one)[0].runs == (one,)
    assert seed_group(one.spec, [one, two]).runs == ()  # neither is the teacher that is there now


def test_two_teachers_of_one_name_are_two_designs_in_a_comparison(two: tuple[Path, Path]) -> None:
    one = ran(spec_for(two[0]))
    weaken(two[0])
    runs = [one, ran(spec_for(two[0])), ran(spec_for(two[0], seed=1))]
    comparison = paired_comparison(runs[0], runs[1], runs, Store())
    assert (comparison.first.n, comparison.second.n) == (1, 2)
    assert comparison.groups is not None


# -- what a link may open ----------------------------------------------------------------------------


def test_a_link_opens_a_teacher_that_somebody_brought(two: tuple[Path, Path]) -> None:
    spec = spec_for(two[0])
    test = app("design", spec)
    assert test.session_state["spec"].teacher in BUILT_IN
    assert "no run of this lab has read it" in said(test)
    assert "python -m labcore run" in said(test)
    Store().create(spec)  # waits, and has read nothing yet
    assert app("design", spec).session_state["spec"].teacher in BUILT_IN
    ran(spec)
    test = app("design", spec)
    assert spec_of(test) == spec
    assert not test.error
    assert metrics(test)["Teacher"] == f"{counted(spec).teacher.total:,}"
    assert str(two[0]) in said(test)
    second = spec_for(two[1])
    assert "no run of this lab has read it" in said(app("design", second))


def test_what_nobody_brought_is_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    monkeypatch.setattr("labcore.runs.allowed_teachers.known_identity", lambda name: looked.append(name))
    for name in ("/etc", "~", "owner/model", "../x"):
        with pytest.raises(SpecError, match="no run of this lab has read it"):
            check_allowed(name, [of("/elsewhere", "1"), replace(of(name, None), counts=None)])
    assert looked == []
    with pytest.raises(SpecError, match="put its folder back"):
        check_allowed("/elsewhere", [of("/elsewhere", "1")])
    assert looked == ["/elsewhere"]


def test_a_page_fetches_nothing_from_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def snapshot(hub_id: str, *, local_files_only: bool = False, **_: object) -> str:
        asked.append(local_files_only)
        raise OSError("not in the cache")

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot)
    run = of("owner/model", "1")
    assert "no longer where it was" in teacher_gone_in_words(run)
    with pytest.raises(SpecError, match="no longer where it was"):
        check_allowed("owner/model", [run])
    assert asked
    assert all(asked)


def test_a_link_to_a_run_alone_opens_its_teacher(two: tuple[Path, Path]) -> None:
    run = ran(spec_for(two[0]))
    for page in ("start", "design", "distil", "evaluate", "frontier", "exercise", "capacity", "mimicry"):
        test = app(page, run=run.id)
        assert spec_of(test) == run.spec, page
        assert not test.error, page
    assert "built-in teachers only" in said(app("exercise", run=run.id))


def test_the_teacher_is_chosen_beside_the_built_in_ones(two: tuple[Path, Path]) -> None:
    spec = ran(spec_for(two[0])).spec
    test = app("design", spec)
    choice = test.selectbox(key="teacher")
    assert choice.value == spec.teacher
    assert choice.options[-1] == "my_bert · brought, for reviews"
    choice.set_value("bert-tiny").run()
    assert spec_of(test).teacher == "bert-tiny"
    test.selectbox(key="teacher").set_value(spec.teacher).run()
    assert (spec_of(test).teacher, spec_of(test).task) == (spec.teacher, spec.task)
    for view in ("flow", "inside", "cost"):
        test.session_state["look"] = view
        test.run()
        assert not test.exception, view
        assert not test.error, view
    shutil.rmtree(two[0])
    test.run()
    assert "This teacher can't be read" in said(test)
    assert "Put its folder back" in said(test)
    test.selectbox(key="teacher").set_value("reviews").run()
    test.selectbox(key="teacher").set_value(spec.teacher).run()
    assert spec_of(test).teacher == "reviews"
    assert "Not changed" in said(test)


# -- pages with two teachers -------------------------------------------------------------------------


def test_lists_tell_two_teachers_apart(two: tuple[Path, Path]) -> None:
    first, second = ran(spec_for(two[0])), ran(spec_for(two[1]))
    test = app("evaluate", run=first.id)
    chosen, other = test.selectbox(key="evaluated"), test.selectbox(key="compared")
    assert ["teacher second/my_bert" in chosen.options[0], "teacher first/my_bert" in chosen.options[1]] == [True] * 2
    assert ["teacher second/my_bert" in name for name in other.options] == [True]
    assert "teacher first/my_bert (trained 2 steps · batches of 8)" in said(test)
    assert str(two[0]) in said(test)

    names = {point.name for point in named_points([first, second], "total")}
    assert {name.rpartition(" · ")[2] for name in names} == {"teacher first/my_bert", "teacher second/my_bert"}
    assert set(runs_table([first, second])["teacher"]) == {"first/my_bert", "second/my_bert"}
    assert "teacher" not in runs_table([first])
    test = app("frontier", run=first.id)
    assert not test.exception
    traces = {trace["name"]: trace for trace in charts(test)["frontier"]["figure"]["data"]}
    assert len(traces["teacher"]["x"]) == len(traces["student"]["x"]) == 2
    assert "Mean of" not in said(test)
    assert str(two[0]) in said(test)


def test_a_copy_is_named_apart_from_how_long_it_was_trained(two: tuple[Path, Path]) -> None:
    run = ran(replace(spec_for(two[0], steps=1), steps=()))
    [name] = app("evaluate", run=run.id).selectbox(key="evaluated").options
    assert name.startswith("an unchanged copy of the teacher (trained 1 step · ")


def test_a_rerun_is_one_point_on_the_page(two: tuple[Path, Path]) -> None:
    old, new = ran(spec_for(two[0])), ran(spec_for(two[0]))
    test = app("frontier", run=new.id)
    assert "Mean of" not in said(test)
    assert "has a newer run" not in said(test)
    test = app("frontier", run=old.id)
    assert "Seed 0 has a newer run" in said(test)
    [point] = named_points(Store().runs(), "total")
    assert (point.id, len(point.seeds)) == (new.id, 1)
    ran(spec_for(two[0], seed=1))
    assert "Mean of 2 seeds" in said(app("frontier", run=old.id))


# -- a teacher that is gone --------------------------------------------------------------------------


@pytest.mark.parametrize("config", ["replaced", "removed"])
def test_no_other_teacher_takes_the_place_of_one_that_is_gone(two: tuple[Path, Path], config: str) -> None:
    run = ran(spec_for(two[0]))
    for page in ("distil", "evaluate"):
        assert not any(word in said(app(page, run=run.id)) for word in ("were replaced", "no longer where it was"))
    weaken(two[0]) if config == "replaced" else shutil.rmtree(two[0])
    run = Store().read(run.id)
    words = teacher_gone_in_words(run)
    assert ("were replaced" if config == "replaced" else "no longer where it was") in words

    test = app("evaluate", run=run.id)
    assert not test.exception
    assert words in said(test)
    assert not test.text_area
    assert not [box for box in test.text_input if box.key == "suspected"]
    assert said(test).count("the lab cannot compute its predictions") == 2

    test = app("distil", run=run.id)
    assert not test.exception
    assert words in said(test)
    keys = {button.key for button in test.button}
    assert not keys & {"teach", "more-seeds", "baselines"}
    [table] = [frame.value for frame in test.dataframe if "on their way" in frame.value]
    assert table["seeds"].tolist()[0] == 1  # its own, of the teacher that it had
    assert words in said(app("frontier", run=run.id))
    assert (test.session_state["spec"].teacher in BUILT_IN) == (config == "removed")


def test_a_teacher_that_goes_while_a_session_has_it(two: tuple[Path, Path]) -> None:
    test = app("distil", ran(spec_for(two[0])).spec)
    assert not test.button(key="distil").disabled
    two[0].rename(two[0].with_name("elsewhere"))
    test.run()
    assert "no longer where it was; put its folder back" in said(test)
    assert test.button(key="distil").disabled
    two[0].with_name("elsewhere").rename(two[0])
    test.run()
    assert not test.error
    assert not test.button(key="distil").disabled


def test_a_run_that_never_read_its_teacher_has_no_digest_of_its_files(two: tuple[Path, Path]) -> None:
    store = Store()
    run = store.create(spec_for(two[0]))
    store.update(run, "failed", error="it can't be read")
    assert teacher_gone_in_words(store.read(run)) == ""
    store.update(run, "finished", counts=PAIR)
    assert "did not store which files" in teacher_gone_in_words(store.read(run))


# -- zeros that came with the teacher ----------------------------------------------------------------


def with_zeros(model: BertForSequenceClassification, share: float) -> BertForSequenceClassification:
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.dim() == 2 and "classifier" not in name:
                parameter.mul_(torch.rand(parameter.shape, generator=generator) >= share)
    return model


def by_hand(model: BertForSequenceClassification) -> dict[str, int]:
    parts: dict[str, int] = {}
    for name, parameter in model.named_parameters():
        parts[BERT.part_of(name)] = parts.get(BERT.part_of(name), 0) + int((parameter != 0).sum())
    return parts


def drawn(counts: Counts) -> dict[str, float]:
    """By part what the flow draws as not 0, and `zeros` for all that it hatches."""
    sums: dict[str, float] = {"zeros": 0}
    for bar in flow([("Teacher", counts)]).data:
        assert all(n >= 0 for n in bar.y)
        sums["zeros" if "zeros" in bar.name else bar.name] = sums.get("zeros", 0) * ("zeros" in bar.name) + sum(bar.y)
    return sums


def test_zeros_are_drawn_where_they_are(tiny: BertForSequenceClassification) -> None:
    model = with_zeros(tiny, 0.8)
    counts, true = count(Student(model)), by_hand(model)
    assert counts.nonzero == sum(true.values()) == sum(int((p != 0).sum()) for p in model.parameters())
    assert counts.parts_nonzero == parts_left(counts) == true
    assert drawn(counts) == true | {"zeros": counts.total - counts.nonzero}
    live = {block.name: block.live for block in blocks(counts)}
    assert (live["embeddings"], live["pooler"], live["classifier"]) == (
        true["embeddings"],
        true["pooler"],
        true["classifier"],
    )
    assert sum(n for n in live.values() if n is not None) == counts.nonzero


def test_an_earlier_versions_zeros_are_drawn_as_before(tiny: BertForSequenceClassification) -> None:
    counts = replace(count(Student(tiny)), parts_nonzero=None)
    old = replace(counts, nonzero=counts.total - 30, layers_nonzero=tuple(n - 5 for n in counts.layers))
    assert parts_left(old) == counts.parts | {
        "encoder": counts.parts["encoder"] - 20,
        "embeddings": counts.parts["embeddings"] - 10,
    }


@pytest.mark.parametrize("embeddings", [False, True])
def test_a_global_pruning_without_weights_draws_no_negative_part(embeddings: bool) -> None:
    spec = Spec(teacher="bert-tiny", steps=(Prune(0.9, "global", embeddings=embeddings),))
    counts = counted(spec).student
    assert counts.parts_nonzero is None
    sums = drawn(counts)
    assert sums.pop("zeros") == counts.total - counts.nonzero
    assert sum(sums.values()) == counts.nonzero


def test_the_pages_draw_a_teacher_that_came_with_zeros(
    tmp_path: Path,
    tiny: BertForSequenceClassification,
    tokenizer_of_words: PreTrainedTokenizerBase,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = bring(with_zeros(tiny, 0.5), tokenizer_of_words, tmp_path / "sparse")
    give_task(monkeypatch, task_of(folder, text))
    spec = ran(spec_for(folder)).spec
    true = by_hand(BertForSequenceClassification.from_pretrained(folder))
    for steps in (STEPS, (Prune(0.7, "global"),), ()):
        here = replace(spec, steps=steps)
        test = app("design", here)
        assert metrics(test)["Non-zero"] == f"{counted(here).student.nonzero:,}"
        test.session_state["look"] = "flow"
        test.run()
        bars = charts(test)["flow"]["figure"]["data"]
        assert {bar["name"]: bar["y"][0] for bar in bars if bar["name"] in true} == true
        assert all(n >= 0 for bar in bars for n in bar["y"])
        test.session_state["look"] = "cost"
        test.run()
        assert "The teacher came with zeros" in said(test)
        assert "Sparsity has a base" not in said(test)
