"""TIFF headers: what a slide says of itself, and what hostile files say."""

import struct
from pathlib import Path

import pytest

from lims.demo.load_images import WHOLE_SLIDE as SLIDE
from specimens.tiles.headers import MOST_DIRECTORIES, Unsafe, directories

WIDTH = struct.pack("<HHLL", 256, 4, 1, 100)


def a_tiff(tmp_path: Path, body: bytes) -> Path:
    """A classic little-endian TIFF whose first directory stands at byte 8."""
    path = tmp_path / "slide.tif"
    path.write_bytes(b"II*\0" + struct.pack("<L", 8) + body)
    return path


def a_directory(following: int) -> bytes:
    return struct.pack("<H", 1) + WIDTH + struct.pack("<L", following)


def test_the_directories_of_a_real_slide() -> None:
    found = directories(SLIDE)
    assert [(each.width, each.height) for each in found] == [(2220, 2967), (574, 768), (387, 463), (1280, 431)]
    assert (found[0].tile_width, found[0].tile_height) == (240, 240)


def test_a_million_directories_are_not_followed(tmp_path: Path) -> None:
    size = len(a_directory(0))
    body = b"".join(a_directory(8 + size * (number + 1)) for number in range(1_000_000))
    with pytest.raises(Unsafe, match=f"more than {MOST_DIRECTORIES} directories"):
        directories(a_tiff(tmp_path, body))


def test_a_circle_is_seen(tmp_path: Path) -> None:
    with pytest.raises(Unsafe, match="go in a circle"):
        directories(a_tiff(tmp_path, a_directory(8)))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "cut short or broken"),
        (struct.pack("<H", 3) + WIDTH, "cut short or broken"),
        (struct.pack("<H", 60_000), "too many entries"),
        (struct.pack("<H", 1) + struct.pack("<HHLL", 256, 11, 1, 0) + b"\0\0\0\0", "no whole number"),
    ],
)
def test_a_broken_directory_is_refused(tmp_path: Path, body: bytes, words: str) -> None:
    with pytest.raises(Unsafe, match=words):
        directories(a_tiff(tmp_path, body))


def test_a_big_tiff_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "big.tif"
    entry = struct.pack("<HHQQ", 257, 16, 1, 70_000)
    path.write_bytes(b"II+\0" + struct.pack("<HHQ", 8, 0, 16) + struct.pack("<Q", 1) + entry + struct.pack("<Q", 0))
    assert [each.height for each in directories(path)] == [70_000]


def test_what_is_no_tiff_says_so(tmp_path: Path) -> None:
    path = tmp_path / "slide.svs"
    path.write_bytes(b"<svg onload='alert(1)'/>")
    with pytest.raises(Unsafe, match="no TIFF, whatever its name says"):
        directories(path)
