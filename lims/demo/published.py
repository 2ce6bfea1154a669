"""The table of the 66-patient study as printed, to stand beside the computed one."""

from dataclasses import dataclass

Counts = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class PrintedFigure:
    """One printed line. counts: [[exposed R, NR], [unexposed R, NR]], None for a plain count.

    printed is the line as it stands in print; odds_ratio and p are as printed, None when not.
    """

    key: str
    what: str
    printed: str
    source: str
    counts: Counts | None = None
    odds_ratio: str | None = None
    p: str | None = None


SOURCE = (
    "Atkins, Regan, McDermott: Clin Cancer Res 2004;10:6342S; "
    "Atkins, Regan, McDermott and others: Clin Cancer Res 2005;11:3714"
)


def published_table() -> tuple[PrintedFigure, ...]:
    """The printed figures, in the order they are shown."""
    return (
        PrintedFigure("categories", "good / intermediate / poor pathology", "24 / 31 / 11", SOURCE),
        PrintedFigure("caix_high", "CA-IX high (> 85 %)", "41", SOURCE),
        PrintedFigure(
            "caix",
            "CA-IX high among responders and non-responders",
            "21/27 v 20/39, odds ratio 3.3, P 0.04",
            SOURCE,
            ((21, 20), (6, 19)),
            "3.3",
            "0.04",
        ),
        PrintedFigure(
            "caix_in_intermediate",
            "CA-IX high in intermediate pathology, responders and non-responders",
            "9/9 v 11/22",
            SOURCE,
            ((9, 11), (0, 11)),
        ),
        PrintedFigure(
            "two_compartments",
            "favourable compartment among responders and non-responders",
            "26/27 v 18/39, odds ratio 30, P < 0.01",
            SOURCE,
            ((26, 18), (1, 21)),
            "30",
            "< 0.01",
        ),
    )
