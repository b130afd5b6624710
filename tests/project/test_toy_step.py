"""A kind of step that this file alone defines, to show what a new one takes: a spec half, a torch half and `KINDS`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

import pytest
from torch import nn

from labcore.compress.apply_step import apply_step
from labcore.compress.calibration import Calibration
from labcore.compress.student import Student
from labcore.config import steps
from labcore.config.assignment import Assignment, controls
from labcore.config.checks import SpecError
from labcore.config.spec import Spec
from labcore.config.steps import KeepLayers, Prune
from labcore.config.steps.setting import Integer, Switch, set_by
from labcore.config.steps.step import Step
from labcore.models.architecture import Structure
from labcore.models.classifier import Classifier
from labcore.runs.cache import counted
from labcore.runs.ineffective_steps import step_note
from labcore.runs.store import Store
from labcore.teacher.built_in import BUILT_IN
from labcore.views.controls import control_in_words
from labcore.views.words import student_in_words
from tests.shared.pages import add_step, all_words, app, metrics, opened_menu, spec_of
from tests.shared.runs import run_of

TOO_MANY = "trim_positions.positions is {}, but there are {} positions; give fewer"


# -- the spec half: a file of labcore/config/steps -----------------------------------------------------


@dataclass(frozen=True)
class TrimPositions(Step):
    """Keep the first `positions` rows of the position embeddings."""

    kind: ClassVar[str] = "trim_positions"
    label: ClassVar[str] = "Fewer positions"
    summary: ClassVar[str] = "Removes the position embeddings of long examples."
    no_effect: ClassVar[str] = "keeps every position; keep fewer"

    positions: int = field(
        metadata=set_by(
            Integer(
                label="Positions to keep, of {available}",
                available=lambda before: before.architecture.positions,
            )
        )
    )
    zero_last: bool = field(default=False, metadata=set_by(Switch(label="Set the last position to zero")))

    @classmethod
    def default(cls, before: Structure) -> TrimPositions:
        """Half of the positions."""
        return cls(before.architecture.positions // 2)

    def describe(self) -> str:
        """Such as `128 positions`."""
        return f"{self.positions} positions"


# -- the torch half: a file of labcore/compress/steps --------------------------------------------------


@apply_step.register(TrimPositions)
def trim_positions(step: TrimPositions, student: Student, calibration: Calibration | None) -> None:
    """Shorten the table. Raises SpecError for more positions than there are."""
    table = positions_of(student.model)
    if step.positions > table.num_embeddings:
        raise SpecError(TOO_MANY.format(step.positions, table.num_embeddings))
    rows = table.weight.detach()[: step.positions].clone()
    if step.zero_last:
        rows[-1] = 0
    table.weight, table.num_embeddings = nn.Parameter(rows), step.positions
    student.model.config.max_position_embeddings = step.positions


def positions_of(model: Classifier) -> nn.Embedding:
    [table] = [module for name, module in model.named_modules() if name.endswith("position_embeddings")]
    assert isinstance(table, nn.Embedding)
    return table


# -- the line in KINDS ---------------------------------------------------------------------------------


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kind is in the list for one test. Nothing else of the lab is changed."""
    monkeypatch.setattr(steps, "KINDS", (*steps.KINDS, TrimPositions))


# -- what follows from it ------------------------------------------------------------------------------


@pytest.mark.usefixtures("toy")
def test_it_is_in_the_menu_with_its_control_its_words_and_its_count() -> None:
    test = app("design", Spec(steps=(KeepLayers(count=3),)))
    button = opened_menu(test, "adding-a-step").button(key="add-trim_positions")
    assert button.label == TrimPositions.label
    assert TrimPositions.summary in all_words(test)
    button.click().run()
    assert spec_of(test).steps == (KeepLayers(count=3), TrimPositions(256))

    slider = test.slider(key="trim_positions-positions-1")
    assert (slider.label, slider.max) == ("Positions to keep, of 512", 512)
    slider.set_value(100).run()
    test.toggle(key="trim_positions-zero_last-1").set_value(True).run()
    spec = spec_of(test)
    assert spec.steps == (KeepLayers(count=3), TrimPositions(100, zero_last=True))
    assert student_in_words(spec) == "3 layers, evenly spread → 100 positions"

    sizes = BUILT_IN["reviews"]
    without = counted(replace(spec, steps=spec.steps[:1])).student.total
    assert counted(spec).student.total == without - (sizes.positions - 100) * sizes.hidden
    assert metrics(test)["Student"] == f"{counted(spec).student.total:,}"

    test.button(key="edit-0").click().run()  # now the card of the toy is closed, and shows its words
    assert "**Fewer positions**: :orange[100 positions]" in all_words(test)


@pytest.mark.usefixtures("toy")
def test_a_value_that_can_not_be_is_an_error_in_json_and_on_the_page() -> None:
    with pytest.raises(SpecError, match=r"trim_positions\.positions is 0; give a whole number of 1 or more"):
        Spec.from_json('{"steps": [{"kind": "trim_positions", "positions": 0}]}')
    with pytest.raises(SpecError, match=r"trim_positions\.zero_last is 2; give true or false"):
        Spec.from_dict({"steps": [{"kind": "trim_positions", "positions": 8, "zero_last": 2}]})
    with pytest.raises(SpecError, match="trim_positions lacks its field 'positions'"):
        Spec.from_dict({"steps": [{"kind": "trim_positions"}]})
    test = app("design", Spec(steps=(TrimPositions(600),)))
    assert "“Fewer positions”, positions to keep, is 600, but there are 512 positions" in test.error[0].value
    assert test.button(key="to-distil").disabled


@pytest.mark.usefixtures("toy")
def test_facts_of_its_type_place_it_and_decide_its_effect() -> None:
    test = app("design", Spec(steps=(Prune(0.5),)))
    add_step(test, "trim_positions")
    assert spec_of(test).steps == (TrimPositions(256), Prune(0.5))  # it makes new matrices, so pruning stays last
    with pytest.raises(SpecError, match="'trim_positions' after 'prune'"):
        counted(Spec(steps=(Prune(0.5), TrimPositions(256))))
    assert step_note(Spec(steps=(TrimPositions(512),)), 0) == "it keeps every position; keep fewer, or take it out"
    assert step_note(Spec(steps=(TrimPositions(511),)), 0) is None


@pytest.mark.usefixtures("toy")
def test_it_survives_a_link_and_an_assignment_can_fix_it() -> None:
    spec = Spec(steps=(TrimPositions(64, zero_last=True), KeepLayers(layers=(0, 2))))
    assert Spec.from_json(spec.to_json()) == spec
    assert spec_of(app("design", spec)) == spec
    assert "steps.trim_positions" in controls()
    assert "Fewer positions" in control_in_words("steps.trim_positions")
    assignment = Assignment(
        spec=spec, title="Short", text="", page="design", locked=("steps.trim_positions",), hidden=(), large=False
    )
    assert Assignment.from_json(assignment.to_json()) == assignment
    assert assignment.fixes("steps.trim_positions")


@pytest.mark.usefixtures("toy")
def test_a_run_trains_and_stores_its_student(spec: Spec) -> None:
    run = run_of(spec, made := (TrimPositions(10), KeepLayers(count=2)))
    assert run.spec.steps == made
    assert run.status == "finished"
    assert run.counts is not None
    student = Store().student(run.id)
    assert positions_of(student.model).weight.shape[0] == 10
    stored = sum(parameter.numel() for parameter in student.model.parameters())
    assert stored == run.counts.student.total == counted(run.spec).student.total


def test_without_its_line_it_is_no_step() -> None:
    assert "add-trim_positions" not in [button.key for button in opened_menu(app("design"), "adding-a-step").button]
    with pytest.raises(SpecError, match="a step is TrimPositions"):
        Spec(steps=(TrimPositions(8),))
