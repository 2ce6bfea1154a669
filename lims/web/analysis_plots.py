"""Figures of the analysis desk: ROC, odds ratio by cutoff, where cutoffs wander, survival, forest. Readable in grey."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from lims.analysis.cutoff import Explored
from lims.analysis.linked import Subgroup
from lims.analysis.survival import Curve
from lims.web.agreement_plots import DAB, WIDE, Frame, around_box, dot, ticks
from lims.web.drawing import EOSIN, HAIR, HATCHED, INK, PAPER, SLATE, VIOLET, box, line, picture, text

HEAD = re.compile(r'viewBox="0 0 ([0-9.]+) ([0-9.]+)" width="[0-9.]+" height="[0-9.]+"')
DASHES = ("", "9 4", "2 4", "12 4 2 4", "5 5")
COLOURS = (INK, VIOLET, EOSIN, DAB, SLATE)
LEAST, MOST = 0.05, 200.0


def noted(svg: str, words: str) -> str:
    """The figure with a line below it, which goes wherever the figure goes."""
    head = HEAD.search(svg)
    assert head, "a picture of lims.web.drawing"
    width, height = float(head[1]), float(head[2])
    taller = f'viewBox="0 0 {width:g} {height + 24:g}" width="{width:g}" height="{height + 24:g}"'
    paper = box(0, height, width, 24, PAPER)
    return svg.replace(head[0], taller, 1).replace("</svg>", f"{paper}{text(12, height + 14, words, size=12)}</svg>")


def roc(found: Explored, name: str) -> str:
    """Sensitivity over 1 - specificity; the data's own cutoff as a diamond."""
    frame = replace(WIDE, height=560.0, low_x=0, high_x=1, low_y=0, high_y=1)
    steps = [(1.0, 1.0), *((1 - each.specificity, each.sensitivity) for each in found.sweep), (0.0, 0.0)]
    path = "L".join(f"{frame.x(x):.1f} {frame.y(y):.1f}" for x, y in steps)
    own = next((each for each in found.sweep if found.chosen and each.cutoff == found.chosen.cutoff), None)
    said = f"area {found.area:.3f}" if found.area is not None else "area undefined"
    parts = [
        *ticks(frame, (0, 0.25, 0.5, 0.75, 1), (0, 0.25, 0.5, 0.75, 1)),
        line(f"M{frame.x(0):.1f} {frame.y(0):.1f}L{frame.x(1):.1f} {frame.y(1):.1f}", HAIR, 1, "4 4"),
        line(f"M{path}", INK, 2),
        *(mark(frame.x(1 - own.specificity), frame.y(own.sensitivity), f"{own.cutoff:g}") if own else ()),
        text(frame.x(0.98), frame.y(0.04), said, anchor="end", weight=600, size=frame.size),
        *around_box(frame, "1 − specificity", "Sensitivity"),
    ]
    return picture(frame.width, frame.height, f"ROC curve of {name}, {said}", parts, frame.size)


def mark(x: float, y: float, words: str) -> Iterator[str]:
    yield line(f"M{x:.1f} {y - 7:.1f}l7 7l-7 7l-7 -7Z", EOSIN, 2.5)
    yield text(x + 12, y + 18, words, fill=EOSIN, weight=700)


def odds(found: Explored, name: str, protocol: float | None) -> str:
    """Odds ratio with interval at every cutoff, on a logarithmic scale; the protocol's cutoff is dashed."""
    cutoffs = [each.cutoff for each in found.sweep] or [0.0, 1.0]
    span = (min(cutoffs), max(max(cutoffs), min(cutoffs) + 1))
    frame = replace(WIDE, right=20.0, low_x=span[0], high_x=span[1], low_y=math.log10(LEAST), high_y=math.log10(MOST))
    shown = [each for each in found.sweep if each.odds_ratio and each.low and each.high]
    parts = [
        *ticks(frame, even(*span), ()),
        *(piece for value in (0.1, 1, 10, 100) for piece in log_tick(frame, value)),
        line(f"M{frame.left:.1f} {frame.y(0):.1f}H{frame.ends[2]:.1f}", HAIR, 1, "4 4"),
        *(line(f"M{frame.x(each.cutoff):.1f} {held(frame, each.low or 0):.1f}V{held(frame, each.high or 0):.1f}", SLATE)
          for each in shown),
        *(dot(frame.x(each.cutoff), held(frame, each.odds_ratio or 1), 3.5) for each in shown),
        *(protocol_line(frame, protocol) if protocol is not None and span[0] <= protocol <= span[1] else ()),
        *around_box(frame, f"Cutoff, {name}", "Odds ratio"),
    ]  # fmt: skip
    return picture(frame.width, frame.height, f"Odds ratio by cutoff of {name}", parts, frame.size)


def held(frame: Frame, value: float) -> float:
    """A ratio's height, held within the frame."""
    return frame.y(math.log10(min(max(value, LEAST), MOST)))


def log_tick(frame: Frame, value: float) -> Iterator[str]:
    y, left, size = held(frame, value), frame.ends[0], frame.size
    yield line(f"M{left:.1f} {y:.1f}h-5")
    yield text(left - 8, y + size / 3, f"{value:g}", anchor="end", size=size)


def protocol_line(frame: Frame, value: float) -> Iterator[str]:
    x, (_, top, _, foot) = frame.x(value), frame.ends
    yield line(f"M{x:.1f} {top:.1f}V{foot:.1f}", DAB, 2, "7 4")
    yield text(x - 6, top + 16, f"{value:g}, the rule’s", anchor="end", fill=DAB, weight=700)


def even(low: float, high: float) -> list[float]:
    """About five round values between the ends."""
    step = 10 ** math.floor(math.log10((high - low) or 1))
    step *= next(by for by in (0.2, 0.5, 1, 2, 5, 10) if (high - low) / (step * by) <= 6)
    return [round(n * step, 6) for n in range(math.ceil(low / step), math.floor(high / step) + 1)]


def wandering(found: Explored, name: str) -> str:
    """How often each cutoff was the best one in a sample drawn again."""
    spread = found.chosen.spread if found.chosen else ()
    values = [value for value, _ in spread] or [0.0]
    span = (min(values) - 1, max(values) + 1)
    most = max((count for _, count in spread), default=1)
    frame = replace(WIDE, right=20.0, low_x=span[0], high_x=span[1], low_y=0, high_y=most * 1.08)
    parts = [
        *ticks(frame, even(*span), even(0, most)),
        *(box(frame.x(value) - 3, frame.y(count), 6, frame.ends[3] - frame.y(count), HATCHED, EOSIN)
          for value, count in spread),
        *around_box(frame, f"Best cutoff of a sample, {name}", "Samples"),
    ]  # fmt: skip
    return picture(frame.width, frame.height, f"Where the best cutoff of {name} wanders", parts, frame.size)


def survival(curves: Sequence[Curve], name: str, unit: str) -> str:
    """Kaplan-Meier steps, each group with a dash of its own; ticks where somebody was censored; numbers at risk."""
    latest = max((curve.steps[-1].time for curve in curves if curve.steps), default=1.0)
    rows = 24 * (len(curves) + 1)
    frame = replace(WIDE, height=440.0 + rows, foot=66.0 + rows, left=150.0, low_x=0, high_x=latest or 1, low_y=0,
                    high_y=1)  # fmt: skip
    at = even(0, latest or 1)
    parts = [*ticks(frame, at, (0, 0.25, 0.5, 0.75, 1))]
    for number, curve in enumerate(curves):
        parts += steps(frame, curve, number)
        parts += at_risk(frame, curve, number, at)
    parts.append(text(12, frame.ends[3] + 62, "at risk", fill=SLATE, size=frame.size))
    left, top, right, foot = frame.ends
    parts.append(line(f"M{left:.1f} {top:.1f}H{right:.1f}V{foot:.1f}H{left:.1f}Z"))
    parts.append(text((left + right) / 2, foot + 40, f"{name}, {unit}", anchor="middle", weight=600, size=frame.size))
    return picture(frame.width, frame.height, f"{name}: Kaplan-Meier curves of {len(curves)} groups", parts, frame.size)


def steps(frame: Frame, curve: Curve, number: int) -> Iterator[str]:
    colour, dash = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
    x, y = frame.x, frame.y
    path, level = f"M{x(0):.1f} {y(1):.1f}", 1.0
    for step in curve.steps:
        path += f"H{x(step.time):.1f}V{y(step.survival):.1f}"
        level = step.survival
        if step.censored:
            yield line(f"M{x(step.time):.1f} {y(level) - 4:.1f}v8", colour)
    yield line(path, colour, 2, dash)
    last = curve.steps[-1].time if curve.steps else 0
    yield text(min(x(last) + 6, x(last)), y(level) - 8, curve.group, fill=colour, weight=700, anchor="end")


def at_risk(frame: Frame, curve: Curve, number: int, times: Sequence[float]) -> Iterator[str]:
    foot = frame.ends[3] + 84 + 24 * number
    colour, dash = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
    yield line(f"M12 {foot - 5:.1f}h22", colour, 2, dash)
    yield text(40, foot, curve.group, fill=colour, weight=600, size=13)
    for time in times:
        yield text(frame.x(time), foot, str(curve.at_risk(time)), anchor="middle", size=13)


def forest(found: Sequence[Subgroup]) -> str:
    """Odds ratio with interval of each subgroup on a logarithmic scale; a square for the estimate."""
    height = 70.0 + 30 * len(found)
    frame = replace(WIDE, width=900.0, height=height, left=300.0, right=190.0, foot=44.0, low_x=math.log10(LEAST),
                    high_x=math.log10(MOST), low_y=0, high_y=1)  # fmt: skip
    foot = frame.ends[3]
    parts = [
        line(f"M{along(frame, 1):.1f} {frame.top:.1f}V{foot:.1f}", HAIR, 1, "4 4"),
        line(f"M{frame.left:.1f} {foot:.1f}H{frame.ends[2]:.1f}"),
        *(text(along(frame, value), foot + 20, f"{value:g}", anchor="middle") for value in (0.1, 1, 10, 100)),
        *(piece for number, each in enumerate(found) for piece in whisker(frame, each, number)),
        text((frame.left + frame.ends[2]) / 2, height - 6, "Odds ratio, favourable against unfavourable",
             anchor="middle", weight=600),
    ]  # fmt: skip
    return picture(frame.width, height, "Forest plot of response by subgroup", parts, frame.size)


def along(frame: Frame, value: float) -> float:
    return frame.x(math.log10(min(max(value, LEAST), MOST)))


def whisker(frame: Frame, each: Subgroup, number: int) -> Iterator[str]:
    y, said = frame.top + 24 + 30 * number, each.said
    named = f"{each.name} ({sum(map(sum, each.table.rows()))})"
    yield text(12, y + 5, named[:44], weight=400 if number else 700, size=14)
    words = "undefined"
    if said.sample_odds_ratio and said.wald_low and said.wald_high:
        yield line(f"M{along(frame, said.wald_low):.1f} {y:.1f}H{along(frame, said.wald_high):.1f}", INK, 2)
        yield box(along(frame, said.sample_odds_ratio) - 5, y - 5, 10, 10, INK)
        words = f"{said.sample_odds_ratio:.2f} ({said.wald_low:.2f} to {said.wald_high:.2f})"
    yield text(frame.ends[2] + 10, y + 5, words, size=14)
