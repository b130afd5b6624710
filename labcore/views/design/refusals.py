"""Why a student can't be made, in the words of the Design page."""

from __future__ import annotations

import re

from labcore.config import steps as kinds
from labcore.config.steps import Step
from labcore.views.markdown import escaped


def refusal_in_words(message: str) -> str:
    """The message of a SpecError about steps, as Markdown, with the page's names for kinds of step and their settings.

    Messages name a step as a spec does, such as `factorise.rank`, because the command line and links use those names.
    """
    types = kinds.by_kind()
    names = "|".join(sorted(types, key=len, reverse=True))

    def named(mention: re.Match[str]) -> str:
        kind = next(group for group in mention.group("quoted", "first", "owner") if group)
        setting = mention["field"]
        return f"“{types[kind].label}”" + (f", {_setting(types[kind], setting)}," if setting else "")

    mentions = rf"'(?P<quoted>{names})'|\b(?P<owner>{names})\.(?P<field>\w+)|^(?P<first>{names})\b"
    return escaped(re.sub(mentions, named, message))


def _setting(kind: type[Step], name: str) -> str:
    """A setting's label without its limits, or the field's own name if it has no setting."""
    setting = kind.settings().get(name)
    return setting.label.partition(", ")[0].lower() if setting else name
