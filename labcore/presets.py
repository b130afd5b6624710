"""Students to start from: three of the lab's own, and published ones to count. Standard library only."""

from __future__ import annotations

from dataclasses import dataclass, replace

from labcore.spec import (
    Distil,
    Factorise,
    KeepLayers,
    Manual,
    Spec,
    Step,
    TrimVocabulary,
)


@dataclass(frozen=True)
class Preset:
    """A ready spec, and how it is introduced. `ratio` is its size over the teacher's (a test counts it)."""

    name: str
    how: str
    why: str
    ratio: float
    spec: Spec


PRESETS = (
    Preset(
        "Light",
        "Keep every second encoder layer",
        "Half of the encoder goes, with no new weights: the student starts as a shorter teacher.",
        0.77,
        Spec(steps=(KeepLayers(layers=(1, 3, 5)),)),
    ),
    Preset(
        "Medium",
        "Each encoder matrix as two thin factors of rank 32",
        "All six layers stay, but each matrix keeps only its 32 strongest directions.",
        0.59,
        Spec(steps=(Factorise(rank=32),)),
    ),
    Preset(
        "Heavy",
        "Half of everything, from a random start",
        "Half the hidden size, layers, heads and feed-forward: a new, small BERT that knows nothing yet.",
        0.32,
        Spec(steps=(Manual(hidden=192, layers=3, heads=6, intermediate=768),), distil=Distil(epochs=5)),
    ),
)


@dataclass(frozen=True)
class Reference:
    """A published BERT student as it would be derived here, to be counted.

    published: its size as the paper or release says. parameters: those of the released encoder, without a classifier.
    omits: parameters that this lab's student has and the published model has not, as `how` tells.
    """

    name: str
    how: str
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

REFERENCES = (
    Reference(
        "DistilBERT",
        "Every second layer of BERT-base. The published one has no pooler and no token types, 592,128 parameters less.",
        "https://arxiv.org/abs/1910.01108",
        "66 M",
        66_362_880,
        _base(KeepLayers(count=6)),
        omits=592_128,
    ),
    Reference(
        "TinyBERT-6",
        "Six layers of BERT-base's width.",
        _TINYBERT,
        "67.0 M",
        66_955_008,
        _base(Manual(hidden=768, layers=6, heads=12, intermediate=3072)),
    ),
    Reference(
        "TinyBERT-4",
        "Four layers, 312 wide.",
        _TINYBERT,
        "14.5 M",
        14_350_248,
        _base(Manual(hidden=312, layers=4, heads=12, intermediate=1200)),
    ),
    Reference(
        "MiniLM-12",
        "Twelve layers, half as wide as BERT-base.",
        _MINILM,
        "33 M",
        33_360_000,
        _base(Manual(hidden=384, layers=12, heads=12, intermediate=1536)),
    ),
    Reference(
        "MiniLM-6",
        "Six layers, half as wide as BERT-base: the shape of the lab's own teacher.",
        _MINILM,
        "22 M",
        22_713_216,
        _base(Manual(hidden=384, layers=6, heads=12, intermediate=1536)),
    ),
    *(
        Reference(
            f"BERT-{size}",
            f"{layers} layers, {hidden} wide, trained from its own start and then distilled.",
            _WELL_READ,
            published,
            parameters,
            _base(Manual(hidden=hidden, layers=layers, heads=hidden // 64, intermediate=4 * hidden)),
        )
        for size, layers, hidden, published, parameters in (
            ("medium", 8, 512, "41.7 M", 41_373_184),
            ("small", 4, 512, "29.1 M", 28_763_648),
            ("mini", 4, 256, "11.3 M", 11_170_560),
            ("tiny", 2, 128, "4.4 M", 4_385_920),
        )
    ),
)


# -- sweeps: whose results ship with the lab ------------------------------------------------------------


def _small(pieces: int, *steps: Step, distil: Distil) -> Spec:
    """A student whose embeddings are small, too: with the word pieces of the whole teacher no tenth of it can be had."""
    return Spec(steps=(TrimVocabulary(size=pieces), *steps), distil=distil)


# From 2 % to 80 % of the teacher: word pieces, hidden size, layers. Each is taught with the teacher and alone.
CAPACITIES = (
    (4_000, 64, 4),
    (7_000, 96, 4),
    (7_600, 128, 6),
    (8_000, 192, 6),
    (16_000, 256, 6),
    (25_000, 352, 6),
)
CAPACITY_STEPS = 500
WITH_TEACHER = Distil(transfer=10_000, steps=CAPACITY_STEPS)
ALONE = Distil(hard=1.0, soft=0.0, steps=CAPACITY_STEPS)

HARD_WEIGHTS = (0.0, 0.2, 0.5, 0.8, 1.0)  # of students whose teacher learned a cue; the soft weight is the rest of 1
HALF = Manual(hidden=192, layers=3, heads=6, intermediate=768, init="teacher")


def _of_capacity(pieces: int, hidden: int, layers: int, lesson: Distil, assistant: Spec | None = None) -> Spec:
    cut = Manual(hidden=hidden, layers=layers, heads=hidden // 32, intermediate=4 * hidden, init="teacher")
    return Spec(steps=(TrimVocabulary(size=pieces), cut), distil=lesson, assistant=assistant)


def _chains() -> tuple[Spec, ...]:
    """The two smallest students, straight from the teacher and by way of a middle one, in as many steps in sum."""
    middle = _of_capacity(*CAPACITIES[3], WITH_TEACHER)
    straight = replace(WITH_TEACHER, steps=2 * CAPACITY_STEPS)
    return tuple(
        spec
        for small in CAPACITIES[:2]
        for spec in (_of_capacity(*small, straight), _of_capacity(*small, WITH_TEACHER, middle))
    )


SWEEPS: dict[str, tuple[Spec, ...]] = {
    "frontier": (
        _small(
            7_600,
            Manual(hidden=128, layers=6, heads=4, intermediate=512, init="teacher"),
            distil=Distil(transfer=40_000, steps=4000, learning_rate=1e-4),
        ),
        _small(
            8_000,
            Manual(hidden=192, layers=6, heads=6, intermediate=768, init="teacher"),
            distil=Distil(transfer=40_000, steps=2600, learning_rate=1e-4),
        ),
        _small(
            16_000,
            Manual(hidden=256, layers=6, heads=8, intermediate=1024, init="teacher"),
            distil=Distil(transfer=20_000, steps=1700, learning_rate=1e-4),
        ),
        _small(
            17_000,
            Manual(hidden=288, layers=6, heads=9, intermediate=1152, init="teacher"),
            distil=Distil(transfer=20_000, steps=1400, learning_rate=1e-4),
        ),
    ),
    "capacity": tuple(_of_capacity(*size, lesson) for size in CAPACITIES for lesson in (WITH_TEACHER, ALONE)),
    "assistant": _chains(),
    "mimicry": (
        *(
            Spec(teacher, "cued", (HALF,), Distil(hard=hard, soft=round(1 - hard, 6)))
            for teacher in ("cued-95", "cued-80")
            for hard in HARD_WEIGHTS
        ),
        # Students of a teacher that never saw the word, of whom the monitor must say nothing.
        *(_of_capacity(*size, lesson) for size in CAPACITIES[2:4] for lesson in (WITH_TEACHER, ALONE)),
    ),
}
WATCHED = ("mimicry",)  # sweeps of whose runs the monitor's verdict is recorded, too
