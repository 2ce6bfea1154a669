"""Cutting a slide into tiles: every level whole, broken cuts gone on with, memory bounded by the tile."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import openslide
import pytest
import tifffile
from PIL import Image

from lims.demo.load_images import WHOLE_SLIDE as SLIDE
from specimens.tiles.cutting import TILE, grids

PEAK = (
    "import resource, sys; from specimens.tiles.cutting import main; code = main(*sys.argv[1:]); "
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss); sys.exit(code)"
)


def cut(original: Path, folder: Path) -> list[dict[str, object]]:
    """What the process said, line by line."""
    command = [sys.executable, "-m", "specimens.tiles.cutting", str(original), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return [json.loads(line) for line in done.stdout.splitlines()]


def put_together(folder: Path, level: int, width: int, height: int) -> Image.Image:
    whole = Image.new("RGB", (width, height))
    for path in (folder / str(level)).glob("*.jpeg"):
        column, row = map(int, path.stem.split("_"))
        with Image.open(path) as tile:
            whole.paste(tile, (column * TILE, row * TILE))
    return whole


def apart(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of two pictures, of 255."""
    return float(np.abs(np.asarray(one, dtype=float) - np.asarray(other, dtype=float)).mean())


def test_a_slide_becomes_every_level_of_its_pyramid(tmp_path: Path) -> None:
    said = cut(SLIDE, tmp_path)
    assert said[0] == {"done": 0, "total": 53}
    assert said[-1] == {"done": 53, "total": 53, "levels": 13, "tile": TILE, "finished": True}
    slide = openslide.OpenSlide(str(SLIDE))
    whole = slide.read_region((0, 0), 0, slide.dimensions).convert("RGB")
    for grid in grids(*slide.dimensions)[:4]:
        found = put_together(tmp_path, grid.level, grid.width, grid.height)
        # An odd side is halved upwards: the pictures lie up to a pixel apart. Another slide would be 40 apart.
        assert apart(found, whole.resize(found.size, Image.Resampling.BOX)) < 8


def test_the_label_and_macro_are_in_no_tile(tmp_path: Path) -> None:
    slide = openslide.OpenSlide(str(SLIDE))
    assert {"label", "macro"} <= set(slide.associated_images)
    said = cut(SLIDE, tmp_path)
    cells = sum(grid.columns * grid.rows for grid in grids(*slide.dimensions))
    assert said[-1]["total"] == cells == len(list(tmp_path.glob("*/*.jpeg")))


def test_a_cut_that_was_broken_off_goes_on(tmp_path: Path) -> None:
    cut(SLIDE, tmp_path)
    kept, lost = tmp_path / "12" / "0_0.jpeg", tmp_path / "11" / "1_1.jpeg"
    before = kept.stat().st_mtime_ns
    lost.unlink()
    lost.with_suffix(".part").write_bytes(b"half a til")
    assert cut(SLIDE, tmp_path)[-1]["finished"] is True
    assert kept.stat().st_mtime_ns == before
    with Image.open(lost) as tile:
        assert tile.size == (TILE, TILE)


@pytest.mark.parametrize("content", [b"no slide at all", b"II*\0" + b"\xff" * 60, b""])
def test_what_is_no_slide_is_refused_and_nothing_else_happens(tmp_path: Path, content: bytes) -> None:
    original = tmp_path / "slide.svs"
    original.write_bytes(content)
    said = cut(original, tmp_path / "tiles")
    assert len(said) == 1
    assert str(said[0]["refused"]).startswith("The slide cannot be read")


def a_pyramid(path: Path, side: int) -> None:
    """A tiled TIFF of one level, `side` pixels square, written tile by tile."""
    tile = np.full((TILE, TILE, 3), 200, dtype=np.uint8)
    with tifffile.TiffWriter(path, bigtiff=True) as file:
        count = (side // TILE) ** 2
        file.write(
            (tile for _ in range(count)), shape=(side, side, 3), dtype=np.uint8, tile=(TILE, TILE), photometric="rgb"
        )


def peak_kilobytes(original: Path, folder: Path) -> int:
    command = [sys.executable, "-c", PEAK, str(original), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout.splitlines()[-1])


def test_memory_is_bounded_by_the_tile_and_not_by_the_slide(tmp_path: Path) -> None:
    small, large = tmp_path / "small.tif", tmp_path / "large.tif"
    a_pyramid(small, 4 * TILE)
    a_pyramid(large, 16 * TILE)
    assert large.stat().st_size > 15 * small.stat().st_size
    assert peak_kilobytes(large, tmp_path / "b") < 1.3 * peak_kilobytes(small, tmp_path / "a")
