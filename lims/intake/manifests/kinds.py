"""Which kind of sheet this is, by what stands in it and never by its name."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lims.intake.manifests.findings import FileRefused
from lims.intake.manifests.grids import Grid, is_blank, text_of

LOOKED_AT = 60
FILLED = "#data"


class Kind(StrEnum):
    SLIDES = "cimac_slides"
    HE = "cimac_he"
    OURS = "paraffin"


class Mark(StrEnum):
    """The first cell of a row of the network's sheets."""

    TITLE = "#title"
    PREAMBLE = "#preamble"
    HEADER = "#header"
    SKIP = "#skip"
    FILLED = FILLED


KIND_WORDS = {
    Kind.SLIDES: "trial network, tissue slides",
    Kind.HE: "trial network, H&E",
    Kind.OURS: "this core’s template",
}
SAMPLES = {"participant id", "cimac id", "processed sample type"}
SHIPMENT = {"manifest id", "date shipped", "courier", "receiving party", "tracking number"}
IHC_RESULTS = {"ihc image", "marker positive", "h score"}
HE_RESULTS = {"image file", "file type"}
AREAS = "(% area)"
READ_HERE = (
    "This is a sheet of {what} results, not a shipping manifest. Results are not taken from files here: a pathologist "
    "reads the slide and signs on the page “To read” (/read/). To import the slides themselves, send the "
    "network’s shipping manifest."
)
RESULT_WORDS = "the columns of a result sheet (results are signed on the page “To read”, /read/)"


@dataclass(frozen=True, slots=True)
class Found:
    """The sheets of a manifest: `samples` with the items, `shipment` with the parcel. One may be absent."""

    kind: Kind
    samples: Grid | None = None
    shipment: Grid | None = None


def mark_of(row: Sequence[object]) -> str:
    """“#data” and its like; blank when the row has no mark."""
    first = text_of(row[0]).lower() if row else ""
    return first if first.startswith("#") else ""


def headings(grid: Grid) -> set[str]:
    """The network's heading of this sheet in lower case; empty when it has none."""
    for row in grid.rows[:LOOKED_AT]:
        if mark_of(row) == Mark.HEADER:
            return {text_of(cell).lower() for cell in row[1:]} - {""}
    return set()


def preamble(grid: Grid) -> set[str]:
    return {
        text_of(row[1]).lower() for row in grid.rows[:LOOKED_AT] if mark_of(row) == Mark.PREAMBLE and len(row) > 1
    } - {""}


def network_sheets(grids: Sequence[Grid]) -> Found | None:
    """The network's manifest among the sheets; None when there is none. Result sheets are refused by their kind."""
    samples = next((grid for grid in grids if headings(grid) >= SAMPLES), None)
    shipment = next((grid for grid in grids if len(preamble(grid) & SHIPMENT) >= 2), None)
    if samples is None and shipment is None:
        for grid in grids:
            refuse_results(grid)
        return None
    percents = samples is not None and any(AREAS in name for name in headings(samples))
    titled = shipment is not None and any("h&e" in text_of(cell).lower() for cell in (*shipment.rows[0], ""))
    return Found(Kind.HE if percents or (samples is None and titled) else Kind.SLIDES, samples, shipment)


def refuse_results(grid: Grid) -> None:
    """Refuse results by what they are, with the page to use instead; their rows are counted as refused."""
    named = headings(grid)
    ihc, he = named & IHC_RESULTS, named & HE_RESULTS
    if ihc or he:
        said = READ_HERE.format(what="IHC" if ihc else "H&E")
        code = "ihc_results" if ihc else "he_results"
        raise FileRefused(code, said, rows=len(filled(grid)), sheet=grid.name)


def refuse_legend(grids: Sequence[Grid]) -> None:
    """Legends and word lists explain a sheet and hold no items."""
    for grid in grids:
        first = [text_of(cell).lower() for cell in next((row for row in grid.rows if not is_blank(row)), [])]
        words = {cell for cell in first if cell}
        if "legend" in words:
            what = tabs_of(grid)
        elif words & {"assay creator", "assay priority", "receiving party", "type of sample"} and not first[0]:
            what = RESULT_WORDS if "assay creator" in words else "the words its columns may hold"
        else:
            continue
        said = f"This sheet explains {what} and holds no rows to import: send the workbook, or the sheet “Samples”."
        raise FileRefused("explains_only", said, sheet=grid.name)


def tabs_of(grid: Grid) -> str:
    """What a legend explains: a result sheet's says where results go."""
    text = " ".join(text_of(cell) for row in grid.rows[:LOOKED_AT] for cell in row)
    if "tab 'IHC'" in text or "tab 'H&E'" in text:
        return RESULT_WORDS
    return "the columns of a manifest"


def filled(grid: Grid) -> list[int]:
    """The sheet's numbers of the rows that are marked as data and not blank."""
    return [
        number for number, row in enumerate(grid.rows, start=1) if mark_of(row) == Mark.FILLED and not is_blank(row[1:])
    ]
