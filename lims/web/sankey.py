"""The flow of tissue as a picture: what goes on runs along the top, what stops leaves it downward to its reason.

Two cuts of the same numbers: along for a desk, upright and in larger type for a phone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lims.web.drawing import HAIR, HATCHED, SLATE, VIOLET, WAIT, WASH, band, box, counted, line, picture, text, wrapped

MOST_REASONS = 5
MARK = 10


@dataclass(frozen=True, slots=True)
class Leaf:
    """Why so many come no further. `lost` for good, or only not yet."""

    words: str
    count: int
    lost: bool

    @property
    def fill(self) -> str:
        return SLATE if self.lost else WAIT

    @property
    def mark(self) -> str:
        """The fill of the square before the words: it tells the two apart without colour."""
        return SLATE if self.lost else HATCHED


@dataclass(frozen=True, slots=True)
class Step:
    """A stage, how many reached it, and why those stop who stop there."""

    title: str
    count: int
    leaves: tuple[Leaf, ...]

    @property
    def drawn(self) -> list[Leaf]:
        """The largest reasons; what is left over as one, lost and waiting apart."""
        kept = sorted(self.leaves, key=lambda leaf: -leaf.count)
        if len(kept) > MOST_REASONS:
            kept, over = kept[: MOST_REASONS - 2], kept[MOST_REASONS - 2 :]
            for lost, words in ((True, "other losses"), (False, "others, not yet")):
                if count := sum(leaf.count for leaf in over if leaf.lost == lost):
                    kept.append(Leaf(words, count, lost))
        return sorted(kept, key=lambda leaf: (not leaf.lost, -leaf.count))


def title_of(steps: Sequence[Step]) -> str:
    return "Flow of tissue in patients: " + ", ".join(f"{step.title.lower()} {step.count}" for step in steps)


def legend(x: float, y: float, size: float, gap: float = 16) -> Iterator[str]:
    at = x
    for fill, words in ((WASH, "goes on"), (SLATE, "lost"), (HATCHED, "not yet")):
        yield box(at, y - size * 0.8, size, size * 0.9, fill, HAIR)
        yield text(at + size + 6, y, words, fill=SLATE, size=size)
        at += size + 6 + len(words) * size * 0.52 + gap


# ---- along, for a desk ----
WIDTH, LEFT, TOP, TALL, BAR = 1240, 8, 64, 190, 12
ROW, LETTERS = 46, 18


def along(steps: Sequence[Step]) -> str:
    gap = (WIDTH - LEFT * 2 - 84) / (len(steps) - 1)
    most = max([len(step.drawn) for step in steps])
    height = TOP + TALL + 44 + ROW * most + 12
    scale = TALL / max(steps[0].count, 1)
    parts = [part for n, step in enumerate(steps) for part in along_step(steps, n, step, LEFT + n * gap, gap, scale)]
    return picture(WIDTH, height, title_of(steps), [*parts, *legend(LEFT, height - 10, 13)])


def along_step(steps: Sequence[Step], n: int, step: Step, x: float, gap: float, scale: float) -> Iterator[str]:
    height = step.count * scale
    onward = steps[n + 1].count * scale if n + 1 < len(steps) else height
    last = n + 1 == len(steps)
    if not last and onward:
        yield box(x + BAR, TOP, gap - BAR, max(onward, 1), WASH)
    foot, at = TOP + onward, TOP + TALL + 44
    for place, leaf in enumerate(() if last else step.drawn):
        thick = max(leaf.count * scale, 2)
        row = at + place * ROW
        yield band(x + BAR, foot, foot + thick, x + 44, row - thick / 2, row + thick / 2, leaf.fill)
        yield box(x + 42, row - MARK / 2, MARK, MARK, leaf.mark, SLATE)
        yield from labelled(x + 42 + MARK + 6, row, leaf)
        foot += leaf.count * scale
    yield box(x, TOP, BAR, max(height, 1.6), VIOLET)
    yield text(x, TOP - 32, step.title, weight=600, size=15)
    yield text(x, TOP - 10, f"{step.count:,}", weight=700, size=21)


def labelled(x: float, y: float, leaf: Leaf, size: float = 13, letters: int = LETTERS) -> Iterator[str]:
    """The number and its reason, in as many lines as it takes."""
    first, *rest = wrapped(f"{leaf.count:,} {leaf.words}", letters)
    yield counted(x, y + 5, leaf.count, first.partition(" ")[2], size=size)
    for n, words in enumerate(rest, start=1):
        yield text(x, y + 5 + n * (size + 4), words, fill=SLATE, size=size)


# ---- upright, for a phone ----
NARROW, WIDE, STAGE_ROW, LEAF_ROW, TWO_LINES = 350, 92, 40, 27, 20
UPRIGHT_LETTERS = 25


def upright(steps: Sequence[Step]) -> str:
    scale = WIDE / max(steps[0].count, 1)
    parts: list[str] = []
    y = 12.0
    for n, step in enumerate(steps):
        last = n + 1 == len(steps)
        room = 0 if last else sum(height_of(leaf) for leaf in step.drawn) + 10
        onward = None if last else steps[n + 1].count
        parts += upright_step(step, y, scale, room, onward)
        y += STAGE_ROW + room
    return picture(NARROW, y + 26, title_of(steps), [*parts, *legend(1, y + 14, 15, 12)], size=16)


def height_of(leaf: Leaf) -> int:
    return LEAF_ROW + TWO_LINES * (len(wrapped(f"{leaf.count:,} {leaf.words}", UPRIGHT_LETTERS)) - 1)


def upright_step(step: Step, y: float, scale: float, room: float, onward: int | None) -> Iterator[str]:
    under = y + STAGE_ROW - 14
    if onward is not None:
        yield box(0, under, max(onward * scale, 1), room + 14, WASH)
        at, row = onward * scale, under + 16
        for leaf in step.drawn:
            thick = leaf.count * scale
            yield line(f"M{at + thick / 2:.1f} {under}V{row:.1f}H{WIDE + 8}", leaf.fill, min(max(thick, 1.5), 8))
            yield box(WIDE + 8, row - MARK / 2, MARK, MARK, leaf.mark, SLATE)
            yield from labelled(WIDE + 26, row, leaf, 15, UPRIGHT_LETTERS)
            at += thick
            row += height_of(leaf)
    yield box(0, y + 12, max(step.count * scale, 2), STAGE_ROW - 26, VIOLET)
    yield (
        f'<text x="{WIDE + 8}" y="{y + 25:.1f}" font-size="17" font-weight="700">{step.count:,}'
        f'<tspan dx="7" font-weight="600">{step.title}</tspan></text>'
    )
