"""One colour for each idea, on every page and picture: mid-tones that stand out on white and on near-black."""

TEACHER = "#4878d0"
STUDENT = "#d9731a"
HARD = "#cc4778"
SOFT = "#8a63d2"
HIDDEN = "#1f9186"
LOGIT = "#5b7fa6"
COSINE = "#7a9a3b"
RELATION = "#b5852a"
PARTS_OF_LOSS = {"hard": HARD, "soft": SOFT, "logit": LOGIT, "hidden": HIDDEN, "cosine": COSINE, "relation": RELATION}
READINGS = ("#7f8a99", "#3c9a5f", "#c0433a")  # without a cue, where it agrees with the label, where it contradicts it
GONE = "#8a8a8a"  # what a student has lost

# The page's own colours, light or dark: the browser fills them in where a chart is drawn.
TEXT = "var(--st-text-color)"
MUTED = "var(--lab-muted)"
BACKGROUND = "var(--st-background-color)"
BORDER = "var(--st-border-color)"


def rgb(colour: str) -> str:
    """A `#rrggbb` colour as browsers write it: `rgb(204, 71, 120)`."""
    return f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"


def faded(colour: str, opacity: float) -> str:
    """A `#rrggbb` colour with an opacity from 0 to 1, as CSS."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"
