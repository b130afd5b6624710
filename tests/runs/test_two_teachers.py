"""Runs of two brought teachers stay apart in comparisons and on the pages, and a rerun is one point."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from labcore.evaluate.frontier_axes import Axes
from labcore.runs.paired_comparison import paired_comparison
from labcore.runs.store import Store
from labcore.views.frontier.frontier_chart import named_points
from labcore.views.tables import runs_table
from tests.shared.pages import app, charts
from tests.shared.two_teachers import ran, said, spec_for, weaken


def test_two_teachers_of_one_name_are_two_designs_in_a_comparison(two: tuple[Path, Path]) -> None:
    one = ran(spec_for(two[0]))
    weaken(two[0])
    runs = [one, ran(spec_for(two[0])), ran(spec_for(two[0], seed=1))]
    comparison = paired_comparison(runs[0], runs[1], runs, Store())
    assert (comparison.first.n, comparison.second.n) == (1, 2)
    assert comparison.mean_difference is not None


def test_lists_tell_two_teachers_apart(two: tuple[Path, Path]) -> None:
    first, second = ran(spec_for(two[0])), ran(spec_for(two[1]))
    test = app("evaluate", run=first.id)
    chosen, other = test.selectbox(key="evaluated"), test.selectbox(key="compared")
    assert ["teacher second/my_bert" in chosen.options[0], "teacher first/my_bert" in chosen.options[1]] == [True] * 2
    assert ["teacher second/my_bert" in name for name in other.options] == [True]
    assert "teacher first/my_bert**]" in said(test)
    assert "(batches of 8 · trained 2 steps)" in said(test)
    assert str(two[0]) in said(test)

    names = {point.name for point in named_points([first, second], Axes())}
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
    test = app("evaluate", run=run.id)
    [name] = test.selectbox(key="evaluated").options
    assert name.startswith("copy of the teacher, 1 step · ")
    assert "an unchanged copy of the teacher (batches of 8 · trained 1 step)" in said(test)


def test_a_rerun_is_one_point_on_the_page(two: tuple[Path, Path]) -> None:
    old, new = ran(spec_for(two[0])), ran(spec_for(two[0]))
    test = app("frontier", run=new.id)
    assert "Mean of" not in said(test)
    assert "has a newer run" not in said(test)
    test = app("frontier", run=old.id)
    assert "Seed 0 has a newer run" in said(test)
    [point] = named_points(Store().runs(), Axes())
    assert (point.id, len(point.seeds)) == (new.id, 1)
    ran(spec_for(two[0], seed=1))
    assert "Mean of 2 seeds" in said(app("frontier", run=old.id))
