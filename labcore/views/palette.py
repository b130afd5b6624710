"""One colour for each idea, on every page and picture: mid-tones that are visible on white and on near-black."""

from labcore.config.loss_terms import LOSS_TERMS

TEACHER = "#4878d0"
STUDENT = "#d9731a"
LOSS_COLOURS = {term.name: term.colour for term in LOSS_TERMS}
CONDITION_COLOURS = (
    "#7f8a99",
    "#3c9a5f",
    "#c0433a",
)  # without a cue; if it agrees with the label; if it contradicts it
COMPARED = ("#d9731a", "#3c8f8a", "#a05cc0", "#8a8a3a")  # runs side by side, in order
OTHERS = COMPARED[1]  # the students of other people, beside one's own
GONE = "#8a8a8a"  # what a student has lost

FILL = 0.7  # the highest opacity of a colour under words in TEXT: 4.5 : 1 in both themes (WCAG 2, 1.4.3)
READABLE = 0.7  # the fraction of a colour in words of its hue; the rest is the page's ink
INK = {"light": "#1d1f24", "dark": "#eceae6"}  # the theme's text, as .streamlit/config.toml has it

# The page's own colours, light or dark: the browser fills them in when it draws a chart.
TEXT = "var(--st-text-color)"
MUTED = "var(--lab-muted)"
BACKGROUND = "var(--st-background-color)"
BORDER = "var(--st-border-color)"


def readable(colour: str, theme: str) -> str:
    """A `#rrggbb` colour for words in a theme, `light` or `dark`: the same hue, nearer to the theme's ink."""
    mixed = (READABLE * a + (1 - READABLE) * b for a, b in zip(rgb(colour), rgb(INK[theme]), strict=True))
    return "#" + "".join(f"{round(value):02x}" for value in mixed)


def words_in(colour: str) -> str:
    """`readable` in whichever theme the page has, as CSS."""
    return f"light-dark({readable(colour, 'light')}, {readable(colour, 'dark')})"


def faded(colour: str, opacity: float) -> str:
    """A `#rrggbb` colour with an opacity from 0 to 1, as CSS."""
    red, green, blue = rgb(colour)
    return f"rgba({red},{green},{blue},{opacity:g})"


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of a `#rrggbb` colour, 0 to 255."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return red, green, blue
