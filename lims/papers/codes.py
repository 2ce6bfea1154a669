"""Data Matrix codes, as pictures for a PDF."""

import zxingcpp
from PIL import Image


def matrix_code(text: str, *, pixels: int = 0) -> Image.Image:
    """The square Data Matrix of `text` in black and white, one pixel a module (or scaled to about `pixels`)."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, force_square=True)
    plain = Image.fromarray(zxingcpp.write_barcode_to_image(code, scale=1))
    if pixels <= plain.width:
        return plain
    factor = pixels // plain.width
    return plain.resize((plain.width * factor, plain.height * factor), Image.Resampling.NEAREST)
