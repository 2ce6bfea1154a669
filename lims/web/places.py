"""Places in the house that the header names. A page family lists its own in `places`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A link in the header: the url's name, its label, the letter after `g`, and who may go there;
    with `core_only` no hospital's people, whatever their role."""

    name: str
    label: str
    key: str
    permissions: tuple[str, ...]
    order: int = 50
    core_only: bool = False
