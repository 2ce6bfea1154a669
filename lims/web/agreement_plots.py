"""The other figures of the agreement page: differences against means, disagreement along the scale, drift.

Numbers in, SVG out, each in a wide and a small cut. What disagrees has a shape of its own beside its colour, so that
the figures read in grey.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lims.analysis.agreement import Limits
from lims.analysis.figures import Bin, Month
from lims.web.drawing import EOSIN, HAIR, HATCHED, INK, SLATE, VIOLET, box, line, picture, text
from lims.web.scatter import Counts, Point, radius, stacks

DAB, ZONE, FRAME = "#74441a", "#f1e8de", "#34323d"


@dataclass(frozen=True, slots=True)
class Frame:
    """A plot's box: pixels of the whole and of its margins, size of type, and the values at its edges."""

    width: float
    height: float
    left: float
    right: float
    top: float
    foot: float
    size: float
    low_x: float = 0
    high_x: float = 100
    low_y: float = 0
    high_y: float = 100

    def x(self, value: float) -> float:
        room = self.width - self.left - self.right
        return self.left + room * (value - self.low_x) / (self.high_x - self.low_x)

    def y(self, value: float) -> float:
        room = self.height - self.top - self.foot
        return self.top + room * (self.high_y - value) / (self.high_y - self.low_y)

    @property
    def ends(self) -> tuple[float, float, float, float]:
        """Left, top, right and foot of the box."""
        return self.left, self.top, self.width - self.right, self.height - self.foot


WIDE = Frame(740, 420, 66, 150, 16, 62, 15)
SMALL = Frame(350, 300, 44, 12, 14, 48, 12)


def around_box(frame: Frame, across: str, up: str) -> Iterator[str]:
    """The frame and what its axes say; the words of the upright axis stand above its ticks."""
    left, top, right, foot = frame.ends
    yield line(f"M{left:.1f} {top:.1f}H{right:.1f}V{foot:.1f}H{left:.1f}Z", FRAME)
    yield text((left + right) / 2, frame.height - 8, across, anchor="middle", weight=600, size=frame.size)
    middle, away = (top + foot) / 2, frame.size
    yield (
        f'<text x="{away:.1f}" y="{middle:.1f}" text-anchor="middle" font-weight="600" font-size="{frame.size:g}" '
        f'transform="rotate(-90 {away:.1f} {middle:.1f})">{up}</text>'
    )


def ticks(frame: Frame, across: Sequence[float], up: Sequence[float], unit: str = "") -> Iterator[str]:
    left, _, _, foot = frame.ends
    for value in across:
        yield line(f"M{frame.x(value):.1f} {foot:.1f}v5", FRAME)
        yield text(frame.x(value), foot + frame.size + 7, f"{value:g}", anchor="middle", size=frame.size)
    for value in up:
        yield line(f"M{left:.1f} {frame.y(value):.1f}h-5", FRAME)
        said = f"{value:g}{unit}".replace("-", "−")
        yield text(left - 8, frame.y(value) + frame.size / 3, said, anchor="end", size=frame.size)


def diamond(x: float, y: float, half: float = 5) -> str:
    return line(f"M{x:.1f} {y - half:.1f}l{half} {half}l-{half} {half}l-{half} -{half}Z", EOSIN, 2)


def dot(x: float, y: float, radius: float = 4, fill: str = SLATE) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{fill}"/>'


def cut(small: bool) -> Frame:
    return SMALL if small else WIDE


# ---- read against read, where the page is narrow ----
def scatter_small(points: Sequence[Point], cutoff: float, counts: Counts) -> str:
    """The scatter for a narrow page: the counts stand in the corners of their quadrants."""
    frame = replace(SMALL, height=SMALL.left + 280, left=44, right=16, foot=48)
    x, y, right, foot = frame.x(cutoff), frame.y(cutoff), frame.ends[2], frame.ends[3]
    apart = [p for p in points if (p.first > cutoff) != (p.second > cutoff)]
    parts = [
        box(x, frame.top, right - x, y - frame.top, ZONE),
        line(f"M{frame.x(0):.1f} {frame.y(0):.1f}L{right:.1f} {frame.top:.1f}", HAIR),
        *ticks(frame, (0, 20, 40, 60, cutoff), (0, 20, 40, 60, cutoff)),
        line(f"M{x:.1f} {frame.top:.1f}V{foot:.1f}M{frame.left:.1f} {y:.1f}H{right:.1f}", DAB, 1.5, "6 4"),
        *(dot(frame.x(a), frame.y(b), radius(n, 3)) for (a, b), n in stacks(points, cutoff).items()),
        *(diamond(frame.x(p.first), frame.y(p.second)) for p in apart),
        text(frame.left + 6, frame.top + 14, f"{counts.second_high} A low, B high", fill=EOSIN, weight=700),
        text(frame.left + 6, y + 16, f"{counts.both_low} both low", weight=700),
        text(x - 6, foot - 8, f"{counts.first_high} A high, B low", anchor="end", fill=EOSIN, weight=700),
        text(right - 4, frame.top + 14, f"{counts.both_high}", anchor="end", weight=700),
        *around_box(frame, "Read A, % positive", "Read B, % positive"),
    ]
    said = f"Read A against read B, CA-IX positive percent, {len(points)} cases"
    return picture(frame.width, frame.height, said, parts, frame.size)


# ---- difference against mean ----
def bland_altman(points: Sequence[Point], cutoff: float, limits: Limits | None, *, small: bool = False) -> str:
    """A − B over the mean of both, with limits of agreement; the wedge where two reads lie on either side of the
    cutoff is tinted."""
    farthest = max([20.0, *(abs(p.first - p.second) for p in points)])
    reach = min(100.0, -(-farthest // 10) * 10 + 5)
    frame = replace(cut(small), low_y=-reach, high_y=reach)
    step = 10 if reach <= 30 else 20 if reach <= 60 else 50
    up = [value for value in range(-100, 101, step) if abs(value) <= reach]
    parts = [
        wedge(frame, cutoff, reach),
        *ticks(frame, [v for v in (0, 20, 40, 60, 80, 100) if abs(v - cutoff) > 8], up),
        text(frame.x(cutoff), frame.ends[3] + frame.size + 7, f"{cutoff:g}", anchor="middle", fill=DAB, weight=700,
             size=frame.size),
        line(f"M{frame.left:.1f} {frame.y(0):.1f}H{frame.ends[2]:.1f}", HAIR),
        *(limit_lines(frame, limits, small=small) if limits else ()),
        *(differences(frame, points, cutoff)),
        *around_box(frame, "Mean of A and B, % positive", "A − B, points"),
    ]  # fmt: skip
    said = f"Difference of the two reads against their mean, CA-IX positive percent, {len(points)} cases"
    return picture(frame.width, frame.height, said, parts, frame.size)


def wedge(frame: Frame, cutoff: float, reach: float) -> str:
    """|A − B| above 2 |mean − cutoff|: there the two reads lie on different sides."""
    x, spread = frame.x, min(reach / 2, 100 - cutoff, cutoff)
    high, low = frame.y(2 * spread), frame.y(-2 * spread)
    left, right, middle = x(cutoff - spread), x(cutoff + spread), x(cutoff)
    yes = frame.y(0)
    return (
        f'<path d="M{middle:.1f} {yes:.1f}L{left:.1f} {high:.1f}H{right:.1f}Z'
        f'M{middle:.1f} {yes:.1f}L{left:.1f} {low:.1f}H{right:.1f}Z" fill="{ZONE}"/>'
    )


def limit_lines(frame: Frame, limits: Limits, *, small: bool) -> Iterator[str]:
    right = frame.ends[2]
    for value, words, dash in (
        (limits.high, "upper limit", "7 4"),
        (limits.mean, "mean", ""),
        (limits.low, "lower limit", "7 4"),
    ):
        y = frame.y(value)
        yield line(f"M{frame.left:.1f} {y:.1f}H{right:.1f}", INK, 1.5, dash)
        if not small:
            said = f"{words} {value:+.1f}".replace("-", "−")
            yield text(right + 8, y + 5, said, size=frame.size - 1)


def differences(frame: Frame, points: Sequence[Point], cutoff: float) -> Iterator[str]:
    for (first, second), cases in stacks(points, cutoff).items():
        yield dot(frame.x((first + second) / 2), frame.y(first - second), radius(cases, 3))
    for p in points:
        if (p.first > cutoff) != (p.second > cutoff):
            yield diamond(frame.x((p.first + p.second) / 2), frame.y(p.first - p.second))


# ---- disagreement along the scale ----
def along_scale(bins: Sequence[Bin], cutoff: float, *, small: bool = False) -> str:
    """The share of pairs on different sides of the cutoff, by the pair's mean percentage."""
    frame = replace(cut(small), right=12)
    parts = [
        *ticks(frame, [v for v in (0, 20, 40, 60, 80, 100) if abs(v - cutoff) > 8], (0, 25, 50, 75, 100)),
        *(bar for each in bins for bar in bars(frame, each, small=small)),
        line(f"M{frame.x(cutoff):.1f} {frame.top - 6:.1f}V{frame.ends[3] + 8:.1f}", DAB, 2, "7 4"),
        text(frame.x(cutoff), frame.ends[3] + frame.size + 9, f"{cutoff:g}", anchor="middle", fill=DAB, weight=700,
             size=frame.size),
        *around_box(frame, "Mean of A and B, % positive", "On different sides, %"),
    ]  # fmt: skip
    said = f"Share of pairs on different sides of {cutoff:g} by their mean percentage"
    return picture(frame.width, frame.height, said, parts, frame.size)


def bars(frame: Frame, each: Bin, *, small: bool) -> Iterator[str]:
    """A hatched bar of the share; above it how many of how many. An empty bin shows nothing."""
    if not each.n:
        return
    x, wide = frame.x(each.low) + 1, frame.x(each.high) - frame.x(each.low) - 2
    top = frame.y(100 * (each.share or 0))
    yield box(x, top, wide, frame.ends[3] - top, HATCHED, EOSIN if each.apart else "")
    if each.apart:
        yield text(x + wide / 2, top - 5, str(each.apart), anchor="middle", weight=700, fill=EOSIN, size=frame.size - 1)
    if not small:
        yield text(x + wide / 2, frame.ends[3] - 5, str(each.n), anchor="middle", fill=INK, size=frame.size - 4)


# ---- drift ----
HIGH, HIGH_SMALL = 130, 110
MOST_READERS = 8


def drift(months: Sequence[Month], *, small: bool = False) -> str:
    """A panel a reader, the same scale for all: the mean signed difference of each month between control limits."""
    readers = list(dict.fromkeys(each.reader for each in months))[:MOST_READERS]
    every = sorted({each.month for each in months})
    high = HIGH_SMALL if small else HIGH
    reach = max([5.0, *(abs(v) for m in months for v in (m.difference, m.low, m.high) if v is not None)]) * 1.1
    base = replace(cut(small), right=12, low_y=-reach, high_y=reach, low_x=-0.5, high_x=max(len(every) - 0.5, 0.5))
    whole = 30 + high * len(readers) + 40
    parts: list[str] = []
    for n, reader in enumerate(readers):
        frame = replace(base, height=whole, top=26 + n * high, foot=whole - (26 + (n + 1) * high - 30))
        mine = {every.index(each.month): each for each in months if each.reader == reader}
        parts += panel(frame, reader, mine)
    parts += dates(replace(base, height=whole), every, 26 + high * len(readers) - 30, small=small)
    said = "Mean difference of each reader's CA-IX reads to what the cases concluded with, month by month"
    return picture(base.width, whole, said, parts, base.size)


def panel(frame: Frame, reader: str, months: dict[int, Month]) -> Iterator[str]:
    left, top, right, foot = frame.ends
    yield text(left, top - 6, reader, weight=700, size=frame.size)
    limits = [(place, m.low, m.high) for place, m in months.items() if m.low is not None and m.high is not None]
    for place, low, high in limits:
        x, to = frame.x(place - 0.5), frame.x(place + 0.5)
        yield box(x, frame.y(high), to - x, frame.y(low) - frame.y(high), "#efedf3")
        yield line(f"M{x:.1f} {frame.y(high):.1f}H{to:.1f}M{x:.1f} {frame.y(low):.1f}H{to:.1f}", SLATE, 1, "4 3")
    yield line(f"M{left:.1f} {frame.y(0):.1f}H{right:.1f}", HAIR)
    path = "L".join(f"{frame.x(place):.1f} {frame.y(m.difference):.1f}" for place, m in sorted(months.items()))
    yield line(f"M{path}", VIOLET, 1.5)
    for place, m in months.items():
        x, y = frame.x(place), frame.y(m.difference)
        yield diamond(x, y) if m.out else dot(x, y, 3.5, VIOLET)
    yield line(f"M{left:.1f} {top:.1f}H{right:.1f}V{foot:.1f}H{left:.1f}Z", FRAME)
    rounded = frame.high_y // 5 * 5 or 5
    for value in (-rounded, 0, rounded):
        said = f"{value:+g}".replace("-", "−") if value else "0"
        yield text(left - 7, frame.y(value) + frame.size / 3, said, anchor="end", size=frame.size - 2)


def dates(frame: Frame, every: Sequence[str], foot: float, *, small: bool) -> Iterator[str]:
    """As many months as there is room for, the first and last among them."""
    most = 4 if small else 9
    step = max(1, -(-(len(every) - 1) // (most - 1))) if len(every) > 1 else 1
    for place in range(0, len(every), step):
        yield text(frame.x(place), foot + frame.size + 8, every[place], anchor="middle", size=frame.size - 1)
    yield text((frame.left + frame.ends[2]) / 2, foot + 2 * frame.size + 16, "Month of signing", anchor="middle",
               weight=600, size=frame.size)  # fmt: skip
