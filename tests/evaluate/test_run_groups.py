"""Every run in groups of one design, and the tree of designs below their teachers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import Factorise, KeepLayers, Prune, Step
from labcore.evaluate.provenance_tree import TreeNode, provenance_tree
from labcore.evaluate.run_groups import group_of, run_groups
from labcore.evaluate.seed_groups import design_of, with_seed
from labcore.results.run import Run, Status
from tests.shared.runs import finished_run

STEPS: tuple[Step, ...] = (KeepLayers(count=3), Factorise(64), Prune(0.5))


def unfinished(created: str, spec: Spec, status: Status) -> Run:
    return Run(id=created, spec=spec, status=status, created=created)


def test_a_group_has_the_seeds_and_reruns_of_a_design_and_its_newest_finished_run_stands_for_it() -> None:
    spec, other = Spec(steps=STEPS[:1]), Spec(steps=STEPS[:2])
    runs = [
        finished_run("2026-01", spec, 0.7),
        finished_run("2026-02", with_seed(spec, 1), 0.9),
        finished_run("2026-03", other, 0.5),
        finished_run("2026-04", with_seed(spec, 1), 0.8),  # a rerun
        unfinished("2026-05", with_seed(spec, 2), "failed"),
    ]
    first, second = run_groups(runs)
    assert [run.id for run in first.runs] == ["2026-05", "2026-04", "2026-02", "2026-01"]
    assert (first.shown.id, first.status) == ("2026-04", "finished")
    assert first.accuracy is not None
    assert (first.accuracy.mean, first.accuracy.n) == (pytest.approx(0.75), 2)
    assert [run.id for run in second.runs] == ["2026-03"]
    assert group_of("2026-01", [first, second]) is first
    assert group_of("2026-06", [first, second]) is None


def test_a_group_without_a_result_shows_its_newest_run() -> None:
    [group] = run_groups([unfinished("2026-01", Spec(), "failed"), unfinished("2026-02", Spec(), "stopped")])
    assert (group.shown.id, group.status, group.accuracy) == ("2026-02", "stopped", None)
    [group] = run_groups([unfinished("2026-01", Spec(), "running"), finished_run("2026-02", Spec(), 0.5)])
    assert group.status == "running"


def way(node: TreeNode, nodes: list[TreeNode]) -> tuple[Step, ...]:
    """The steps from the teacher to a node, by its parents."""
    steps: list[Step] = []
    while node.parent is not None:
        steps += [node.step] if node.step else []
        node = nodes[node.parent]
    return tuple(reversed(steps))


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.lists(st.sampled_from(STEPS), max_size=3),
            st.sampled_from(["reviews", "news"]),
            st.sampled_from([1, 2]),
            st.integers(0, 2),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_every_design_hangs_once_below_its_teacher_by_its_steps(
    drawn: list[tuple[list[Step], str, int, int]],
) -> None:
    runs = [
        finished_run(f"2026-{i:02}", Spec(task, task, tuple(steps), DistilConfig(epochs=epochs, seed=seed)), 0.5)
        for i, (steps, task, epochs, seed) in enumerate(drawn)
    ]
    nodes = provenance_tree(run_groups(runs))
    trained = [node for node in nodes if node.group is not None]
    assert {design_of(node.group.shown) for node in trained if node.group} == {design_of(run) for run in runs}
    assert len(trained) == len({design_of(run) for run in runs})
    for node in trained:
        assert node.group is not None
        assert way(node, nodes) == node.group.spec.steps
        assert node.depth == len(node.group.spec.steps) + 1
    derived = [(node.key, way(node, nodes)) for node in nodes if node.step is not None]
    assert len(derived) == len(set(derived))  # shared first steps are one branch
    assert all(node.parent is None or node.parent < place for place, node in enumerate(nodes))


def test_a_training_of_another_teacher_file_is_another_tree() -> None:
    run = finished_run("2026-01", Spec(), 0.5)
    nodes = provenance_tree(run_groups([run, replace(run, id="2026-02", teacher="b" * 64)]))
    assert [node.parent for node in nodes].count(None) == 2
