"""What cells of one row say together: whether they can all hold."""

from decimal import Decimal

from lims.intake.manifests.cimac_row import SampleRow
from lims.intake.manifests.reading import Row
from specimens.vocabulary import ItemKind, SpecimenKind

PARTS = ("viable", "stroma", "necrosis", "fibrosis")
AREAS = ("tumour_area", *PARTS)
SLIDES = "slides"
HUNDRED = Decimal(100)


def check_row(row: Row, read: SampleRow) -> None:
    check_areas(row, read)
    check_amounts(row, read)
    if read.sample_type == "normal tissue" and read.tumour_type:
        said = f"Normal tissue is no {read.tumour_type.value} tumour: kept as {SpecimenKind.NORMAL.value}."
        row.odd("tumour_type", said)


def check_areas(row: Row, read: SampleRow) -> None:
    """The parts of one area come to 100 % at most. All of them 0 reads like a form nobody filled in."""
    parts = [value for name in PARTS if (value := getattr(read, name)) is not None]
    total = sum(parts, Decimal(0))
    if not parts or 0 < total <= HUNDRED:
        return
    written = "/".join(row.text(name) for name in AREAS)
    if total > HUNDRED:
        said = (
            f"Viable tumour, viable stroma, necrosis and fibrosis are parts of one area and come to {total:f} %: "
            "they cannot all hold."
        )
        row.wrong("viable", said, written)
    elif len(parts) == len(PARTS):
        row.odd("viable", "All parts of the area are 0 %: it reads as if nobody had looked.", written)


def check_amounts(row: Row, read: SampleRow) -> None:
    """What was used and what remains were sent. Compared where both are counted in slides."""
    both = {read.used_units.lower(), read.remaining_units.lower()}
    if read.quantity and read.quantity > 1 and read.processed_type is not ItemKind.ALIQUOT:
        said = f"{read.quantity:f} slides under one identifier: announced as one item; add the others at receipt."
        row.odd("quantity", said)
    if read.quantity is None or read.used is None or read.remaining is None or both != {SLIDES}:
        return
    if read.used + read.remaining != read.quantity:
        said = f"{read.used:f} used and {read.remaining:f} remaining are not the {read.quantity:f} that were sent."
        row.odd("remaining", said)
