"""One colour for each idea: pages and pictures use the palette, and a coloured word names its idea."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from labcore.config.training import DistilConfig
from labcore.views import palette
from labcore.views.distil.formula import formula, set_by
from labcore.views.palette import LOSS_COLOURS, STUDENT, TEACHER, rgb, words_in
from tests.shared.source_files import ROOT
from ui.distil.loss_form import colour_labels
from ui.shell.glossary import COLOURS

CODE = sorted(f for d in ("labcore", "ui", "pages") for f in (ROOT / d).rglob("*.py"))
A_COLOUR = re.compile(r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b|\brgba?\(\s*\d|\bhsla?\(\s*\d")
# What a coloured word may be about. A muted word names no idea; primary is a control.
WORDS = {
    "blue": ("teacher", "reviews"),
    "orange": ("student", "{"),  # or the student's own words and figures, filled in
    "red": ("hard",),
    "violet": ("soft",),
    "green": ("hidden",),
}


def test_colours_are_named_in_the_palette_only() -> None:
    outside = {
        str(file.relative_to(ROOT)): colours
        for file in CODE
        # A loss term brings its own colour. A report stands by itself, without the theme.
        if file.name not in ("palette.py", "loss_terms.py", "report.py")
        and (colours := A_COLOUR.findall(_without_comments(file)))
    }
    assert outside == {}


def _without_comments(file: Path) -> str:
    """The code, without links, comments, examples in backquotes, and what is transparent."""
    return re.sub(r"https?://\S+|\s# .*|`[^`\n]*`|rgba\(0, ?0, ?0, ?0\)", "", file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("file", CODE, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_coloured_word_names_its_idea(file: Path) -> None:
    for colour, text in re.findall(r":(blue|orange|red|violet|green)\[([^\]]*)", file.read_text(encoding="utf-8")):
        said = text.lower()
        assert any(said.lstrip("*").startswith(word.lstrip("*")) or word in said for word in WORDS[colour]), (
            colour,
            text,
        )


def test_no_two_ideas_share_a_colour() -> None:
    ideas = [TEACHER, STUDENT, *LOSS_COLOURS.values(), *palette.CONDITION_COLOURS, palette.GONE]
    assert len(set(ideas)) == len(ideas)


def test_words_and_pictures_have_the_same_colour() -> None:
    theme = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))["theme"]
    ideas = {
        "teacher": TEACHER,
        "student": STUDENT,
        **{part: LOSS_COLOURS[part] for part in ("hard", "soft", "hidden")},
    }
    assert {idea: theme[f"{name}Color"] for idea, name in COLOURS.items()} == ideas


def test_formula_legend_and_sliders_have_the_same_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    styles: list[str] = []
    monkeypatch.setattr("ui.distil.loss_form.st.html", styles.append)
    colour_labels()
    config = DistilConfig(logit=1, hidden=1, cosine=1, relation=1)
    for part, colour in LOSS_COLOURS.items():
        assert re.search(rf"\\textcolor{{{colour}}}{{\\underbrace{{[\d.]+}}_{{\\text{{{part}}}}}", formula(config))
        assert f'**{part}**]{{foreground="{colour}"}}' in set_by(config)
        assert re.search(
            rf"\.st-key-{part} label p[^{{]*{{color: {re.escape(words_in(colour))} !important}}", styles[0]
        )
        assert f"rgb{rgb(colour)}" in styles[0]
