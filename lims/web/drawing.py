"""SVG in small pieces: text, bars, bands. No script, no style; what is drawn stays readable in grey."""

from collections.abc import Iterable
from xml.sax.saxutils import escape

INK, SLATE, HAIR, PAPER, EOSIN = "#1d1c24", "#54525f", "#9b98a5", "#fff", "#a81e55"
VIOLET, WASH, WAIT = "#46358a", "#d8d1ee", "#b9b6c2"
FACE = "Helvetica Neue, Liberation Sans, Arial, sans-serif"
HATCH = (
    '<defs><pattern id="waits" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    f'<rect width="6" height="6" fill="#efedf3"/><rect width="2.4" height="6" fill="{SLATE}"/></pattern></defs>'
)
HATCHED = "url(#waits)"


def picture(width: float, height: float, title: str, parts: Iterable[str], size: float = 15) -> str:
    """The whole file. `title` is what it says to who cannot see it."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
            f'height="{height:g}" role="img" font-family="{FACE}" font-size="{size:g}" fill="{INK}">',
            f"<title>{escape(title)}</title>",
            HATCH,
            f'<rect width="{width:g}" height="{height:g}" fill="{PAPER}"/>',
            *parts,
            "</svg>",
        ]
    )


def text(x: float, y: float, words: str, *, anchor: str = "start", fill: str = INK, weight: int = 400,
         size: float | None = None) -> str:  # fmt: skip
    sized = f' font-size="{size:g}"' if size else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}" font-weight="{weight}"{sized}>'
        f"{escape(words)}</text>"
    )


def counted(x: float, y: float, count: int, words: str, *, size: float, anchor: str = "start") -> str:
    """A number in bold, then what it counts."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}">'
        f'<tspan font-weight="700">{count:,}</tspan><tspan dx="5" fill="{SLATE}">{escape(words)}</tspan></text>'
    )


def box(x: float, y: float, width: float, height: float, fill: str, stroke: str = "") -> str:
    edge = f' stroke="{stroke}"' if stroke else ""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"{edge}/>'


def band(x: float, top: float, foot: float, to_x: float, to_top: float, to_foot: float, fill: str) -> str:
    """A band that leaves a bar to the right and arrives at another, level at both ends."""
    middle = (x + to_x) / 2
    return (
        f'<path d="M{x:.1f} {top:.1f}C{middle:.1f} {top:.1f} {middle:.1f} {to_top:.1f} {to_x:.1f} {to_top:.1f}'
        f"V{to_foot:.1f}C{middle:.1f} {to_foot:.1f} {middle:.1f} {foot:.1f} {x:.1f} {foot:.1f}Z"
        f'" fill="{fill}"/>'
    )


def line(d: str, stroke: str = INK, width: float = 1, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{width:g}"{dashed}/>'


def wrapped(words: str, most: int) -> list[str]:
    """The words in lines of at most so many letters; a longer word stands alone."""
    lines: list[str] = []
    for word in words.split():
        if lines and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
