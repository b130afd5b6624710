"""A bound widget's own default is the value that it shows.

Streamlit sends what session state sets once, and a busy server may drop it: then the browser takes the default.
"""

from __future__ import annotations

import pytest

from labcore.config.spec import DistilConfig, Spec
from labcore.config.steps import KeepLayers, Prune, Step
from tests.shared.pages import app

STEPS: tuple[Step, ...] = (KeepLayers(layers=(1, 3, 5)), Prune(0.4))


@pytest.mark.parametrize("steps", [STEPS[:1], STEPS[1:]], ids=lambda steps: steps[0].kind)
def test_the_defaults_on_design_are_the_specs(steps: tuple[Step, ...]) -> None:
    test = app("design", Spec(steps=steps))
    assert test.slider
    for slider in test.slider:
        assert list(slider.proto.default) == [slider.value]
    for group in test.button_group:
        shown = group.value if isinstance(group.value, list) else [group.value]
        options = list(group.options)
        assert [options[index] for index in group.proto.default] == [group.format_func(each) for each in shown]


def test_the_defaults_on_distil_are_the_specs() -> None:
    test = app("distil", Spec(distil=DistilConfig(hard=0.35, soft=0.65, temperature=3.5, epochs=7)))
    values = {slider.label: list(slider.proto.default) for slider in test.slider}
    assert {"Hard weight": [0.35], "Soft weight": [0.65], "Temperature τ": [3.5]}.items() <= values.items()
    assert [7] in values.values() or 7 in {number.proto.default for number in test.number_input}
