"""Cuts a slide into deep-zoom tiles: `python -m specimens.tiles.cutting ORIGINAL FOLDER`.

A process of its own, with limits of its own: what a broken file does to a decoder happens here and nowhere
else. Memory is bounded by the tile and never by the slide: the finest level is read tile by tile, each coarser
tile is made of the four below it. Tiles that are there already are kept, so a cut that was broken off goes on.
Prints one JSON line when it begins, as it goes, and at the end.
"""

import io
import json
import math
import os
import resource
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import openslide
from PIL import Image

TILE = 512
QUALITY = 85
MOST_MEMORY = 2 * 1024**3
MOST_SECONDS = 3600
SAY_EVERY = 50
WHITE = (255, 255, 255)
OVERVIEW = "overview.jpeg"
OVERVIEW_SIDE = 1024
MOST_OVERVIEW_PIXELS = 4_000_000


@dataclass(frozen=True, slots=True)
class Grid:
    """One level of the pyramid: its size in pixels, its tiles across and down."""

    level: int
    width: int
    height: int

    @property
    def columns(self) -> int:
        return math.ceil(self.width / TILE)

    @property
    def rows(self) -> int:
        return math.ceil(self.height / TILE)

    def places(self) -> Iterator[tuple[int, int]]:
        return ((column, row) for row in range(self.rows) for column in range(self.columns))

    def size_of(self, column: int, row: int) -> tuple[int, int]:
        """Width and height of one tile; the last ones are what is left."""
        return min(TILE, self.width - column * TILE), min(TILE, self.height - row * TILE)


def grids(width: int, height: int) -> list[Grid]:
    """Every level, finest first, down to a single pixel, as the viewer counts them."""
    top = math.ceil(math.log2(max(width, height))) if max(width, height) > 1 else 0
    return [Grid(top - step, math.ceil(width / 2**step), math.ceil(height / 2**step)) for step in range(top + 1)]


def name_of(folder: Path, level: int, column: int, row: int) -> Path:
    return folder / str(level) / f"{column}_{row}.jpeg"


def keep(path: Path, tile: Image.Image) -> None:
    """Write the tile so that it is whole or not there."""
    buffer = io.BytesIO()
    tile.save(buffer, format="JPEG", quality=QUALITY)
    beside = path.with_suffix(f".{os.getpid()}.part")
    beside.write_bytes(buffer.getvalue())
    beside.replace(path)


def finest(slide: openslide.AbstractSlide, grid: Grid, column: int, row: int) -> Image.Image:
    """One tile of the slide as scanned, on white where the scanner saw nothing."""
    size = grid.size_of(column, row)
    read = slide.read_region((column * TILE, row * TILE), 0, size)
    plain = Image.new("RGB", size, WHITE)
    plain.paste(read, mask=read.getchannel("A"))
    return plain


def coarser(folder: Path, below: Grid, grid: Grid, column: int, row: int) -> Image.Image:
    """One tile made of the (up to) four that it covers."""
    width, height = grid.size_of(column, row)
    four = Image.new(
        "RGB", (min(2 * TILE, below.width - 2 * column * TILE), min(2 * TILE, below.height - 2 * row * TILE))
    )
    for across in (0, 1):
        for down in (0, 1):
            place = 2 * column + across, 2 * row + down
            if place[0] < below.columns and place[1] < below.rows:
                with Image.open(name_of(folder, below.level, *place)) as tile:
                    four.paste(tile, (across * TILE, down * TILE))
    return four.resize((width, height), Image.Resampling.BOX)


def overview(slide: openslide.AbstractSlide, folder: Path) -> None:
    """The whole slide small, while its tiles are being cut: from a level that is small enough to be read whole."""
    path = folder / OVERVIEW
    level = slide.get_best_level_for_downsample(max(1, max(slide.dimensions) / OVERVIEW_SIDE))
    width, height = slide.level_dimensions[level]
    if path.exists() or width * height > MOST_OVERVIEW_PIXELS:
        return
    read = slide.read_region((0, 0), level, (width, height))
    plain = Image.new("RGB", read.size, WHITE)
    plain.paste(read, mask=read.getchannel("A"))
    plain.thumbnail((OVERVIEW_SIDE, OVERVIEW_SIDE))
    keep(path, plain)


def overview_of_tiles(levels: list[Grid], folder: Path) -> None:
    """The finest level that is one tile alone, where the slide has no small level of its own."""
    path = folder / OVERVIEW
    if not path.exists():
        grid = next(grid for grid in levels if grid.columns == grid.rows == 1)
        with Image.open(name_of(folder, grid.level, 0, 0)) as tile:
            keep(path, tile.convert("RGB"))


def cut(slide: openslide.AbstractSlide, folder: Path) -> None:
    """Cut every tile of every level that is not there yet, saying how far it is."""
    levels = grids(*slide.dimensions)
    total = sum(grid.columns * grid.rows for grid in levels)
    done = 0
    say(done=0, total=total)
    overview(slide, folder)
    below = levels[0]
    for grid in levels:
        (folder / str(grid.level)).mkdir(parents=True, exist_ok=True)
        for column, row in grid.places():
            path = name_of(folder, grid.level, column, row)
            if not path.exists():
                tile = (
                    finest(slide, grid, column, row) if grid is levels[0] else coarser(folder, below, grid, column, row)
                )
                keep(path, tile)
            done += 1
            if done % SAY_EVERY == 0:
                say(done=done, total=total)
        below = grid
    overview_of_tiles(levels, folder)
    say(done=total, total=total, levels=len(levels), tile=TILE, finished=True)


def say(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def limit() -> None:
    """No more memory and no more time than a slide needs, whatever the file claims."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(original: str, folder: str) -> int:
    limit()
    try:
        slide = openslide.open_slide(original)
        cut(slide, Path(folder))
    except (openslide.OpenSlideError, OSError, MemoryError, ValueError) as error:
        say(refused=f"The slide cannot be read: {type(error).__name__} {error}".strip()[:300])
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
