"""Who uses a lecture: apps that build on this one say so, each for what the asker may see."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Use:
    """One thing that uses a lecture, with the screen that shows it; ``details`` say how."""

    title: str
    url: str
    details: tuple[str, ...] = ()


@dataclass
class Usage:
    """What the asker may see of it; ``hidden`` counts what belongs to others."""

    uses: list[Use] = field(default_factory=list)
    hidden: int = 0

    def __bool__(self) -> bool:
        """Whether anything uses it at all."""
        return bool(self.uses or self.hidden)


Source = Callable[[Any, Any], Usage]
_SOURCES: list[Source] = []


def register(source: Source) -> None:
    """Let *source*, a function of the asking user and the lecture, tell what uses it."""
    if source not in _SOURCES:
        _SOURCES.append(source)


def usage_of(user, video) -> Usage:
    """Everything that uses *video*, as *user* may see it."""
    found = Usage()
    for source in _SOURCES:
        told = source(user, video)
        found.uses += told.uses
        found.hidden += told.hidden
    return found
