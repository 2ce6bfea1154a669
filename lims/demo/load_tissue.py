"""Patients, what their sites hold of them, and the extracts that left the core. All of it is real."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby

from lims.demo.rows import PatientRow, SampleRow
from lims.demo.shipments import AliquotShipment, aliquot_shipments, portion_shipments
from lims.demo.stage import Stage, Step, Tick, at, centre_code, coded
from specimens.announced import AnnouncedItem, Parcel
from specimens.announcing import announce_shipments
from specimens.enrolling import NewPatient, enrol_patients
from specimens.estimating import NewEstimate, record_estimates
from specimens.holdings import HeldBlock, HeldSpecimen, record_holdings
from specimens.models import CompositionEstimate, Patient, Shipment, Specimen
from specimens.vocabulary import EstimateSource, ItemKind, Laterality, Preservation, SpecimenKind

BLOOD = "C42.0"


def steps(stage: Stage) -> list[Step]:
    cohort = stage.cohort
    shipped = [*aliquot_shipments(cohort), *portion_shipments(cohort)]
    return [
        Step("patients", len(cohort.patients), lambda tick: enrol(stage, tick)),
        Step("samples", len(cohort.samples), lambda tick: hold(stage, tick)),
        Step("site estimates", len(cohort.site_estimates), lambda tick: site_estimates(stage, tick)),
        Step("extracts", sum(len(p.items) for p in shipped), lambda tick: extracts(stage, shipped, tick)),
    ]


def waves(stage: Stage) -> list[tuple[date, list[PatientRow]]]:
    """The patients by the month in which their first parcel was announced, with the first such day.

    The source gives no day of enrolment; a patient is known to the core when tissue is announced.
    """
    first: dict[str, date] = {}
    for parcel in stage.plan.parcels:
        for item in parcel.items:
            first[item.patient] = min(parcel.announced, first.get(item.patient, parcel.announced))
    groups: dict[tuple[int, int], list[PatientRow]] = defaultdict(list)
    for row in stage.cohort.patients:
        groups[first[row.barcode].year, first[row.barcode].month].append(row)
    return [(min(first[row.barcode] for row in group), group) for _, group in sorted(groups.items())]


def enrol(stage: Stage, tick: Tick) -> None:
    here = set(Patient.objects.filter(trial=stage.trial).values_list("study_id", flat=True))
    for day, group in waves(stage):
        rows = [
            NewPatient(coded(row.barcode), row.site, consent_version="as verified by the registry")
            for row in group
            if coded(row.barcode) not in here
        ]
        if rows:
            enrol_patients(by=stage.people["coordinator"], at=at(day, 8), trial=stage.trial, rows=rows)
        tick(len(group))


def patients_of(stage: Stage) -> dict[str, Patient]:
    """The trial's patients by study id."""
    found = Patient.objects.filter(trial=stage.trial).select_related("trial")
    return {patient.study_id: patient for patient in found}


def hold(stage: Stage, tick: Tick) -> None:
    """Every sample with its portions as its site holds them, a wave of patients at a time."""
    here = set(Specimen.objects.filter(patient__trial=stage.trial).values_list("site_label", flat=True))
    samples = by_patient(stage.cohort.samples)
    held = Holdings(stage)
    for day, group in waves(stage):
        wanted = [sample for row in group for sample in samples[row.barcode]]
        rows = [held.of(sample) for sample in wanted if coded(sample.barcode) not in here]
        if rows:
            record_holdings(by=stage.people["coordinator"], at=at(day, 9), rows=rows)
        tick(len(wanted))


def by_patient(samples: Iterable[SampleRow]) -> dict[str, list[SampleRow]]:
    grouped: dict[str, list[SampleRow]] = defaultdict(list)
    for sample in samples:
        grouped[sample.patient].append(sample)
    return grouped


class Holdings:
    """Turns a sample of the cohort into what its site holds."""

    def __init__(self, stage: Stage) -> None:
        self.sites = stage.sites
        self.patients = patients_of(stage)
        self.rows = {row.barcode: row for row in stage.cohort.patients}
        self.procedures = {row.sample: row.procedure for row in stage.cohort.site_estimates}
        self.blocks: dict[str, list[HeldBlock]] = defaultdict(list)
        for portion in stage.cohort.portions:
            self.blocks[portion.sample].append(HeldBlock(coded(portion.barcode), portion.created))

    def of(self, sample: SampleRow) -> HeldSpecimen:
        row = self.rows[sample.patient]
        tumour, blood = sample.tissue == "tumour", sample.tissue == "blood"
        return HeldSpecimen(
            patient=self.patients[coded(sample.patient)],
            label=coded(sample.barcode),
            holding_site=self.sites[row.site],
            kind=SpecimenKind(sample.kind),
            topography=BLOOD if blood else row.topography,
            laterality=Laterality(row.laterality) if tumour else Laterality.NOT_RECORDED,
            procedure=self.procedures.get(sample.barcode, ""),
            preservation=Preservation(sample.preservation or ""),
            blocks=tuple(self.blocks[sample.barcode]),
        )


def site_estimates(stage: Stage, tick: Tick) -> None:
    """The sites' own percentages of their samples."""
    found = CompositionEstimate.objects.filter(source=EstimateSource.SITE)
    here = set(found.values_list("row", flat=True))
    specimens = {s.site_label: s for s in Specimen.objects.filter(patient__trial=stage.trial)}
    days = {row.barcode: day for day, group in waves(stage) for row in group}
    ordered = sorted(stage.cohort.site_estimates, key=lambda row: (days[row.patient], row.sample))
    for day, group in groupby(ordered, key=lambda row: days[row.patient]):
        of_day = list(group)
        rows = [
            NewEstimate(
                EstimateSource.SITE,
                percents(tumour_nuclei=row.tumour_nuclei, necrosis=row.necrosis),
                specimen=specimens[coded(row.sample)],
                row=coded(row.sample),
            )
            for row in of_day
            if coded(row.sample) not in here
        ]
        if rows:
            record_estimates(by=stage.people["coordinator"], at=at(day, 10), rows=rows)
        tick(len(of_day))


def percents(**values: int | None) -> Mapping[str, Decimal | None]:
    """Blank stays blank: it is not 0."""
    return {name: None if value is None else Decimal(value) for name, value in values.items()}


def extracts(stage: Stage, shipped: Sequence[AliquotShipment], tick: Tick) -> None:
    """The real parcels of extracts that left the core: labels only, a day at a time."""
    here = references(stage.core.pk)
    for day, group in groupby(sorted(shipped, key=lambda p: p.shipped), key=lambda p: p.shipped):
        of_day = list(group)
        parcels = [extract_parcel(stage, parcel) for parcel in of_day if parcel.reference not in here]
        if parcels:
            announce_shipments(by=stage.people["coordinator"], at=at(day, 16), parcels=parcels)
        tick(sum(len(parcel.items) for parcel in of_day))


def references(sender_id: int | None = None) -> set[str]:
    """The references of parcels on record, of one sender or of all."""
    found = Shipment.objects.filter(sender_id=sender_id) if sender_id else Shipment.objects.all()
    return set(found.values_list("sender_reference", flat=True))


def extract_parcel(stage: Stage, parcel: AliquotShipment) -> Parcel:
    return Parcel(
        sender=stage.core,
        receiver=stage.sites[centre_code(parcel.centre)],
        items=tuple(AnnouncedItem(ItemKind.ALIQUOT, coded(label)) for label in parcel.items),
        sent_on=parcel.shipped,
        sender_reference=parcel.reference,
    )
