"""What an owner tells the class: a nickname, and whether the class sees the points of the owner's runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from labcore.config.checks import check_choice
from labcore.results.run import checked_name

Consent = Literal["no", "unnamed", "named"]


@dataclass(frozen=True)
class Profile:
    """nickname: "" for none. consent: whether the class's frontier has the owner's points, and under which name.

    Raises SpecError if the nickname is not allowed.
    """

    nickname: str = ""
    consent: Consent = "no"

    def __post_init__(self) -> None:
        if self.nickname:
            checked_name(self.nickname, "nickname")
        check_choice("consent", self.consent, get_args(Consent))

    @property
    def shows(self) -> bool:
        """Whether the class sees the owner's points."""
        return self.consent != "no"

    @property
    def shown_name(self) -> str:
        """The name that stands at the owner's points: "" for none."""
        return self.nickname if self.consent == "named" else ""
