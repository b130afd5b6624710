"""Legible colours: the contrast of WCAG 2, written out, for the palette, the theme and the words in every picture."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

import plotly.graph_objects as go
import pytest

from labcore.config.loss_terms import HARD, HIDDEN, SOFT
from labcore.config.steps import Factorise, KeepLayers, Manual, Prune
from labcore.count.parameters import compare
from labcore.results.evaluation import ErrorOverlap
from labcore.results.events import Similarity
from labcore.teacher.built_in import BUILT_IN
from labcore.views import palette
from labcore.views.design.flow import flow
from labcore.views.design.towers import towers
from labcore.views.distil.cka_map import similarity_map
from labcore.views.evaluate.evaluation_charts import confusion_map, error_overlap_chart, probabilities
from tests.shared.source_files import ROOT

CONFIG = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())["theme"]
THEMES = ("light", "dark")
NAMED = {"blue": palette.TEACHER, "orange": palette.STUDENT, "red": HARD.colour, "violet": SOFT.colour}
NAMED |= {"green": HIDDEN.colour}
TEXT, GRAPHICS = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11: the least that level AA allows

Colour = tuple[float, float, float]


def luminance(colour: Colour) -> float:
    """Relative luminance, 0 for black to 1 for white. https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (c / 255 for c in colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    """From 1, the same, to 21, black on white. https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def over(colour: Colour, share: float, ground: Colour) -> Colour:
    """What is seen of a colour of this opacity on a ground."""
    red, green, blue = (share * a + (1 - share) * b for a, b in zip(colour, ground, strict=True))
    return red, green, blue


def grounds(theme: str) -> list[Colour]:
    return [palette.rgb(CONFIG[theme][name]) for name in ("backgroundColor", "secondaryBackgroundColor")]


def seen(colour: str, theme: str) -> Colour:
    """A colour of a picture as it looks on the theme's page."""
    ground = palette.rgb(CONFIG[theme]["backgroundColor"])
    if colour == palette.TEXT:
        return palette.rgb(CONFIG[theme]["textColor"])
    if colour.startswith("rgba"):
        red, green, blue, share = map(float, re.findall(r"[\d.]+", colour))
        return over((red, green, blue), share, ground)
    return palette.rgb(colour)


def test_the_formula_gives_what_the_standard_says() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.005)  # the grey that just fails


@pytest.mark.parametrize("theme", THEMES)
def test_every_idea_stands_out_from_the_page(theme: str) -> None:
    ideas = {palette.TEACHER, palette.STUDENT, *palette.LOSS_COLOURS.values(), *palette.CONDITION_COLOURS, palette.GONE}
    page = grounds(theme)[0]
    assert {idea: ratio for idea in ideas if (ratio := contrast(palette.rgb(idea), page)) < GRAPHICS} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_every_idea_can_be_read_as_a_word(theme: str) -> None:
    for idea in (palette.TEACHER, palette.STUDENT, *palette.LOSS_COLOURS.values()):
        words = palette.rgb(palette.readable(idea, theme))
        tint = over(palette.rgb(idea), 0.1 if theme == "light" else 0.2, grounds(theme)[0])  # as in a coloured box
        assert min(contrast(words, ground) for ground in (*grounds(theme), tint)) >= TEXT, (idea, theme)


@pytest.mark.parametrize("theme", THEMES)
def test_the_theme_has_the_palettes_words_and_ink(theme: str) -> None:
    own = CONFIG[theme]
    assert {name: own[f"{name}TextColor"] for name in NAMED} == {
        name: palette.readable(colour, theme) for name, colour in NAMED.items()
    }
    assert own["textColor"] == palette.INK[theme]


@pytest.mark.parametrize("theme", THEMES)
def test_the_themes_own_words_can_be_read(theme: str) -> None:
    own = CONFIG[theme]
    for name in ("textColor", "linkColor", "codeTextColor", "primaryColor"):
        assert min(contrast(palette.rgb(own[name]), ground) for ground in grounds(theme)) >= TEXT, name
    style = (ROOT / "ui/shell/page.css").read_text()
    [faint] = re.findall(r"stCaptionContainer.*?opacity: ([\d.]+)", style, re.DOTALL)[:1]
    [muted] = re.findall(r"muted: fade\(text, ([\d.]+)\)", (ROOT / "ui/shell/chart.js").read_text())
    for share in (float(faint), float(muted)):
        for ground in grounds(theme):
            assert contrast(over(palette.rgb(own["textColor"]), share, ground), ground) >= TEXT
    [on_primary] = re.findall(r"primaryFormSubmit.*?light-dark\((#\w+), (#\w+)\)", style, re.DOTALL)
    assert contrast(palette.rgb(on_primary[THEMES.index(theme)]), palette.rgb(own["primaryColor"])) >= TEXT


def test_the_style_sheet_has_only_the_themes_colours() -> None:
    known = {colour for theme in THEMES for colour in CONFIG[theme].values()} | {"#ffffff"}
    assert set(re.findall(r"#[0-9a-f]{6}", (ROOT / "ui/shell/page.css").read_text())) <= known


def pictures() -> Iterator[go.Figure]:
    """Every picture that writes words on colours."""
    for steps in ((KeepLayers(count=3), Prune(0.5)), (Factorise(96),), (Manual(),)):
        counts = compare(BUILT_IN["reviews"], steps)
        yield go.Figure(towers(counts.teacher, {"Student": counts.student}))
        yield flow([("Teacher", counts.teacher), ("student", counts.student)])
    yield error_overlap_chart(ErrorOverlap(kept=815, new=118, corrected=50, inherited=100, other=23), 0.78)
    for colour in (palette.TEACHER, palette.STUDENT):
        yield confusion_map([[9, 1], [0, 10]], ["no", "yes"], colour)
    yield probabilities([0.9, 0.1], [0.2, 0.8], ["no", "yes"])
    yield similarity_map(Similarity(0, ((1.0, 0.0), (0.4, 0.7)), ((0, 1),)), "Before")


def words_on_colours(figure: go.Figure) -> Iterator[tuple[str, str]]:
    """Each colour of a picture that has words on it, with the colour of the words."""
    for trace in figure.to_dict()["data"]:
        ink: str = trace.get("textfont", {}).get("color", "")
        filled: Any = trace.get("marker", {}).get("color")
        if trace["type"] == "heatmap":
            filled = [colour for _, colour in trace["colorscale"]]
        if trace.get("text") is not None and filled is not None:
            yield from ((fill, ink) for fill in ([filled] if isinstance(filled, str) else filled))


@pytest.mark.parametrize("theme", THEMES)
def test_words_on_colours_can_be_read(theme: str) -> None:
    pairs = {pair for figure in pictures() for pair in words_on_colours(figure)}
    assert len(pairs) > 10
    assert {pair for pair in pairs if contrast(seen(pair[1], theme), seen(pair[0], theme)) < TEXT} == set()
