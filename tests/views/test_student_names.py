"""Short names of students: what they hold, how long they are, and that no two designs in a list share one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labcore.config.presets import CAPACITIES, PRESETS, SWEEPS
from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import (
    Factorise,
    FactoriseEmbeddings,
    KeepLayers,
    Manual,
    Prune,
    PruneHeads,
    PruneNeurons,
    Step,
    TrimVocabulary,
)
from labcore.evaluate.baselines import baseline
from labcore.evaluate.seed_groups import with_seed
from labcore.views.run_names import names_of_designs, run_name, run_names
from labcore.views.student_names import MOST, MOST_APART, distinct_names, student_name
from tests.shared.runs import finished_run

THREE_LAYERS = Spec(steps=(KeepLayers(layers=(1, 3, 5)),))
TINY = SWEEPS["frontier"][0]

steps: st.SearchStrategy[Step] = st.one_of(
    st.builds(KeepLayers, count=st.integers(1, 6), pick=st.sampled_from(["even", "first", "last"])),
    st.builds(KeepLayers, layers=st.sets(st.integers(0, 5), min_size=1).map(lambda kept: tuple(sorted(kept)))),
    st.builds(Factorise, rank=st.integers(1, 384), method=st.sampled_from(["svd", "activation"])),
    st.builds(Factorise, energy=st.floats(0.01, 1.0)),
    st.builds(FactoriseEmbeddings, rank=st.integers(1, 384)),
    st.builds(PruneHeads, heads=st.integers(1, 12), by=st.sampled_from(["magnitude", "taylor"])),
    st.builds(PruneNeurons, intermediate=st.integers(1, 1536)),
    st.builds(Prune, sparsity=st.floats(0.0, 0.99), embeddings=st.booleans()),
    st.builds(TrimVocabulary, size=st.integers(1000, 30_000)),
    st.builds(
        Manual,
        hidden=st.none() | st.integers(1, 64).map(lambda n: 12 * n),
        layers=st.none() | st.integers(1, 12),
        heads=st.none() | st.sampled_from([1, 2, 3, 6, 12]),
        intermediate=st.none() | st.integers(1, 3072),
        init=st.sampled_from(["random", "teacher"]),
    ),
)
configs = st.builds(
    DistilConfig,
    hard=st.sampled_from([0.1, 0.5, 1.0]),
    soft=st.sampled_from([0.0, 0.5, 0.8]),
    hidden=st.sampled_from([0.0, 1.0]),
    temperature=st.sampled_from([1.0, 2.0, 4.0]),
    layer_map=st.sampled_from(["even", "first"]),
    epochs=st.integers(1, 5),
    steps=st.none() | st.integers(1, 5000),
    seed=st.integers(0, 3),
    start=st.sampled_from(["derived", "random"]),
    patience=st.none() | st.integers(1, 3),
)
designs = st.builds(
    Spec,
    teacher=st.sampled_from(["reviews", "cued-95", "/x/a/bert", "/x/b/bert"]),
    steps=st.lists(steps, max_size=5).map(tuple),
    distil=configs,
)
specs = designs | st.builds(
    lambda spec, assistant: replace(spec, assistant=assistant.of_teacher(spec.teacher)), designs, designs
)


@pytest.mark.parametrize(
    ("spec", "name"),
    [
        (Spec(), "copy of the teacher"),
        (Spec(distil=DistilConfig(start="random")), "the teacher's shapes, from random"),
        (Spec(steps=(KeepLayers(count=3), Factorise(64))), "3 layers, rank 64"),
        (THREE_LAYERS, "3 layers"),
        (Spec(steps=(KeepLayers(count=1),)), "1 layer"),
        (Spec(steps=(Factorise(64, method="activation"), Prune(0.5, "global"))), "rank 64, 50 % sparse"),
        (Spec(steps=(Manual(),)), "half of every size, from random"),
        (Spec(steps=(Manual(layers=2, init="teacher"),)), "half as wide, 2 layers"),
        (TINY, "tiny: 128 wide, 7,600 tokens, 4,000 steps"),
        (replace(TINY, distil=DistilConfig()), "tiny: 128 wide, 7,600 tokens"),
        (baseline(replace(TINY, distil=DistilConfig()), "no teacher"), "tiny: 128 wide, 7,600 tokens, no teacher"),
        (replace(THREE_LAYERS, distil=DistilConfig(epochs=5)), "3 layers, 5 epochs"),
        (replace(THREE_LAYERS, distil=DistilConfig(seconds=180, seed=4)), "3 layers, 180 s"),
        (replace(THREE_LAYERS, assistant=Spec()), "3 layers, with an assistant"),
        (PRESETS[2].spec, "small: 192 wide, 3 layers, from random"),  # its 5 epochs do not fit
    ],
)
def test_a_name_is_what_is_special(spec: Spec, name: str) -> None:
    assert student_name(spec) == name


def test_a_new_model_says_how_many_layers_it_has_unless_its_teacher_has_as_many() -> None:
    of_six = Spec(steps=(Manual(hidden=352, layers=6, init="teacher"),))
    assert student_name(of_six) == "352 wide"
    assert student_name(of_six.of_teacher("bert-base-uncased")) == "352 wide, 6 layers"
    assert student_name(of_six.of_teacher("/a/folder")) == "352 wide, 6 layers"  # its layers are unknown


@given(specs)
def test_a_name_is_short_whatever_the_seed(spec: Spec) -> None:
    name = student_name(spec)
    assert 0 < len(name) <= MOST
    assert name == student_name(with_seed(spec, 5))


@settings(deadline=None)
@given(st.lists(specs, max_size=8))
def test_designs_in_one_list_have_different_names(listed: list[Spec]) -> None:
    names = distinct_names(listed)
    assert set(names) == {with_seed(spec, 0) for spec in listed}
    assert len(set(names.values())) == len(names)
    assert all(len(name) <= MOST_APART + 4 for name in names.values())  # with a number


@settings(deadline=None)
@given(st.lists(st.tuples(specs, st.none() | st.sampled_from(["mine", "3 layers"])), max_size=8))
def test_runs_of_different_designs_have_different_names_whatever_they_were_named(
    listed: list[tuple[Spec, str | None]],
) -> None:
    runs = [replace(finished_run(f"{i}", spec, 0.8), name=name) for i, (spec, name) in enumerate(listed)]
    names = run_names(runs)
    by_name: dict[str, set[Spec]] = {}
    for run in runs:
        by_name.setdefault(names[run.id], set()).add(with_seed(run.spec, 0))
    assert all(len(designs) == 1 for designs in by_name.values())


def test_a_list_adds_what_tells_two_designs_apart() -> None:
    sparse = Spec(steps=(Prune(0.5), KeepLayers(count=3)))
    listed = {
        THREE_LAYERS: "3 layers, layers 2, 4, 6",
        Spec(steps=(KeepLayers(count=3, pick="last"),)): "3 layers, the last",
        replace(THREE_LAYERS, distil=DistilConfig(hard=0.5, soft=0.5)): "3 layers, hard 0.5 · soft 0.5",
        sparse: "50 % sparse, 3 layers",
        Spec(steps=(Prune(0.5, embeddings=True), KeepLayers(count=3))): "50 % sparse, 3 layers, embeddings too",
    }
    assert distinct_names(list(listed)[3:]) == dict(list(listed.items())[3:])
    assert distinct_names(list(listed)[:2]) == dict(list(listed.items())[:2])
    chains = [spec for spec in SWEEPS["assistant"] if spec.steps[0] == TrimVocabulary(size=CAPACITIES[0][0].tokens)]
    assert sorted(distinct_names(chains).values()) == [
        "tiny: 64 wide, 4 layers, 4,000 tokens, 1,000 steps",
        "tiny: 64 wide, 4 layers, 4,000 tokens, 500 steps",
    ]


def test_the_name_that_somebody_gave_goes_first() -> None:
    one, other = finished_run("1", THREE_LAYERS, 0.8), finished_run("2", Spec(), 0.8)
    mine = replace(one, name="mine")
    assert (run_name(one), run_name(mine)) == ("3 layers", "mine")
    assert run_names([mine, other]) == {"1": "mine", "2": "copy of the teacher"}
    both = run_names([mine, replace(other, name="mine")])
    assert both == {"1": "mine (3 layers)", "2": "mine (copy of the teacher)"}


def test_a_point_has_the_name_that_one_of_its_own_seeds_was_given() -> None:
    runs = [finished_run(f"{seed}", with_seed(THREE_LAYERS, seed), 0.8) for seed in range(3)]
    runs[1] = replace(runs[1], name="mine")
    shipped = finished_run("9", THREE_LAYERS, 0.7)
    assert names_of_designs([*runs, shipped], {"9"}) == {**dict.fromkeys("012", "mine"), "9": "3 layers"}
    assert run_names(runs) == {"0": "3 layers", "1": "mine", "2": "3 layers"}
