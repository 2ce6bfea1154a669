"""A synthetic whole slide of any size, as a scanner's software writes one: levels of tiles, a thumbnail, a label.

Its tissue is noise in the colours of haematoxylin and DAB; a few tiles are used over and over, so that gigabytes are
written in seconds. Nothing of it was ever scanned.
"""

from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

TILE = 512
STAINS = np.array([[92, 76, 150], [130, 84, 40], [236, 230, 238]])
SOFTWARE = "Aperio Image Library v12"


def noise(seed: int) -> np.ndarray:
    """One tile of stained noise."""
    dice = np.random.default_rng(seed)
    coarse = dice.choice(3, size=(TILE // 8, TILE // 8), p=[0.3, 0.3, 0.4]).repeat(8, axis=0).repeat(8, axis=1)
    return np.clip(STAINS[coarse] + dice.normal(0, 12, size=(TILE, TILE, 3)), 0, 255).astype(np.uint8)


def write(path: Path, columns: int, rows: int, *, mpp: float = 0.5, label: Image.Image | None = None,
          words: str = "") -> int:  # fmt: skip
    """Write a slide of `columns` x `rows` tiles of 512 pixels; gives its size in bytes. `words` go into its
    description, where some scanners write a name."""
    pool = [noise(seed) for seed in range(4)]
    said = f"{SOFTWARE}\r\n{columns * TILE}x{rows * TILE} synthetic {words}|AppMag = 20|MPP = {mpp}"
    with tifffile.TiffWriter(path, bigtiff=True) as file:
        level(file, pool, columns, rows, said)
        picture(file, np.full((64, 64, 3), 230, dtype=np.uint8), "thumbnail", 0)
        while max(columns, rows) > 4:
            columns, rows = max(1, columns // 4), max(1, rows // 4)
            level(file, pool, columns, rows, f"{SOFTWARE}\r\n{columns * TILE}x{rows * TILE}")
        if label:
            picture(file, np.asarray(label), "label", 1)
            picture(file, np.asarray(label), "macro", 9)
    return path.stat().st_size


def level(file: tifffile.TiffWriter, pool: list[np.ndarray], columns: int, rows: int, said: str) -> None:
    file.write(
        (pool[number % len(pool)] for number in range(columns * rows)),
        shape=(rows * TILE, columns * TILE, 3), dtype=np.uint8, tile=(TILE, TILE), photometric="rgb",
        description=said, metadata=None,
    )  # fmt: skip


def picture(file: tifffile.TiffWriter, pixels: np.ndarray, name: str, kind: int) -> None:
    size = f"{pixels.shape[1]}x{pixels.shape[0]}"
    file.write(pixels, photometric="rgb", description=f"{SOFTWARE}\r\n{name} {size}", metadata=None, subfiletype=kind)
