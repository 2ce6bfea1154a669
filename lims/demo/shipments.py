"""The real shipments of extracts and portions out of the core, grouped as they left it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lims.demo.kirc import Cohort
from lims.demo.rows import AliquotRow, PortionShipmentRow


@dataclass(frozen=True, slots=True)
class AliquotShipment:
    """What left the core for one centre on one day on one plate; items are barcodes in order."""

    reference: str
    shipped: date
    centre: str
    plate: str
    kind: str
    items: tuple[str, ...]


def aliquot_shipments(cohort: Cohort) -> list[AliquotShipment]:
    """Every shipped aliquot exactly once, grouped by day, centre and plate."""
    return _grouped(cohort.aliquots, "aliquot")


def portion_shipments(cohort: Cohort) -> list[AliquotShipment]:
    """Every shipped portion exactly once, grouped by day, centre and plate."""
    return _grouped(cohort.portion_shipments, "portion")


def _grouped(rows: Iterable[AliquotRow | PortionShipmentRow], kind: str) -> list[AliquotShipment]:
    groups: dict[tuple[date, str, str], list[str]] = defaultdict(list)
    for row in rows:
        groups[row.shipped, row.centre, row.plate].append(row.barcode)
    return [
        AliquotShipment(f"{plate}-{centre}-{day:%Y%m%d}", day, centre, plate, kind, tuple(sorted(items)))
        for (day, centre, plate), items in sorted(groups.items())
    ]
