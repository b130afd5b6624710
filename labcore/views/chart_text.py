"""A person's text in a chart: Plotly reads some HTML in names and ticks, and a long name would leave no room."""

from __future__ import annotations

import html
from collections.abc import Sequence

LONG = 22  # characters of a name beside a chart; the pointer shows all of it
HOVERED = 80  # characters in the label of a point


def plain(text: str, most: int = HOVERED) -> str:
    """The text on one line, as Plotly shows it unchanged; a longer one than `most` characters is cut."""
    line = " ".join(text.split()) or " "
    return html.escape(line if len(line) <= most else f"{line[: most - 1]}…", quote=False)


def category_axis(names: Sequence[str], most: int = LONG) -> dict[str, object]:
    """The ticks of an axis whose categories are these names, as `categories` returns them.

    Without the type, Plotly would read names such as `1` or `2024-01-01` as numbers or dates.
    """
    return {"type": "category", "tickvals": categories(names), "ticktext": [plain(name, most) for name in names]}


def categories(names: Sequence[str]) -> list[str]:
    """A category for each name, all different; the pointer shows it."""
    seen: dict[str, int] = {}
    made = []
    for name in names:
        shown = plain(name)
        seen[shown] = seen.get(shown, 0) + 1
        made.append(shown if seen[shown] == 1 else f"{shown} ({seen[shown]})")
    return made
