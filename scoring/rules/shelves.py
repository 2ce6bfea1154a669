"""Where edition files lie: the committed shelf, and folders an installation adds to it."""

from collections.abc import Callable, Iterator
from pathlib import Path

COMMITTED = Path(__file__).parent / "editions"
_added: list[Path] = []
_forget: list[Callable[[], None]] = []


def add(folder: Path) -> None:
    """Take the edition files of a folder too. Its files are read like committed ones."""
    if folder not in _added:
        _added.append(folder)
        forget()


def remove(folder: Path) -> None:
    _added.remove(folder)
    forget()


def when_changed(cache_clear: Callable[[], None]) -> None:
    """Call this when a folder is added or taken away."""
    _forget.append(cache_clear)


def forget() -> None:
    for each in _forget:
        each()


def files(kind: str = "") -> Iterator[Path]:
    """Edition files of a kind (“”: the two-compartment model, clinical, marker): committed ones, then added ones.

    An added folder has the same sub-folders; order is that of the names.
    """
    for shelf in (COMMITTED, *_added):
        yield from sorted((shelf / kind).glob("*.toml"))
