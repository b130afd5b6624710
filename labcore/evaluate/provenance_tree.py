"""Which student came of which teacher, and by which steps: the designs of all runs as one tree for each teacher.

Two students that share their first steps share the way to there, as in Compress and Compare (Boggust et al., 2024,
https://arxiv.org/abs/2408.03274).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from labcore.config.steps import Step
from labcore.evaluate.provenance import teacher_of
from labcore.evaluate.run_groups import RunGroup

TeacherKey = tuple[tuple[str, str | None], str]  # the teacher by `teacher_of`, and the task


@dataclass(frozen=True, kw_only=True)
class TreeNode:
    """A model: a teacher, what a step makes of its parent, or a student that a training made of its parent.

    parent: the place of its parent in the list of nodes; None for a teacher. depth: the number of its ancestors.
    step: of a derived model. group: the runs of a trained student. A teacher has neither.
    """

    key: TeacherKey
    parent: int | None = None
    depth: int = 0
    step: Step | None = None
    group: RunGroup | None = None


@dataclass
class _Branch:
    """A model while the tree grows: the trained students and the derived models that come of it."""

    trained: list[RunGroup] = field(default_factory=list)
    derived: dict[Step, _Branch] = field(default_factory=dict)


def provenance_tree(groups: Sequence[RunGroup]) -> list[TreeNode]:
    """The nodes of all trees, each before all that came of it."""
    teachers: dict[TeacherKey, _Branch] = {}
    for group in groups:
        branch = teachers.setdefault((teacher_of(group.shown), group.spec.task), _Branch())
        for step in group.spec.steps:
            branch = branch.derived.setdefault(step, _Branch())
        branch.trained.append(group)
    nodes: list[TreeNode] = []
    for key, branch in teachers.items():
        nodes.append(TreeNode(key=key))
        _add_below(branch, len(nodes) - 1, nodes)
    return nodes


def _add_below(branch: _Branch, parent: int, nodes: list[TreeNode]) -> None:
    """Add all that comes of the model at the place `parent`: its trained students first."""
    key, depth = nodes[parent].key, nodes[parent].depth + 1
    nodes.extend(TreeNode(key=key, parent=parent, depth=depth, group=group) for group in branch.trained)
    for step, below in branch.derived.items():
        nodes.append(TreeNode(key=key, parent=parent, depth=depth, step=step))
        _add_below(below, len(nodes) - 1, nodes)
