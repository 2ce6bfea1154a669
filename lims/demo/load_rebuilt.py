"""The second trial: 66 patients rebuilt from the published margins. Every row of it is synthetic."""

from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import sha256
from itertools import groupby

import orjson

from lims.demo import words
from lims.demo.load_bench import Lots, blocks_of, controls_beside, labels_of, look_at_controls, slides_of, synthetic_cut
from lims.demo.load_reads import both, open_on, sign_all
from lims.demo.published import SOURCE
from lims.demo.reconstruction import LABEL, Rebuilt, rebuilt
from lims.demo.sections import workday
from lims.demo.stage import LOADER, REBUILT, Stage, Step, Tick, at
from lims.models.outcomes import OutcomeRelease
from lims.outcome_rows import NewOutcome
from lims.outcomes import import_release
from specimens.announced import AnnouncedItem, Parcel
from specimens.announcing import announce_shipments
from specimens.enrolling import NewPatient, add_institution, enrol_patients, open_trial
from specimens.holdings import HeldBlock, HeldSpecimen, record_holdings
from specimens.models import Institution, Patient, Shipment, Specimen, Trial
from specimens.receiving import ReceivedItem, close_shipment, receive_items
from specimens.sectioning import cut_sections
from specimens.staining import NewRun, stain_run
from specimens.vocabulary import InstitutionRole, ItemKind, Preservation, Stain, Terms

SITE = "NCC-SITES"
RELEASE = "reconstruction 2004"
OPENED = date(2003, 5, 1)
SENT = date(2003, 6, 2)
LOT = "SYN-NCC-2003"
IMPORTED = date(2004, 12, 1)


def steps(stage: Stage) -> list[Step]:
    rows = rebuilt()
    return [
        Step("66 patients", len(rows), lambda tick: enrol(stage, rows, tick)),
        Step("66 blocks", len(rows), lambda tick: send(stage, rows, tick)),
        Step("66 pairs of slides", len(rows), lambda tick: bench(stage, rows, tick)),
        Step("66 pairs of reads", 4 * len(rows), lambda tick: read(stage, rows, tick)),
        # Last of all: that this release is there tells that the whole load is.
        Step("66 outcomes", len(rows), lambda tick: outcomes(stage, rows, tick)),
    ]


def trial() -> Trial:
    """The second trial, opened when it is first asked for."""
    found = Trial.objects.filter(code=REBUILT).first()
    title = "Nested case-control study of 66 patients treated with interleukin 2 (reconstruction)"
    return found or open_trial(
        by=LOADER,
        at=at(OPENED),
        code=REBUILT,
        title=title,
        synthetic=True,
        note=f"Synthetic: {LABEL}. {SOURCE}.",
    )


def site() -> Institution:
    found = Institution.objects.filter(code=SITE).first()
    roles = [InstitutionRole.TREATING, InstitutionRole.HOLDING]
    return found or add_institution(
        by=LOADER, at=at(OPENED), code=SITE, name="Sites of the 66-patient study (synthetic)", roles=roles
    )


def enrol(stage: Stage, rows: Sequence[Rebuilt], tick: Tick) -> None:
    """Patients and what their site holds of them: each list in one transaction, whole or not at all."""
    coordinator, holder, opened = stage.people["coordinator"], site(), trial()
    if not Patient.objects.filter(trial=opened).exists():
        wanted = [NewPatient(row.study_id, SITE, consent_version="synthetic", synthetic=True) for row in rows]
        enrol_patients(by=coordinator, at=at(OPENED, 10), trial=opened, rows=wanted)
    if not Specimen.objects.filter(patient__trial=opened).exists():
        patients = {patient.study_id: patient for patient in Patient.objects.filter(trial=opened)}
        held = [as_held(row, patients[row.study_id], holder) for row in rows]
        record_holdings(by=coordinator, at=at(OPENED, 11), rows=held)
    tick(len(rows))


def as_held(row: Rebuilt, patient: Patient, holder: Institution) -> HeldSpecimen:
    return HeldSpecimen(
        patient=patient,
        label=specimen_label(row),
        holding_site=holder,
        preservation=Preservation.FFPE,
        blocks=(HeldBlock(row.block, row.embedded, synthetic=True),),
        synthetic=True,
    )


def specimen_label(row: Rebuilt) -> str:
    return f"{row.study_id}-A"


def send(stage: Stage, rows: Sequence[Rebuilt], tick: Tick) -> None:
    """One parcel of all the blocks, received whole and closed."""
    reference = f"SYN-{REBUILT}"
    parcel = Shipment.objects.filter(sender_reference=reference).select_related("receiver").first()
    parcel = parcel or announce(stage, rows, reference)
    bench = stage.people["bench"]
    if not parcel.items.filter(receipts__isnull=False).exists():
        items = [ReceivedItem(line, synthetic=True) for line in range(1, len(rows) + 1)]
        receive_items(by=bench, at=at(SENT + timedelta(days=2)), shipment=parcel, items=items)
    if not hasattr(parcel, "closure"):
        day = SENT + timedelta(days=2)
        close_shipment(by=bench, at=at(day, 16), shipment=parcel, note="synthetic receipt")
    tick(len(rows))


def announce(stage: Stage, rows: Sequence[Rebuilt], reference: str) -> Shipment:
    items = [
        AnnouncedItem(
            kind=ItemKind.BLOCK,
            label=row.block,
            trial=REBUILT,
            study_id=row.study_id,
            specimen_label=specimen_label(row),
            block_label=row.block,
            terms=Terms.DONATED,
            synthetic=True,
        )
        for row in rows
    ]
    parcel = Parcel(
        sender=site(),
        receiver=stage.core,
        items=tuple(items),
        sent_on=SENT,
        sender_reference=reference,
        synthetic=True,
    )
    return announce_shipments(by=stage.people["coordinator"], at=at(SENT), parcels=[parcel])[0]


def bench(stage: Stage, rows: Sequence[Rebuilt], tick: Tick) -> None:
    """Sections, runs, controls and cases, batch by batch."""
    of_trial = trial().pk
    here, blocks = labels_of(of_trial), blocks_of(of_trial)
    for day, group in groupby(sorted(rows, key=lambda row: row.cut), key=lambda row: row.cut):
        cuts = [
            synthetic_cut(blocks[row.block], label, day)
            for row in group
            for label in (row.he_slide, row.caix_slide)
            if label not in here
        ]
        if cuts:
            cut_sections(by=stage.people["bench"], at=at(day), cuts=cuts)
    lots = Lots(stage)
    for _, batch in groupby(rows, key=lambda row: row.run):
        of_batch = list(batch)
        for stain in Stain:
            stain_batch(stage, of_trial, of_batch, stain, lots)
        tick(len(of_batch))


def stain_batch(stage: Stage, trial_id: int, rows: Sequence[Rebuilt], stain: Stain, lots: Lots) -> None:
    slides = slides_of(trial_id)
    chosen = [slides[row.he_slide if stain is Stain.HE else row.caix_slide] for row in rows]
    day = rows[0].stained
    if not hasattr(chosen[0], "staining"):
        lot = lots.named(stain, "M75" if stain is Stain.CAIX else "", LOT, day)
        stain_run(
            by=stage.people["bench"],
            at=at(day, 14),
            run=NewRun(
                lot,
                chosen,
                day,
                platform="synthetic stainer",
                controls=controls_beside(stain),
                synthetic=True,
            ),
        )
        stained = slides_of(trial_id)
        chosen = [stained[slide.site_label] for slide in chosen]
    run, seen_on = chosen[0].staining.run, workday(day + timedelta(days=1))
    if not run.controls.exists():
        look_at_controls(stage, run, seen_on)
    open_on(chosen, at(seen_on, 11))


def read(stage: Stage, rows: Sequence[Rebuilt], tick: Tick) -> None:
    due = [each for row in rows for made in row.reads for each in both(made, row.he_slide, row.caix_slide)]
    sign_all(stage, trial().pk, sorted(due, key=lambda each: (each.signed_at, each.slide)), tick)


def outcomes(stage: Stage, rows: Sequence[Rebuilt], tick: Tick) -> None:
    if not is_complete():
        wanted = [NewOutcome(row.study_id, response=row.response) for row in rows]
        said = orjson.dumps([(row.study_id, row.response) for row in wanted])
        import_release(
            by=stage.people["statistician"],
            at=at(IMPORTED),
            trial=trial(),
            name=RELEASE,
            source=f"{LABEL}: {SOURCE}"[:300],
            cut_on=None,
            sha256=sha256(said).hexdigest(),
            rows=wanted,
            synthetic=True,
        )
    tick(len(rows))


def is_complete() -> bool:
    """Is the load's last fact there?"""
    return OutcomeRelease.objects.filter(trial__code=REBUILT, name=RELEASE).exists()


assert {words.HE, words.CAIX} == {stain.value for stain in Stain}, "the generator speaks the bench's words"
