"""What a person chose about the window. It lies in the vault and holds from the unlock on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from fielddoc.gui.style import TEXT_SCALES
from fielddoc.i18n import LANGUAGES

IDLE_MINUTES = (1, 2, 5, 10, 30, 0)
"""Choices of when to lock; 0 is never."""
APPEARANCES = ("system", "light", "dark")
_USUAL_IDLE_MINUTES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """The choices, each one that is offered."""

    language: str = ""
    """Empty for that of the system."""
    idle_minutes: int = _USUAL_IDLE_MINUTES
    text_percent: int = 100
    appearance: str = "system"

    @classmethod
    def read(cls, settings: Mapping[str, str]) -> Self:
        """Return the choices; what is not one that is offered counts as not chosen."""
        language = settings.get("language", "")
        idle = settings.get("idle-minutes", "")
        percent = settings.get("text-percent", "")
        appearance = settings.get("appearance", "")
        return cls(
            language=language if language in LANGUAGES else "",
            idle_minutes=_offered(idle, IDLE_MINUTES, _USUAL_IDLE_MINUTES),
            text_percent=_offered(percent, TEXT_SCALES, 100),
            appearance=appearance if appearance in APPEARANCES else "system",
        )

    def settings(self) -> dict[str, str]:
        """Return the choices as the vault keeps them."""
        return {
            "language": self.language,
            "idle-minutes": str(self.idle_minutes),
            "text-percent": str(self.text_percent),
            "appearance": self.appearance,
        }


def _offered(text: str, choices: tuple[int, ...], usual: int) -> int:
    value = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else usual
    return value if value in choices else usual
