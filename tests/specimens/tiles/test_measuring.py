"""Brown area and nuclei of a region, from pictures whose answer is known."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from lims.bench import pyramid

BROWN, BLUE, WHITE = (140, 90, 50), (150, 160, 200), (250, 250, 250)
WHOLE = [[0, 0], [400, 0], [400, 400], [0, 400]]


def measured(path: Path, shape: list[list[float]], mpp: float | None = None) -> dict[str, object]:
    command = [sys.executable, "-m", "specimens.tiles.measuring", str(path), json.dumps({"shape": shape, "mpp": mpp})]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def quarters(tmp_path: Path) -> Path:
    """A quarter brown, a quarter blue, half bare glass."""
    picture = Image.new("RGB", (400, 400), WHITE)
    picture.paste(BROWN, (0, 0, 200, 200))
    picture.paste(BLUE, (200, 0, 400, 200))
    picture.save(tmp_path / "quarters.png")
    return tmp_path / "quarters.png"


def test_brown_is_a_share_of_the_tissue_and_not_of_the_glass(quarters: Path) -> None:
    assert measured(quarters, WHOLE) == {"positive_area": 50.0, "nuclei": None}


def test_only_the_region_counts(quarters: Path) -> None:
    assert measured(quarters, [[10, 10], [190, 10], [190, 190], [10, 190]])["positive_area"] == 100
    assert measured(quarters, [[210, 10], [390, 10], [390, 190]])["positive_area"] == 0
    across = [[150, 0], [350, 0], [350, 200], [150, 200]]
    assert measured(quarters, across)["positive_area"] == pytest.approx(25, abs=1)


def test_bare_glass_is_not_measured(quarters: Path) -> None:
    said = measured(quarters, [[10, 250], [390, 250], [390, 390]])
    assert said == {"refused": "There is hardly any tissue in the region."}


def test_nuclei_are_counted_where_the_scale_is_known_and_fine_enough(tmp_path: Path) -> None:
    picture = Image.new("RGB", (400, 400), (215, 215, 235))
    draw = ImageDraw.Draw(picture)
    for across in range(8):
        for down in range(5):
            x, y = 30 + 46 * across, 40 + 70 * down
            draw.ellipse((x - 7, y - 7, x + 7, y + 7), fill=(70, 60, 140))
    picture.save(tmp_path / "nuclei.png")
    assert measured(tmp_path / "nuclei.png", WHOLE, mpp=0.5)["nuclei"] == 40
    assert measured(tmp_path / "nuclei.png", WHOLE, mpp=4.0)["nuclei"] is None
    assert measured(tmp_path / "nuclei.png", WHOLE)["nuclei"] is None


def test_a_large_region_is_measured_at_a_coarser_level(tmp_path: Path) -> None:
    path = tmp_path / "large.svs"
    pyramid.write(path, 16, 16)
    side = 16 * pyramid.TILE
    said = measured(path, [[0, 0], [side, 0], [side, side], [0, side]], mpp=0.5)
    tile = pyramid.noise(0)
    Image.fromarray(np.asarray(tile)).save(tmp_path / "tile.png")
    alone = measured(tmp_path / "tile.png", [[0, 0], [512, 0], [512, 512], [0, 512]])
    assert said["positive_area"] == pytest.approx(alone["positive_area"], abs=8)
    assert said["nuclei"] is None


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    assert str(measured(tmp_path / "a.png", WHOLE)["refused"]).startswith("The region cannot be read")
