"""Waiting times as boxes on one axis of days: a row a hospital. Filled points came, open points still wait."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from lims.web.drawing import HAIR, INK, PAPER, SLATE, VIOLET, WASH, box, line, picture, text, wrapped

MOST_POINTS = 60
STEPS = (1, 2, 5, 10, 20, 30, 60, 90, 180, 365)


@dataclass(frozen=True, slots=True)
class Strip:
    """One row: days of what came and of what waits, with the quartiles of what came."""

    title: str
    came: tuple[int, ...]
    waits: tuple[int, ...]
    quartiles: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A cut of the picture, in pixels; `letters` that a title's line holds."""

    width: int
    left: int
    row: int
    size: int
    letters: int
    above: bool


WIDE = Sheet(1000, 250, 44, 14, 30, above=False)
SMALL = Sheet(350, 10, 62, 15, 26, above=True)


def boxes(strips: Sequence[Strip], sheet: Sheet) -> str:
    longest = max([day for strip in strips for day in (*strip.came, *strip.waits)], default=1)
    step = next((s for s in STEPS if longest / s <= (5 if sheet.above else 9)), 730)
    end = max(step * ceil(longest / step), step)
    scale = (sheet.width - sheet.left - 24) / end
    foot = 10 + sheet.row * len(strips)
    parts = [*axis(sheet, step, end, scale, foot)]
    for place, strip in enumerate(strips):
        parts += drawn(strip, 10 + place * sheet.row, scale, sheet)
    title = f"Days from request to receipt, {len(strips)} rows, longest {longest} days"
    return picture(sheet.width, foot + 62, title, parts, sheet.size)


def axis(sheet: Sheet, step: int, end: int, scale: float, foot: float) -> Iterator[str]:
    for day in range(0, end + 1, step):
        x = sheet.left + day * scale
        yield line(f"M{x:.1f} 6V{foot}", HAIR, 0.6)
        yield text(x, foot + 20, str(day), anchor="middle", fill=SLATE, size=sheet.size)
    middle = sheet.left + end * scale / 2
    yield text(middle, foot + 44, "days from request to receipt", anchor="middle", weight=600, size=sheet.size)


def drawn(strip: Strip, top: float, scale: float, sheet: Sheet) -> Iterator[str]:
    middle = top + (sheet.row - 18 if sheet.above else sheet.row / 2)
    yield from titled(strip, top, middle, sheet)
    if strip.quartiles:
        low, half, high = (sheet.left + value * scale for value in strip.quartiles)
        ends = f"M{sheet.left + min(strip.came) * scale:.1f} {middle}H{sheet.left + max(strip.came) * scale:.1f}"
        yield line(ends, SLATE, 1.2)
        yield box(low, middle - 9, max(high - low, 2), 18, WASH, SLATE)
        yield line(f"M{half:.1f} {middle - 11}V{middle + 11}", VIOLET, 3.5)
    if len(strip.came) <= MOST_POINTS:
        yield from (point(sheet.left + day * scale, middle, SLATE) for day in strip.came)
    if len(strip.waits) <= MOST_POINTS:
        yield from (point(sheet.left + day * scale, middle, PAPER) for day in strip.waits)


def titled(strip: Strip, top: float, middle: float, sheet: Sheet) -> Iterator[str]:
    said = f"{len(strip.came):,} came, {len(strip.waits):,} waiting"
    if sheet.above:
        yield text(sheet.left, top + 18, wrapped(strip.title, sheet.letters)[0], weight=600, size=sheet.size)
        yield text(sheet.width - 10, top + 18, f"{len(strip.came)} + {len(strip.waits)}", anchor="end", fill=SLATE)
        return
    yield text(sheet.left - 14, middle - 2, wrapped(strip.title, sheet.letters)[0], anchor="end", weight=600)
    yield text(sheet.left - 14, middle + 15, said, anchor="end", fill=SLATE, size=sheet.size - 1)


def point(x: float, y: float, fill: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.4" fill="{fill}" fill-opacity=".85" stroke="{INK}"/>'
