"""What the lessons' pages say of their recordings: each number worked out another way."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labcore.config.loss_terms import HARD
from labcore.config.presets import CAPACITIES, HARD_WEIGHTS, MIMIC, MITIGATIONS, MONITORED, SWEEPS
from labcore.config.spec import DistilConfig, Spec
from labcore.evaluate.baselines import baseline, is_baseline, without_teacher
from labcore.evaluate.seed_groups import with_seed
from labcore.results.evaluation import Seeds
from labcore.runs.cache import counted
from labcore.views.capacity.assistant_table import (
    assistant_comparisons,
    assistant_in_words,
    assistant_table,
    total_steps,
)
from labcore.views.capacity.capacity_chart import (
    Capacity,
    added_in_words,
    capacities,
    capacity_gap,
    capacity_table,
    gap_variance,
    smallest,
    smallest_in_words,
    what_it_adds,
    within,
)
from labcore.views.mimicry.mimicry_chart import (
    WAYS,
    by_hard_weight,
    hard_weight_groups,
    hard_weight_table,
    mean_conditions,
    mimicry_in_words,
    unnoticed_in_words,
)
from labcore.views.mimicry.mitigation_table import mitigations, mitigations_in_words, mitigations_table
from labcore.views.mimicry.monitor_table import MIMIC, SOUND, score, score_in_words, score_table, truth
from labcore.views.reference_tables import tables
from tests.shared.reference import OVERLAP, VERDICTS, cued_reference, monitor_reference, read, reference_of, run_with

# -- the sweeps --------------------------------------------------------------------------------------------


def test_sizes_go_from_two_to_eighty_per_cent_each_with_and_without_its_teacher() -> None:
    specs = SWEEPS["capacity"]
    ratios = [counted(spec).ratio for spec in specs if not is_baseline(spec)]
    assert ratios == sorted(ratios)
    assert ratios[0] == pytest.approx(0.02, abs=0.005)
    assert ratios[-1] == pytest.approx(0.80, abs=0.01)
    for taught, alone in zip(specs[::2], specs[1::2], strict=True):
        assert alone == baseline(taught, "no teacher")
        assert taught.distil.steps == alone.distil.steps


def test_a_chain_takes_as_many_steps_as_the_straight_way() -> None:
    straight, chained = SWEEPS["assistant"][::2], SWEEPS["assistant"][1::2]
    for one, other in zip(straight, chained, strict=True):
        assert one.steps == other.steps
        assert one.assistant is None
        assert total_steps(one) == total_steps(other) == 1000
        assert other.assistant.steps in {spec.steps for spec in SWEEPS["capacity"]}


def test_the_monitor_is_asked_about_students_of_both_kinds() -> None:
    assert "mimicry" in MONITORED
    cued = [spec for spec in SWEEPS["mimicry"] if spec.task == "cued"]
    clean = [spec for spec in SWEEPS["mimicry"] if spec.task != "cued"]
    assert {spec.distil.hard for spec in cued} == set(HARD_WEIGHTS) >= {0.0, 1.0}
    assert {is_baseline(spec) for spec in clean} == {True, False}
    for spec in cued:
        assert baseline(spec, "no teacher") in cued or is_baseline(spec)


def test_the_monitor_is_also_asked_about_runs_that_its_rule_had_not_seen() -> None:
    taught, alone = SWEEPS["monitor"][::2], SWEEPS["monitor"][1::2]
    assert [without_teacher(spec) for spec in taught] == list(alone)
    assert not set(taught) & set(SWEEPS["mimicry"])
    assert {spec.teacher for spec in taught} == {"cued-95", "cued-80"}
    recorded_somewhere = {*SWEEPS["mimicry"], *SWEEPS["monitor"]}
    assert {MIMIC, *MITIGATIONS.values()} <= recorded_somewhere


def test_who_has_a_teacher_is_told_by_the_loss_and_not_by_the_start() -> None:
    at_random = Spec(distil=DistilConfig(start="random"))
    alone = without_teacher(at_random)
    assert alone is not None
    assert (alone.distil.start, alone.distil.terms) == ("random", (HARD,))
    assert without_teacher(alone) is None


# -- capacity ----------------------------------------------------------------------------------------------


def size(
    ratio: float, taught: tuple[float, ...], alone: tuple[float, ...] = (), gap_variance: float = 1e-4
) -> Capacity:
    return Capacity(f"{ratio}", int(1e7 * ratio), ratio, 500, 0.84, taught, alone or taught, gap_variance)


def test_the_chance_of_sentences_is_the_variance_of_a_mean_of_paired_differences() -> None:
    differences = [0] * 950 + [1] * 100 + [-1] * 50
    mean = fmean(differences)
    by_hand = fmean((d - mean) ** 2 for d in differences) / len(differences)
    assert gap_variance(OVERLAP) == pytest.approx(by_hand)


def test_how_sure_a_size_is_within_the_distance_as_many_draws_find_it() -> None:
    sizes = [size(0.1, (0.79, 0.81, 0.80)), size(0.2, (0.81, 0.82, 0.83)), size(0.4, (0.83, 0.83, 0.83))]
    chances = within(sizes, 0.03)
    found = smallest(chances)
    pooled = (1e-4 + 1e-4 + 0) / 3
    draw = random.Random(0)
    counts, n = [0, 0, 0], 40_000
    for _ in range(n):
        for i, each in enumerate(sizes):
            gap = draw.gauss(0.84 - fmean(each.taught), math.sqrt(pooled / 3 + 1e-4))
            if gap <= 0.03:
                counts[i] += 1
                break
    for analytic, count in zip(found, counts, strict=True):
        assert analytic == pytest.approx(count / n, abs=0.01)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_one_size_at_most_is_the_smallest(chances: list[float]) -> None:
    found = smallest(chances)
    assert all(0 <= chance <= 1 for chance in found)
    none = math.prod(1 - chance for chance in chances)
    assert sum(found) + none == pytest.approx(1)


def test_the_smallest_in_words() -> None:
    sure = [size(0.1, (0.7, 0.7, 0.7)), size(0.4, (0.835, 0.835, 0.835)), size(0.8, (0.84, 0.84, 0.84))]
    said = smallest_in_words(sure, 0.03)
    assert "**40 % of its size** (4.00 M parameters; 99 % sure)" in said
    assert "may also" not in said
    assert "saves only 20 % of the teacher's size, at +0.5 points against that one" in said
    assert "**none is within 1 point**" in smallest_in_words(sure[:1], 0.01)
    unsure = [size(0.1, (0.81, 0.81, 0.81)), *sure[1:]]
    assert "; 50 % sure). It may also be that of 40 % (50 %)." in smallest_in_words(unsure, 0.03)


def test_capacities_are_read_out_of_their_recording() -> None:
    specs = [spec for spec in SWEEPS["capacity"] if spec.steps in {s.steps for s in SWEEPS["capacity"][:4]}]
    runs = [
        run_with(with_seed(spec, seed), 0.70 + i / 100 + seed / 1000)
        for i, spec in enumerate(specs)
        for seed in (0, 1, 2)
    ]
    made = reference_of("capacity", runs)
    sizes = capacities(made)
    assert [each.taught for each in sizes] == [
        pytest.approx((0.70, 0.701, 0.702)),
        pytest.approx((0.72, 0.721, 0.722)),
    ]
    assert sizes[1].added == pytest.approx((-0.01, -0.01, -0.01))
    assert sizes[0].parameters == counted(specs[0]).student.total
    assert sizes[0].gap_variance == gap_variance(OVERLAP)
    table = capacity_table(sizes, 0.03)
    assert table["size"].tolist() == ["2.2 %", "5.2 %"]
    assert table["the teacher adds"].tolist() == ["-1.0 ± 0.0", "-1.0 ± 0.0"]
    assert table["with the teacher"][0] == "70.1 % ± 0.2"  # t(2) · 0.001 / √3 = 0.0025
    assert [list(each.columns) for each in tables(made)] == [
        [name for name in table.columns if not name.startswith("within")]
    ]
    drawn = {trace.name: trace for trace in capacity_gap(sizes, 0.03).data if trace.name}
    assert list(drawn["with the teacher"].y) == pytest.approx([0.701, 0.721])
    assert list(what_it_adds(sizes).data[0].y) == pytest.approx([-1.0, -1.0])


@pytest.mark.parametrize(
    ("alone", "said"),
    [
        ((0.79, 0.80, 0.81), "**it can't be told from nothing** at any size"),
        ((0.78, 0.79, 0.80), "**at 1 of 2 sizes** (10 %)"),  # 1 point more with each seed
    ],
)
def test_what_the_teacher_adds_is_told_from_nothing_or_not(alone: tuple[float, ...], said: str) -> None:
    taught = (0.79, 0.80, 0.81)
    assert said in added_in_words([size(0.1, taught, alone), size(0.4, taught, taught)])


def test_a_detour_is_paired_with_the_straight_way() -> None:
    runs = [
        run_with(with_seed(spec, seed), 0.75 + (0.02 if spec.assistant else 0.0) + seed / 1000)
        for spec in SWEEPS["assistant"]
        for seed in (0, 1, 2)
    ]
    pairs = assistant_comparisons(reference_of("assistant", runs))
    assert [pair.straight.spec.steps for pair in pairs] == [spec.steps for spec in SWEEPS["assistant"][::2]]
    assert all(pair.gained.mean == pytest.approx(0.02) for pair in pairs)
    assert assistant_table(pairs)["difference"].tolist() == ["+2.0 ± 0.0"] * 2
    assert assistant_table(pairs)["steps"].tolist() == ["1,000 / 1,000"] * 2
    assert "At 2 % of the teacher's size the assistant **helps** (+2.0 ± 0.0 points)." in assistant_in_words(pairs)
    same = [replace(each, result=replace(each.result, accuracy=0.7)) for each in runs]  # type: ignore[type-var]
    assert "can't be told apart" in assistant_in_words(assistant_comparisons(reference_of("assistant", same)))


# -- mimicry -----------------------------------------------------------------------------------------------


def test_doses_are_read_out_of_their_recording() -> None:
    made = cued_reference(VERDICTS)
    students = hard_weight_groups(made, "cued-95")
    assert [dose.hard for dose in students] == list(HARD_WEIGHTS)
    assert students[0].accuracy["contradicts"] == pytest.approx((0.10, 0.11, 0.12))
    assert students[0].mean("contradicts") == pytest.approx(0.11)
    assert hard_weight_groups(made, "cued-80") == []
    [first, *_] = mean_conditions(students[0])
    assert first.accuracy["contradicts"] == pytest.approx(0.01)
    table = hard_weight_table(students)
    assert table["contradicts"][0] == "11.0 % ± 2.5"  # t(2) · 0.01 / √3
    drawn = {trace.name: trace for trace in by_hard_weight(students, 0.5).data if trace.name}
    assert list(drawn["contradicts"].y) == pytest.approx([0.1 + 0.7 * hard + 0.01 for hard in HARD_WEIGHTS])
    assert set(WAYS) <= set(drawn)
    said = mimicry_in_words(students)
    assert "and is right on **11 %**; without the word it gets 60 % of them right" in said
    assert "At hard weight 1 it gets 81 % and 80 % right" in said
    assert said.endswith("highest at hard weight 1.")
    assert "keeps **67 %** of its teacher's accuracy and agrees with it on **90 %**" in unnoticed_in_words(students)
    assert "its teacher is right on 90 % of them" in unnoticed_in_words(students)


def test_the_monitor_is_scored_by_the_truth() -> None:
    """Up to hard weight 0.8 the word costs more than 5 points, at 1 less: of three seeds each, 12 mimics and 3 sound."""
    made = cued_reference(VERDICTS)
    truths = {run.spec.distil.hard: truth(run) for run in made.runs}
    assert truths == {0.0: MIMIC, 0.2: MIMIC, 0.5: MIMIC, 0.8: MIMIC, 1.0: SOUND}
    found = score(made)
    assert (found.of(MIMIC), found.of(SOUND)) == (12, 3)
    assert (found.missed, found.false_alarms) == (3, 3)
    assert (found.undecided(MIMIC), found.undecided(SOUND)) == (3, 0)
    assert found.error[:2] == (6, 12)
    assert found.error[2:] == pytest.approx((0.2109, 0.7891), abs=1e-4)  # the table of exact intervals, 6 of 12
    assert score_table(found)["mimics"].tolist() == [6, 3]
    assert score_in_words(found) == (
        "It named 6 of 12 mimics, called 3 something else, and could not tell of 3; it cleared 0 of 3 sound students, accused 3, "
        "and could not tell of none. Of its 12 verdicts 6 were wrong (95 % interval of the error rate: 21 % to 79 %)."
    )


def test_a_rule_is_not_scored_by_the_runs_that_it_was_set_by() -> None:
    """Of a recording of unseen runs, one of the other sweep is left out; and of those without error the rate is bounded."""
    known = cued_reference(dict.fromkeys(HARD_WEIGHTS, "mimics"))
    new = [run_with(with_seed(spec, 0), 0.6, read(0.8, 0.9, 0.2)) for spec in SWEEPS["monitor"][::2]]
    said = {**known.suspicions, **{each.id: known.suspicions[known.runs[0].id] for each in new}}
    found = score(reference_of("monitor", [*known.runs, *new], suspicions=said))
    assert found.counts == {(MIMIC, "mimics"): len(new)}
    wrong, decided, low, high = found.error
    assert (wrong, decided, low) == (0, len(new), 0)
    assert high == pytest.approx(1 - 0.025 ** (1 / len(new)))


# -- what helps ----------------------------------------------------------------------------------------------


def test_what_helps_is_told_seed_by_seed_from_the_mimic_as_it_was() -> None:
    mimicry = cued_reference(VERDICTS)  # at hard weight 0.2: 0.24 + seed / 100 where the word contradicts
    tried = mitigations([mimicry, monitor_reference()])
    assert [remedy.name for remedy in tried] == ["as it is: hard weight 0.2", *MITIGATIONS]
    assert [remedy.spec for remedy in tried] == [MIMIC, *MITIGATIONS.values()]
    gains = [remedy.gained.mean for remedy in tried if remedy.gained]
    assert gains == pytest.approx([0.21, 0.42, 0.1, 0.2, 0.3, 0.01])  # 0.7 · (0.5 − 0.2), 0.7 · (0.8 − 0.2), …
    assert [remedy.surely for remedy in tried] == [None, *["helps"] * 5, None]
    table = mitigations_table(tried)
    assert table["gained, contradicts"].tolist()[:2] == ["–", "+21.0 ± 0.0"]
    assert table["contradicts"][0] == "25.0 % ± 2.5"
    said = mitigations_in_words(tried)
    assert said.startswith("These surely help: *hard weight 0.5* (+21.0 ± 0.0), ")
    assert said.endswith("Of these it can't be told: *start at random* (+1.0 ± 16.3).")
    assert len(mitigations([mimicry])) == 3  # what is not recorded is left out
    assert mitigations([monitor_reference()]) == []  # without the mimic there is nothing to compare with
    fewer = reference_of("monitor", [each for each in monitor_reference().runs if each.spec.distil.seed < 2])
    assert [remedy.gained.n for remedy in mitigations([mimicry, fewer]) if remedy.gained] == [3, 3, 2, 2, 2, 2]
    worse = [replace(tried[1], gained=Seeds(3, -0.2, 0.01)), *tried[3:]]
    assert "These do harm: *hard weight 0.5* (-20.0 ± 1.0)." in mitigations_in_words(worse)
    same = [replace(tried[1], gained=Seeds(3, 0.0, 0.0))]
    assert mitigations_in_words(same).endswith("for the best checkpoint is kept anyway: *hard weight 0.5*.")


def test_a_monitor_that_never_decides_has_no_error_rate_to_speak_of() -> None:
    made = cued_reference(dict.fromkeys(HARD_WEIGHTS, "cannot tell"))
    assert score(made).error == (0, 0, 0.0, 1.0)
    assert "could not tell of 12" in score_in_words(score(made))


def test_a_student_of_a_teacher_that_never_saw_the_word_is_sound() -> None:
    assert truth(run_with(Spec(), 0.5)) == SOUND


def test_every_size_is_told_apart_from_the_next() -> None:
    assert len(set(CAPACITIES)) == len(CAPACITIES)
