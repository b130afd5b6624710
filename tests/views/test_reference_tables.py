"""Reference results in tables, pictures and words: what they show is what was computed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labcore.config.presets import HARD_WEIGHTS, SWEEPS
from labcore.evaluate.assistant_gain import assistant_comparisons
from labcore.evaluate.capacity_gap import size_results
from labcore.evaluate.hard_weight_groups import CONDITIONS, hard_weight_groups
from labcore.evaluate.mitigation_gain import mitigations
from labcore.evaluate.monitor_errors import monitor_errors_in
from labcore.evaluate.seed_groups import with_seed
from labcore.results.evaluation import SeedMean
from labcore.views.capacity.assistant_table import assistant_in_words, assistant_table
from labcore.views.capacity.capacity_chart import capacity_gap, teacher_gain
from labcore.views.capacity.capacity_words import capacity_table, gain_in_words, smallest_in_words
from labcore.views.mimicry.mimicry_chart import by_hard_weight
from labcore.views.mimicry.mimicry_words import hard_weight_table, mimicry_in_words, unnoticed_in_words
from labcore.views.mimicry.mitigation_table import mitigations_in_words, mitigations_table
from labcore.views.mimicry.monitor_table import score_in_words, score_table
from labcore.views.reference_tables import tables
from tests.shared.reference import VERDICTS, cued_reference, monitor_reference, reference_of, run_with, size

# -- capacity ----------------------------------------------------------------------------------------------


def test_the_smallest_in_words() -> None:
    far = [size(0.1, (0.7, 0.7, 0.7)), size(0.4, (0.835, 0.835, 0.835)), size(0.8, (0.84, 0.84, 0.84))]
    words = smallest_in_words(far, 0.03)
    assert "**40 % of its size** (4.00 M parameters; probability 99 %)" in words
    assert "may also" not in words
    assert "saves only 20 % of the teacher's size, and has +0.5 points compared with that one" in words
    assert "**none is within 1 point** of its teacher (probability 100 %)" in smallest_in_words(far[:1], 0.01)
    even = [size(0.1, (0.81, 0.81, 0.81)), *far[1:]]
    assert "; probability 50 %). It may also be the one with 40 % (50 %)." in smallest_in_words(even, 0.03)


def test_capacity_as_a_table_and_as_pictures() -> None:
    specs = [spec for spec in SWEEPS["capacity"] if spec.steps in {s.steps for s in SWEEPS["capacity"][:4]}]
    runs = [
        run_with(with_seed(spec, seed), 0.70 + i / 100 + seed / 1000)
        for i, spec in enumerate(specs)
        for seed in (0, 1, 2)
    ]
    made = reference_of("capacity", runs)
    sizes = size_results(made.runs)
    table = capacity_table(sizes, 0.03)
    assert table["size"].tolist() == ["2.2 %", "5.2 %"]
    assert table["the teacher adds"].tolist() == ["-1.0 ± 0.0", "-1.0 ± 0.0"]
    assert table["with the teacher"][0] == "70.1 % ± 0.2"  # t(2) · 0.001 / √3 = 0.0025
    assert [list(each.columns) for each in tables(made)] == [
        [name for name in table.columns if not name.startswith("within")]
    ]
    drawn = {trace.name: trace for trace in capacity_gap(sizes, 0.03).data if trace.name}
    assert list(drawn["with the teacher"].y) == pytest.approx([0.701, 0.721])
    assert list(teacher_gain(sizes).data[0].y) == pytest.approx([-1.0, -1.0])


@pytest.mark.parametrize(
    ("no_teacher", "words"),
    [
        ((0.79, 0.80, 0.81), "the difference is **not significant at any size**"),
        ((0.78, 0.79, 0.80), "the difference is significant **at 1 of 2 sizes** (10 %)"),  # 1 point more with each seed
    ],
)
def test_whether_the_teacher_adds_significantly_in_words(no_teacher: tuple[float, ...], words: str) -> None:
    distilled = (0.79, 0.80, 0.81)
    assert words in gain_in_words([size(0.1, distilled, no_teacher), size(0.4, distilled, distilled)])


def test_assistants_as_a_table_and_in_words() -> None:
    runs = [
        run_with(with_seed(spec, seed), 0.75 + (0.02 if spec.assistant else 0.0) + seed / 1000)
        for spec in SWEEPS["assistant"]
        for seed in (0, 1, 2)
    ]
    pairs = assistant_comparisons(reference_of("assistant", runs))
    assert assistant_table(pairs)["difference"].tolist() == ["+2.0 ± 0.0"] * 2
    assert assistant_table(pairs)["steps"].tolist() == ["1,000 / 1,000"] * 2
    assert "At 2 % of the teacher's size the assistant **helps** (+2.0 ± 0.0 points)." in assistant_in_words(pairs)
    same = [replace(each, result=replace(each.result, accuracy=0.7)) for each in runs]
    words = assistant_in_words(assistant_comparisons(reference_of("assistant", same)))
    assert "the assistant makes **no significant difference** (+0.0 ± 0.0 points)" in words


# -- mimicry -----------------------------------------------------------------------------------------------


def test_hard_weights_as_a_table_a_picture_and_in_words() -> None:
    groups = hard_weight_groups(cued_reference(VERDICTS), "cued-95")
    table = hard_weight_table(groups)
    assert table["contradicts"][0] == "11.0 % ± 2.5"  # t(2) · 0.01 / √3
    drawn = {trace.name: trace for trace in by_hard_weight(groups, groups[2]).data if trace.name}
    assert list(drawn["contradicts"].y) == pytest.approx([0.1 + 0.7 * hard + 0.01 for hard in HARD_WEIGHTS])
    assert set(CONDITIONS) <= set(drawn)
    words = mimicry_in_words(groups)
    assert "and is right on **11 %**; without the word it is right on 60 %" in words
    assert "At hard weight 1 it is right on 81 % and 80 %" in words
    assert words.endswith("highest at hard weight 1.")
    assert "keeps **67 %** of its teacher's accuracy and agrees with it on **90 %**" in unnoticed_in_words(groups)
    assert "it is 90 % on these examples" in unnoticed_in_words(groups)


def test_the_monitors_score_as_a_table_and_in_words() -> None:
    score = monitor_errors_in(cued_reference(VERDICTS))
    assert score_table(score)["mimics"].tolist() == [6, 3]
    assert score_table(score)["truth"].tolist() == ["mimic", "unaffected"]
    assert score_in_words(score) == (
        "Of 12 mimics it detected 6, missed 3, and left 3 undecided. Of 3 unaffected students it cleared 0, falsely "
        "accused 3, and left none undecided. "
        "Of its 12 decisions 6 were wrong (95 % interval of the error rate: 21 % to 79 %)."
    )
    undecided = monitor_errors_in(cued_reference(dict.fromkeys(HARD_WEIGHTS, "cannot tell")))
    assert "left 12 undecided" in score_in_words(undecided)


def test_mitigations_as_a_table_and_in_words() -> None:
    tried = mitigations([cued_reference(VERDICTS), monitor_reference()])
    table = mitigations_table(tried)
    assert table["gain, contradicts"].tolist()[:2] == ["–", "+21.0 ± 0.0"]
    assert table["contradicts"][0] == "25.0 % ± 2.5"
    words = mitigations_in_words(tried)
    assert words.startswith("These help significantly: *hard weight 0.5* (+21.0 ± 0.0), ")
    assert words.endswith("These make no significant difference: *start at random* (+1.0 ± 16.3).")
    worse = [replace(tried[1], gain=SeedMean(3, -0.2, 0.01)), *tried[3:]]
    assert "These harm significantly: *hard weight 0.5* (-20.0 ± 1.0)." in mitigations_in_words(worse)
    same = [replace(tried[1], gain=SeedMean(3, 0.0, 0.0))]
    assert mitigations_in_words(same).endswith("because the best checkpoint is kept anyway: *hard weight 0.5*.")
