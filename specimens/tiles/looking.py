"""What a slide file is: `python -m specimens.tiles.looking FILE` prints one JSON line. In a process of its own,
because the decoder meets bytes that a stranger sent."""

import sys
from pathlib import Path

import openslide

from specimens.tiles.cutting import limit, say
from specimens.tiles.headers import Unsafe, directories, is_tiff

MPP = ("openslide.mpp-x", "openslide.mpp-y")


def main(path: str) -> int:
    limit()
    try:
        with Path(path).open("rb") as file:
            start = file.read(16)
        if is_tiff(start):
            directories(Path(path))
        described = openslide.OpenSlide.detect_format(path)
        if described is None:
            say(refused="The file is no whole-slide format that is read here (SVS or a pyramidal TIFF).", plain=True)
            return 1
        slide = openslide.OpenSlide(path)
        width, height = slide.dimensions
        say(format=described, width=width, height=height, mpp=mpp(slide), magnification=magnification(slide))
    except Unsafe as error:
        say(refused=str(error))
        return 1
    except (openslide.OpenSlideError, OSError, MemoryError, ValueError) as error:
        say(refused=f"The slide cannot be read: {type(error).__name__}.")
        return 1
    return 0


def mpp(slide: openslide.OpenSlide) -> float | None:
    """Micrometres a pixel: the mean of both directions, None unless both are told and plausible."""
    try:
        sides = [float(slide.properties[name]) for name in MPP]
    except (KeyError, ValueError):
        return None
    mean = sum(sides) / 2
    return mean if 0.01 < mean < 100 else None


def magnification(slide: openslide.OpenSlide) -> float | None:
    try:
        power = float(slide.properties["openslide.objective-power"])
    except (KeyError, ValueError):
        return None
    return power if 0.5 <= power <= 200 else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
