"""The scatter of reader against reader as an SVG file: numbers in, text out. Readable in grey."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

LEFT, TOP, SIDE = 64, 14, 560
WIDTH, HEIGHT = 740, 640
INK, SLATE, HAIR, EOSIN, DAB = "#1d1c24", "#54525f", "#9b98a5", "#a81e55", "#74441a"
FACE = "Helvetica Neue, Liberation Sans, Arial, sans-serif"
MOST_LABELS = 12


@dataclass(frozen=True, slots=True)
class Point:
    """One case: the first and the second reader's percentage."""

    first: float
    second: float
    label: str


@dataclass(frozen=True, slots=True)
class Counts:
    both_high: int
    first_high: int
    second_high: int
    both_low: int


def scatter(points: Sequence[Point], cutoff: float, counts: Counts) -> str:
    """The whole figure. `cutoff` is drawn on both axes; a point on the line is low."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
            f'height="{HEIGHT}" role="img" font-family="{FACE}" font-size="16" fill="{INK}">',
            f"<title>Read A against read B, CA-IX positive percent, {len(points)} cases</title>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
            *ground(cutoff),
            *axes(cutoff),
            *marks(points, cutoff),
            *quadrants(cutoff, counts),
            "</svg>",
        ]
    )


def across(value: float) -> float:
    return LEFT + SIDE * value / 100


def down(value: float) -> float:
    return TOP + SIDE * (1 - value / 100)


def ground(cutoff: float) -> Iterator[str]:
    """The two quadrants of agreement, lightly tinted; the frame; the line of identity."""
    x, y, right, foot = across(cutoff), down(cutoff), LEFT + SIDE, TOP + SIDE
    yield f'<rect x="{x:.1f}" y="{TOP}" width="{right - x:.1f}" height="{y - TOP:.1f}" fill="#f1e8de"/>'
    yield f'<rect x="{LEFT}" y="{y:.1f}" width="{x - LEFT:.1f}" height="{foot - y:.1f}" fill="#f7f6f3"/>'
    yield f'<rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#34323d"/>'
    yield f'<path d="M{LEFT} {foot}L{right} {TOP}" stroke="{HAIR}"/>'


def axes(cutoff: float) -> Iterator[str]:
    foot = TOP + SIDE
    for tick in (0, 20, 40, 60, 100):
        yield f'<path d="M{across(tick):.1f} {foot}v6M{LEFT} {down(tick):.1f}h-6" stroke="#34323d"/>'
        yield text(across(tick), foot + 25, str(tick), anchor="middle")
        yield text(LEFT - 10, down(tick) + 5.6, str(tick), anchor="end")
    x, y = across(cutoff), down(cutoff)
    line = f"M{x:.1f} {TOP - 8}V{foot + 8}M{LEFT - 8} {y:.1f}H{LEFT + SIDE + 8}"
    yield f'<path d="{line}" stroke="{DAB}" stroke-width="2" stroke-dasharray="7 4" fill="none"/>'
    yield text(x, foot + 25, f"{cutoff:g}", anchor="middle", fill=DAB, weight=700)
    yield text(LEFT - 10, y + 5.6, f"{cutoff:g}", anchor="end", fill=DAB, weight=700)
    yield text(LEFT + SIDE / 2, HEIGHT - 12, "Read A, % positive", anchor="middle", weight=600)
    middle = TOP + SIDE / 2
    yield (
        f'<text x="18" y="{middle}" text-anchor="middle" font-weight="600" '
        f'transform="rotate(-90 18 {middle})">'
        "Read B, % positive</text>"
    )


def marks(points: Sequence[Point], cutoff: float) -> Iterator[str]:
    """Filled circles where both reads are on one side of the cutoff, open diamonds where not."""
    apart = [p for p in points if (p.first > cutoff) != (p.second > cutoff)]
    for (first, second), cases in stacks(points, cutoff).items():
        yield (
            f'<circle cx="{across(first):.1f}" cy="{down(second):.1f}" r="{radius(cases, 5):.1f}" fill="{SLATE}" '
            'fill-opacity=".75" '
            'stroke="#fff" stroke-width="1.5"/>'
        )
    for number, p in enumerate(apart):
        x, y = across(p.first), down(p.second)
        yield (
            f'<rect x="{x - 6.5:.1f}" y="{y - 6.5:.1f}" width="13" height="13" '
            f'transform="rotate(45 {x:.1f} {y:.1f})" '
            f'fill="none" stroke="{EOSIN}" stroke-width="3"/>'
        )
        if len(apart) <= MOST_LABELS:
            beside = 1 if number % 2 else -1
            yield text(
                x + 14 * beside,
                y + 5,
                p.label,
                anchor="start" if number % 2 else "end",
                fill=EOSIN,
                weight=700,
                size=13,
            )


def stacks(points: Sequence[Point], cutoff: float) -> Counter[tuple[float, float]]:
    """How many cases with both reads on one side of the cutoff lie on each spot."""
    return Counter((p.first, p.second) for p in points if (p.first > cutoff) == (p.second > cutoff))


def radius(cases: int, least: float) -> float:
    """The circle grows with the cases that share it, up to what leaves its neighbours free."""
    return min(least * (0.75 + 0.25 * cases**0.5), 2 * least)


def quadrants(cutoff: float, counts: Counts) -> Iterator[str]:
    right, foot = LEFT + SIDE + 12, TOP + SIDE
    yield counted(LEFT + 12, down(cutoff) - 32, counts.second_high, "A low, B high", EOSIN)
    yield counted(LEFT + 12, down(cutoff) + 40, counts.both_low, "both low", INK)
    yield counted(right, down(cutoff) - 44, counts.both_high, "", INK)
    yield text(right, down(cutoff) - 22, "both high")
    yield counted(right, foot - 62, counts.first_high, "", EOSIN)
    yield text(right, foot - 40, "A high,", fill=EOSIN)
    yield text(right, foot - 20, "B low", fill=EOSIN)


def counted(x: float, y: float, count: int, words: str, fill: str) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{fill}"><tspan font-size="24" font-weight="700">{count}</tspan>'
        f'<tspan dx="6">{escape(words)}</tspan></text>'
    )


def text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    fill: str = INK,
    weight: int = 400,
    size: int = 16,
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}" font-weight="{weight}" '
        f'font-size="{size}">{escape(words)}</text>'
    )
