"""Measures the brown of one region: `python -m specimens.tiles.measuring FILE '{"shape": [[x, y], …], "mpp": 0.5}'`.

In a process of its own and at a bounded resolution, like everything that opens a picture. Colour deconvolution by the
vectors of Ruifrok and Johnston, as scikit-image has them. It sees brown area and blue spots, not cells.
"""

import json
import math
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import openslide
from PIL import Image, ImageDraw
from skimage.color import rgb2hed
from skimage.feature import peak_local_max
from skimage.filters import gaussian

from specimens.tiles.cutting import WHITE, limit, say

MOST_PIXELS = 2_000_000
MOST_READ = 16_000_000
TISSUE_DENSITY = 0.06
DAB_DENSITY = 0.2
NUCLEUS_DENSITY = 0.15
NUCLEUS_SIGMA_UM = 1.5
NUCLEUS_APART_UM = 3.0
COARSEST_UM = 1.0
LEAST_TISSUE = 1000
# scikit-image's unit is the natural logarithm by that of 1e-6; densities are decimal logarithms.
TO_DENSITY = -math.log10(1e-6)
Corners = Sequence[tuple[float, float]]


def main(path: str, told: str) -> int:
    limit()
    try:
        asked = json.loads(told)
        slide = openslide.open_slide(path)
        picture, inside, times = cut_out(slide, asked["shape"])
        say(**measured(picture, inside, asked["mpp"] * times if asked.get("mpp") else None))
    except TooCoarse as error:
        say(refused=str(error))
        return 1
    except (openslide.OpenSlideError, OSError, MemoryError, ValueError) as error:
        say(refused=f"The region cannot be read: {type(error).__name__}.")
        return 1
    return 0


class TooCoarse(Exception):
    """Nothing can be measured; the message is one sentence."""


def cut_out(slide: openslide.AbstractSlide, shape: Corners) -> tuple[np.ndarray, np.ndarray, float]:
    """The region's pixels, which of them lie inside, and how many pixels of the scan one of them is a side."""
    left, top = (max(0, math.floor(min(corner[axis] for corner in shape))) for axis in (0, 1))
    right, bottom = (min(slide.dimensions[axis], math.ceil(max(corner[axis] for corner in shape))) for axis in (0, 1))
    width, height = max(1, right - left), max(1, bottom - top)
    times = max(1.0, math.sqrt(width * height / MOST_PIXELS))
    level = slide.get_best_level_for_downsample(times)
    coarse = slide.level_downsamples[level]
    size = max(1, round(width / coarse)), max(1, round(height / coarse))
    if size[0] * size[1] > MOST_READ:
        raise TooCoarse("The region is too large for the resolutions of this file: mark a smaller one.")
    read = slide.read_region((left, top), level, size)
    plain = Image.new("RGB", size, WHITE)
    plain.paste(read, mask=read.getchannel("A"))
    small = max(1, round(width / times)), max(1, round(height / times))
    inside = Image.new("1", small)
    ImageDraw.Draw(inside).polygon([((x - left) / times, (y - top) / times) for x, y in shape], fill=1)
    return np.asarray(plain.resize(small, Image.Resampling.BOX)), np.asarray(inside), times


def measured(picture: np.ndarray, inside: np.ndarray, mpp: float | None) -> dict[str, Any]:
    """Percent of the tissue's area that is brown; nuclei where the scale is known and fine enough, else None."""
    density = -np.log10((picture.astype(np.float64) + 1) / 256).mean(axis=2)
    tissue = inside & (density > TISSUE_DENSITY)
    if tissue.sum() < LEAST_TISSUE:
        raise TooCoarse("There is hardly any tissue in the region.")
    stains = rgb2hed(picture) * TO_DENSITY
    brown = tissue & (stains[..., 2] > DAB_DENSITY)
    share = 100 * float(brown.sum()) / float(tissue.sum())
    return {"positive_area": round(share, 4), "nuclei": nuclei(stains[..., 0], tissue, mpp)}


def nuclei(haematoxylin: np.ndarray, tissue: np.ndarray, mpp: float | None) -> int | None:
    """How many peaks of haematoxylin there are, no nearer to each other than nuclei are."""
    if mpp is None or mpp > COARSEST_UM:
        return None
    smooth = gaussian(haematoxylin, sigma=NUCLEUS_SIGMA_UM / mpp)
    apart = max(1, round(NUCLEUS_APART_UM / mpp))
    peaks = peak_local_max(smooth, min_distance=apart, threshold_abs=NUCLEUS_DENSITY, labels=tissue.astype(int))
    return len(peaks)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
