"""A small picture, as a scanner would send one."""

import io

from PIL import Image


def a_picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (24, 16), (140, 90, 40)).save(buffer, format="PNG")
    return buffer.getvalue()
