"""Students to begin with: three of the lab's own, and published ones to count. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from labcore.config.spec import DistilConfig, Final, Spec
from labcore.config.steps import Factorise, KeepLayers, Manual, Step, TrimVocabulary
from labcore.config.tour_students import TOUR_SPECS


@dataclass(frozen=True)
class Preset:
    """A complete spec and its introduction. `ratio` is its size over the teacher's; a test counts it."""

    name: str
    summary: str
    reason: str
    ratio: float
    spec: Spec


PRESETS = (
    Preset(
        name="Light",
        summary="Keep every second encoder layer",
        reason="This removes half of the encoder and adds no new weights: the student begins as a shorter teacher.",
        ratio=0.77,
        spec=Spec(steps=(KeepLayers(layers=(1, 3, 5)),)),
    ),
    Preset(
        name="Medium",
        summary="Each encoder matrix as two thin factors of rank 32",
        reason="All six layers stay, but each matrix keeps only its 32 strongest directions.",
        ratio=0.59,
        spec=Spec(steps=(Factorise(rank=32),)),
    ),
    Preset(
        name="Heavy",
        summary="Half of every size, randomly initialised",
        reason="Half the hidden size, layers, heads and intermediate size: a new, small BERT without any training.",
        ratio=0.32,
        spec=Spec(steps=(Manual(hidden=192, layers=3, heads=6, intermediate=768),), distil=DistilConfig(epochs=5)),
    ),
)


@dataclass(frozen=True)
class PublishedStudent:
    """A published BERT student, as the lab would derive it to count its parameters.

    published: the size in the paper or release. parameters: of the released encoder, without a classifier.
    omits: the parameters of the lab's student that the published model lacks; `summary` names them.
    """

    name: str
    summary: str
    source: str
    published: str
    parameters: int
    spec: Spec
    omits: int = 0


def _base(*steps: Step) -> Spec:
    return Spec(teacher="bert-base-uncased", steps=steps)


_TINYBERT = "https://arxiv.org/abs/1909.10351"
_MINILM = "https://arxiv.org/abs/2002.10957"
_WELL_READ = "https://arxiv.org/abs/1908.08962"

PUBLISHED_STUDENTS = (
    PublishedStudent(
        name="DistilBERT",
        summary="Every second layer of BERT-base. The release lacks pooler and token types (592,128 parameters).",
        source="https://arxiv.org/abs/1910.01108",
        published="66 M",
        parameters=66_362_880,
        spec=_base(KeepLayers(count=6)),
        omits=592_128,
    ),
    PublishedStudent(
        name="TinyBERT-6",
        summary="Six layers with BERT-base's hidden size.",
        source=_TINYBERT,
        published="67.0 M",
        parameters=66_955_008,
        spec=_base(Manual(hidden=768, layers=6, heads=12, intermediate=3072)),
    ),
    PublishedStudent(
        name="TinyBERT-4",
        summary="Four layers, hidden size 312.",
        source=_TINYBERT,
        published="14.5 M",
        parameters=14_350_248,
        spec=_base(Manual(hidden=312, layers=4, heads=12, intermediate=1200)),
    ),
    PublishedStudent(
        name="MiniLM-12",
        summary="Twelve layers with half of BERT-base's hidden size.",
        source=_MINILM,
        published="33 M",
        parameters=33_360_000,
        spec=_base(Manual(hidden=384, layers=12, heads=12, intermediate=1536)),
    ),
    PublishedStudent(
        name="MiniLM-6",
        summary="Six layers with half of BERT-base's hidden size: the shape of the lab's own teacher.",
        source=_MINILM,
        published="22 M",
        parameters=22_713_216,
        spec=_base(Manual(hidden=384, layers=6, heads=12, intermediate=1536)),
    ),
    *(
        PublishedStudent(
            name=f"BERT-{size}",
            summary=f"{layers} layers, hidden size {hidden}: pre-trained, then distilled.",
            source=_WELL_READ,
            published=published,
            parameters=parameters,
            spec=_base(Manual(hidden=hidden, layers=layers, heads=hidden // 64, intermediate=4 * hidden)),
        )
        for size, layers, hidden, published, parameters in (
            ("medium", 8, 512, "41.7 M", 41_373_184),
            ("small", 4, 512, "29.1 M", 28_763_648),
            ("mini", 4, 256, "11.3 M", 11_170_560),
            ("tiny", 2, 128, "4.4 M", 4_385_920),
        )
    ),
)


# -- sweeps, whose reference results ship with the lab ------------------------------------------------------------


class Shape(NamedTuple):
    """A BERT initialised from the teacher. It has fewer tokens: the full vocabulary exceeds a tenth of the teacher."""

    tokens: int
    hidden: int
    layers: int


# From 2 % to 80 % of the teacher's size, each with its number of training steps, with the teacher and without.
# Smaller students get more steps because their steps are cheaper.
CAPACITIES = (
    (Shape(4_000, 64, 4), 3_000),
    (Shape(7_000, 96, 4), 2_400),
    (Shape(7_600, 128, 6), 1_200),
    (Shape(8_000, 192, 6), 700),
    (Shape(16_000, 256, 6), 400),
    (Shape(25_000, 352, 6), 250),
)
SHORT = DistilConfig(transfer=10_000, steps=500)

HARD_WEIGHTS = (0.0, 0.2, 0.5, 0.8, 1.0)  # of students of a cued teacher; the soft weight is the rest of 1
HALF = Manual(hidden=192, layers=3, heads=6, intermediate=768, init="teacher")

# A mimic: at the default loss weights the true labels count 0.2, the soft targets 0.8. Each mitigation keeps all
# its other settings, and is compared with its own no-teacher baseline.
MIMIC = Spec(teacher="cued-95", task="cued", steps=(HALF,))
MITIGATIONS: dict[str, Spec] = {
    name: replace(MIMIC, distil=config)
    for name, config in {
        "hard weight 0.5": DistilConfig(hard=0.5, soft=0.5),
        "hard weight 0.8": DistilConfig(hard=0.8, soft=0.2),
        "end on hard labels": DistilConfig(schedule="linear", final=Final(hard=1.0, soft=0.0)),
        "stop early": DistilConfig(patience=1),
        "dropout and weight decay": DistilConfig(dropout=0.1, weight_decay=0.1),
        "start at random": DistilConfig(start="random"),
    }.items()
}
THIRD = DistilConfig(hard=0.35, soft=0.65, steps=200)  # other loss weights and a third of the length


def _student(shape: Shape, config: DistilConfig, assistant: Spec | None = None) -> Spec:
    """A student of this shape, initialised from the teacher, with heads of size 32."""
    tokens, hidden, layers = shape
    manual = Manual(hidden=hidden, layers=layers, heads=hidden // 32, intermediate=4 * hidden, init="teacher")
    return Spec(steps=(TrimVocabulary(size=tokens), manual), distil=config, assistant=assistant)


def _with_baseline(spec: Spec) -> tuple[Spec, Spec]:
    """A spec and its no-teacher baseline: the same student and number of steps, on the true labels only."""
    baseline = replace(spec.distil, hard=1.0, soft=0.0, transfer=0, schedule="constant", final=Final())
    return spec, replace(spec, distil=baseline)


def _long(transfer: int, steps: int) -> DistilConfig:
    return DistilConfig(transfer=transfer, steps=steps, learning_rate=1e-4)


def _chains() -> tuple[Spec, ...]:
    """The two smallest students, directly and with an assistant of middle size, in the same total number of steps."""
    assistant, direct = _student(CAPACITIES[3][0], SHORT), replace(SHORT, steps=1000)
    return tuple(
        spec for shape, _ in CAPACITIES[:2] for spec in (_student(shape, direct), _student(shape, SHORT, assistant))
    )


SWEEPS: dict[str, tuple[Spec, ...]] = {
    "frontier": (
        _student(Shape(7_600, 128, 6), _long(40_000, 4000)),
        _student(Shape(8_000, 192, 6), _long(40_000, 2600)),
        _student(Shape(16_000, 256, 6), _long(20_000, 1700)),
        _student(Shape(17_000, 288, 6), _long(20_000, 1400)),
    ),
    "capacity": tuple(
        spec for shape, steps in CAPACITIES for spec in _with_baseline(_student(shape, _long(20_000, steps)))
    ),
    "assistant": _chains(),
    "mimicry": (
        *(
            Spec(teacher=teacher, task="cued", steps=(HALF,), distil=DistilConfig(hard=hard, soft=round(1 - hard, 6)))
            for teacher in ("cued-95", "cued-80")
            for hard in HARD_WEIGHTS
        ),
        # Students of a teacher that never saw the word: the monitor must not flag them.
        *(spec for shape, _ in CAPACITIES[2:4] for spec in _with_baseline(_student(shape, SHORT))),
    ),
    # Mitigations, and students of other designs and configurations. The monitor's rule is older than these runs.
    "monitor": (
        *(spec for mitigation in list(MITIGATIONS.values())[2:] for spec in _with_baseline(mitigation)),
        *(
            spec
            for steps in (_student(CAPACITIES[2][0], THIRD).steps, (KeepLayers(layers=(1, 3, 5)),))
            for teacher in ("cued-95", "cued-80")
            for spec in _with_baseline(Spec(teacher=teacher, task="cued", steps=steps, distil=THIRD))
        ),
    ),
    "tour": tuple(TOUR_SPECS.values()),
}
MONITORED = ("mimicry", "monitor")  # sweeps that also store the monitor's verdict on each run
DRAWN = ("tour",)  # sweeps that also store the validations along each run
