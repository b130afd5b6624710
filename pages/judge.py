"""The old address of the page Evaluate: forwards to it, with all that the link carries."""

from ui.shell.page_frame import forward

forward("evaluate")
