"""The kidney clear cell cohort (TCGA KIRC) read from the compact copy that ships with the project."""

from dataclasses import dataclass
from functools import cache

from lims.demo import kirc_outcomes as after
from lims.demo import kirc_rows as read
from lims.demo.rows import (
    AliquotRow,
    Ca9Row,
    DiagnosticSlideRow,
    PatientRow,
    PortionRow,
    PortionShipmentRow,
    SampleRow,
    Site,
    SiteEstimate,
    SlideRow,
)
from lims.demo.rows_outcome import DrugRow, FollowUpRow, OutcomeRow
from lims.demo.tables import rows


@dataclass(frozen=True, slots=True)
class Cohort:
    """Every table of the cohort; outcomes holds both releases, told apart by `release` (a, b)."""

    sites: tuple[Site, ...]
    patients: tuple[PatientRow, ...]
    samples: tuple[SampleRow, ...]
    portions: tuple[PortionRow, ...]
    slides: tuple[SlideRow, ...]
    aliquots: tuple[AliquotRow, ...]
    portion_shipments: tuple[PortionShipmentRow, ...]
    diagnostic_slides: tuple[DiagnosticSlideRow, ...]
    follow_ups: tuple[FollowUpRow, ...]
    site_estimates: tuple[SiteEstimate, ...]
    drugs: tuple[DrugRow, ...]
    outcomes: tuple[OutcomeRow, ...]
    ca9: tuple[Ca9Row, ...]

    def release(self, name: str) -> tuple[OutcomeRow, ...]:
        """The outcomes of one release, "a" or "b"."""
        return tuple(row for row in self.outcomes if row.release == name)


@cache
def cohort() -> Cohort:
    """The whole cohort, read once."""
    patients = tuple(map(read.patient, rows("patients")))
    samples = {(r["bcr_patient_barcode"], r["ix1"]): r["bcr_sample_barcode"] for r in rows("samples")}
    uuids = {r["bcr_sample_uuid"]: r["bcr_sample_barcode"] for r in rows("samples")}
    return Cohort(
        sites=read.sites({patient.site for patient in patients}),
        patients=patients,
        samples=tuple(map(read.sample, rows("samples"))),
        portions=tuple(read.portion(row, samples) for row in rows("portions")),
        slides=read.slides(),
        aliquots=tuple(map(read.aliquot, rows("aliquots"))),
        portion_shipments=tuple(map(read.portion_shipment, rows("shipment_portions"))),
        diagnostic_slides=tuple(
            DiagnosticSlideRow(r["ffpe_slide_uuid"], r["bcr_patient_barcode"]) for r in rows("diagnostic_slides")
        ),
        follow_ups=tuple(map(after.follow_up, rows("follow_ups"))),
        site_estimates=tuple(read.site_estimate(row, uuids) for row in rows("tumor_samples_ssf")),
        drugs=tuple(map(after.drug, rows("drugs"))),
        outcomes=(*after.outcomes("a"), *after.outcomes("b")),
        ca9=tuple(Ca9Row(r["sample_id"].lower(), r["patient_id"].lower(), float(r["CA9"])) for r in rows("ca9_mrna")),
    )
