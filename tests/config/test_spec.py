"""The spec: JSON in and out, defaults, and a clear word for all that it can't be."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcore.config.presets import PRESETS
from labcore.config.spec import DistilConfig, Spec, SpecError
from labcore.config.steps import (
    Factorise,
    FactoriseEmbeddings,
    KeepLayers,
    Manual,
    Prune,
    PruneHeads,
    PruneNeurons,
    TrimVocabulary,
)

positive = st.integers(1, 2000)
steps = st.one_of(
    st.builds(KeepLayers, layers=st.sets(st.integers(0, 23), min_size=1).map(lambda chosen: tuple(sorted(chosen)))),
    st.builds(KeepLayers, count=st.integers(1, 256), pick=st.sampled_from(["even", "first", "last"])),
    st.builds(Factorise, rank=positive),
    st.builds(
        Prune, sparsity=st.floats(0, 0.999), scope=st.sampled_from(["matrix", "global"]), embeddings=st.booleans()
    ),
    st.builds(Manual, layers=st.none() | st.integers(1, 256), intermediate=st.none() | positive),
    st.builds(PruneHeads, heads=positive, by=st.sampled_from(["magnitude", "taylor"])),
    st.builds(PruneNeurons, intermediate=positive, by=st.sampled_from(["magnitude", "taylor"])),
    st.builds(Factorise, energy=st.floats(0.01, 1), method=st.sampled_from(["svd", "activation"])),
    st.builds(FactoriseEmbeddings, rank=positive),
    st.builds(TrimVocabulary, size=positive),
    st.just(TrimVocabulary(task=True)),
    st.just(Prune(0.5, pattern="2:4")),
)
distils = st.builds(
    DistilConfig,
    hard=st.floats(0.01, 10),
    soft=st.floats(0, 10),
    hidden=st.floats(0, 10),
    temperature=st.floats(0.1, 50),
    epochs=st.integers(1, 1000),
    batch_size=positive,
    learning_rate=st.none() | st.floats(1e-7, 1),
    seed=st.integers(0, 2**31),
)


@given(st.builds(Spec, steps=st.lists(steps, max_size=5).map(tuple), distil=distils))
def test_a_spec_survives_json(spec: Spec) -> None:
    assert Spec.from_json(spec.to_json()) == spec
    assert Spec.from_json(spec.to_json(indent=2)) == spec


def test_a_missing_field_takes_its_default() -> None:
    assert Spec.from_json("{}") == Spec()
    assert Spec.from_json('{"distil": {"hard": 1}}').distil == DistilConfig(hard=1)


def test_the_designs_example_is_read() -> None:
    spec = Spec.from_json("""
        {"teacher": "reviews", "task": "reviews",
         "steps": [{"kind": "keep_layers", "layers": [1, 3, 5]}, {"kind": "factorise", "rank": 64}],
         "distil": {"hard": 0.2, "soft": 0.8, "hidden": 0.0, "temperature": 2.0, "layer_map": "even",
                    "epochs": 3, "batch_size": 32, "learning_rate": null, "seed": 0}}""")
    assert spec == Spec(steps=(KeepLayers(layers=(1, 3, 5)), Factorise(64)))
    assert set(json.loads(spec.to_json())) == {"teacher", "task", "steps", "distil"}


BAD = {
    "not json": "{",
    "nothing": "",
    "a list": "[]",
    "nan": '{"distil": {"hard": NaN}}',
    "too deep": "[" * 100_000,
    "unknown field": '{"techer": "reviews"}',
    "unknown step field": '{"steps": [{"kind": "prune", "sparsity": 0.5, "scop": "global"}]}',
    "unknown kind": '{"steps": [{"kind": "shrink"}]}',
    "kind is a list": '{"steps": [{"kind": []}]}',
    "no kind": '{"steps": [{"rank": 3}]}',
    "steps is an object": '{"steps": {"kind": "prune"}}',
    "step is a text": '{"steps": ["prune"]}',
    "sparsity 1": '{"steps": [{"kind": "prune", "sparsity": 1}]}',
    "sparsity below 0": '{"steps": [{"kind": "prune", "sparsity": -0.1}]}',
    "sparsity true": '{"steps": [{"kind": "prune", "sparsity": true}]}',
    "sparsity a text": '{"steps": [{"kind": "prune", "sparsity": "0.5"}]}',
    "sparsity missing": '{"steps": [{"kind": "prune"}]}',
    "scope unknown": '{"steps": [{"kind": "prune", "sparsity": 0.5, "scope": "layer"}]}',
    "embeddings a number": '{"steps": [{"kind": "prune", "sparsity": 0.5, "embeddings": 1}]}',
    "rank 0": '{"steps": [{"kind": "factorise", "rank": 0}]}',
    "rank a fraction": '{"steps": [{"kind": "factorise", "rank": 1.5}]}',
    "rank missing": '{"steps": [{"kind": "factorise"}]}',
    "no layers": '{"steps": [{"kind": "keep_layers", "layers": []}]}',
    "layers a number": '{"steps": [{"kind": "keep_layers", "layers": 3}]}',
    "layers twice": '{"steps": [{"kind": "keep_layers", "layers": [1, 1]}]}',
    "layers below 0": '{"steps": [{"kind": "keep_layers", "layers": [-1]}]}',
    "layers and count": '{"steps": [{"kind": "keep_layers", "layers": [1], "count": 1}]}',
    "neither layers nor count": '{"steps": [{"kind": "keep_layers"}]}',
    "pick unknown": '{"steps": [{"kind": "keep_layers", "count": 2, "pick": "odd"}]}',
    "hidden by heads": '{"steps": [{"kind": "manual", "hidden": 100, "heads": 3}]}',
    "hidden 0": '{"steps": [{"kind": "manual", "hidden": 0}]}',
    "init unknown": '{"steps": [{"kind": "manual", "init": "zeros"}]}',
    "no loss": '{"distil": {"hard": 0, "soft": 0, "hidden": 0}}',
    "temperature 0": '{"distil": {"temperature": 0}}',
    "weight below 0": '{"distil": {"soft": -1}}',
    "layer map unknown": '{"distil": {"layer_map": "odd"}}',
    "no epochs": '{"distil": {"epochs": 0}}',
    "learning rate 0": '{"distil": {"learning_rate": 0}}',
    "seed below 0": '{"distil": {"seed": -1}}',
    "distil is null": '{"distil": null}',
    "teacher a number": '{"teacher": 3}',
    "teacher empty": '{"teacher": " "}',
    "too many steps": json.dumps({"steps": [{"kind": "prune", "sparsity": 0.1}] * 13}),
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_what_can_not_be_is_refused_in_words(text: str) -> None:
    with pytest.raises(SpecError, match=r"give|raise one|its fields are"):
        Spec.from_json(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["steps", "kind", "distil", "rank", "layers", "teacher"]) | st.text(), inner
            )
        ),
    )
)
def test_any_json_is_a_spec_or_a_spec_error(data: object) -> None:
    try:
        assert isinstance(Spec.from_dict(data), Spec)
    except SpecError as error:
        message = str(error)
    else:
        return
    assert message
    assert "\n" not in message


def test_the_error_for_indivisible_heads_names_what_fits() -> None:
    with pytest.raises(SpecError, match="96 or 108"):
        Manual(hidden=100, heads=12)


def test_presets_are_three_degrees_of_compression() -> None:
    ratios = [preset.ratio for preset in PRESETS]
    assert ratios == sorted(ratios, reverse=True)
    assert len(set(ratios)) == 3


@pytest.mark.parametrize(
    "text",
    [
        '{"steps": [{"kind": "factorise", "rank": %s}]}' % ("9" * 5000),
        '{"steps": [{"kind": "factorise", "rank": %s}]}' % ("9" * 400),
        '{"steps": [{"kind": "prune", "sparsity": %s}]}' % ("1" * 401),
        '{"distil": {"seed": 100000000000000000000}}',
        '{"steps": [{"kind": "manual", "layers": 1000000000}]}',
        '{"steps": [{"kind": "manual", "hidden": 100000000000, "heads": 1}]}',
        '{"steps": [{"kind": "keep_layers", "count": 100000}]}',
        '{"distil": {"epochs": 1000000}}',
    ],
    ids=lambda text: text[:40],
)
def test_a_number_that_would_make_a_server_stand_still_is_refused(text: str) -> None:
    with pytest.raises(SpecError) as caught:
        Spec.from_json(text)
    assert len(str(caught.value)) < 400
