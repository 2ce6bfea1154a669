"""Data Matrix codes, as pictures and as squares to draw."""

from functools import lru_cache

import zxingcpp
from PIL import Image

LARGEST = 18
"""Modules along the side of the largest code an accession number needs, its quiet zone included."""


def matrix_code(text: str, *, pixels: int = 0) -> Image.Image:
    """The square Data Matrix of `text` in black and white, one pixel a module (or scaled to about `pixels`)."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
    plain = Image.fromarray(zxingcpp.write_barcode_to_image(code, scale=1))
    if pixels <= plain.width:
        return plain
    factor = pixels // plain.width
    return plain.resize((plain.width * factor, plain.height * factor), Image.Resampling.NEAREST)


@lru_cache(maxsize=1024)
def dark_runs(text: str) -> tuple[int, tuple[tuple[int, int, int], ...]]:
    """(modules along a side with the quiet zone, runs of dark modules as (row, first column, length))."""
    picture = matrix_code(text)
    side, dark, runs = picture.width, picture.load(), []
    for row in range(side):
        start = None
        for column in range(side + 1):
            is_dark = column < side and dark[column, row] < 128  # type: ignore[index, operator]
            if is_dark and start is None:
                start = column
            if not is_dark and start is not None:
                runs.append((row, start, column - start))
                start = None
    return side, tuple(runs)
