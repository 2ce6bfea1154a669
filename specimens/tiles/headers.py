"""What a TIFF says of itself before anything decodes it: how many directories, how large, and whether they end.

A hostile file can name a million directories, or a directory that names itself. The libraries would follow it.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MOST_DIRECTORIES = 200
MOST_ENTRIES = 4096
WIDTH, HEIGHT, TILE_WIDTH, TILE_HEIGHT = 256, 257, 322, 323
SHORT, LONG, LONG8 = 3, 4, 16


class Unsafe(Exception):
    """The file is not one to be decoded; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Directory:
    """One image of the file, in pixels; tile sizes are 0 where it is cut into strips."""

    width: int
    height: int
    tile_width: int = 0
    tile_height: int = 0


@dataclass(frozen=True, slots=True)
class Shape:
    """How the file writes its numbers: byte order, and the sizes of classic or of big TIFF."""

    order: str
    big: bool

    @property
    def offset(self) -> struct.Struct:
        return struct.Struct(self.order + ("Q" if self.big else "L"))

    @property
    def count(self) -> struct.Struct:
        return struct.Struct(self.order + ("Q" if self.big else "H"))

    @property
    def entry(self) -> struct.Struct:
        return struct.Struct(self.order + ("HHQ8s" if self.big else "HHL4s"))


def directories(path: Path) -> list[Directory]:
    """Every directory of the TIFF. Raises Unsafe when there are too many, when they go in a circle or are broken."""
    with path.open("rb") as file:
        try:
            return list(walked(file))
        except struct.error as error:
            raise Unsafe("The TIFF's directories are cut short or broken.") from error


def is_tiff(start: bytes) -> bool:
    return start[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def walked(file: BinaryIO) -> Iterator[Directory]:
    start = file.read(16)
    if not is_tiff(start):
        raise Unsafe("The file is no TIFF, whatever its name says.")
    shape = Shape("<" if start[:2] == b"II" else ">", 43 in (start[2], start[3]))
    place = shape.offset.unpack_from(start, 8 if shape.big else 4)[0]
    seen: set[int] = set()
    while place:
        if place in seen:
            raise Unsafe("The TIFF's directories go in a circle.")
        if len(seen) == MOST_DIRECTORIES:
            raise Unsafe(f"The TIFF has more than {MOST_DIRECTORIES} directories: no scanner writes so many.")
        seen.add(place)
        directory, place = one(file, place, shape)
        yield directory


def one(file: BinaryIO, place: int, shape: Shape) -> tuple[Directory, int]:
    """The directory at `place` and where the next one stands (0: there is none)."""
    file.seek(place)
    count = shape.count.unpack(file.read(shape.count.size))[0]
    if count > MOST_ENTRIES:
        raise Unsafe("A directory of the TIFF claims too many entries.")
    entries = file.read(count * shape.entry.size)
    sizes = dict.fromkeys((WIDTH, HEIGHT, TILE_WIDTH, TILE_HEIGHT), 0)
    for tag, kind, _, value in shape.entry.iter_unpack(entries):
        if tag in sizes:
            sizes[tag] = number(kind, value, shape.order)
    following = shape.offset.unpack(file.read(shape.offset.size))[0]
    return Directory(sizes[WIDTH], sizes[HEIGHT], sizes[TILE_WIDTH], sizes[TILE_HEIGHT]), following


def number(kind: int, value: bytes, order: str) -> int:
    letter = {SHORT: "H", LONG: "L", LONG8: "Q"}.get(kind)
    if letter is None:
        raise Unsafe("A size in the TIFF is no whole number.")
    return struct.unpack_from(order + letter, value)[0]
