"""Manifests kept, judged by the worker, imported once or not at all."""

import hashlib
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.storage import default_storage

from lims.manifests import desk
from lims.manifests.keeping import check_manifest, keep_manifest, map_columns, stop_check
from lims.manifests.working import content_of, mapping_of
from lims.models import ColumnMapping, Manifest, ManifestCheck, ManifestImport
from specimens import ledger
from specimens.announcing import AnnouncedItem, Parcel, announce_shipments
from specimens.consenting import withdraw_consent
from specimens.errors import Rejected
from specimens.models import Consent, Job, LedgerEntry, Shipment, ShipmentItem, Slide, Specimen
from specimens.vocabulary import ItemKind
from tests.cast import AT, Cast
from tests.lims.intake.sheets_made import OURS, cimac
from tests.network import done, long_manifest, the_networks_trial
from tests.refusals import forbidden, refused
from tests.stories import House
from tests.together import at_once, refusals

Keep = Callable[..., ManifestCheck]
HEAD = "kind,study_id,specimen_label,label,sender_reference\n"


@pytest.fixture
def keep(cast: Cast, house: House) -> Keep:
    """Upload a manifest from Mercy and let the worker judge it."""

    def kept(content: bytes | str, name: str = "parcel.csv", **said: Any) -> ManifestCheck:
        content = content.encode() if isinstance(content, str) else content
        asked = {"by": cast.coordinator, "at": AT, "sender": house.mercy, "receiver": house.core} | said
        return done(keep_manifest(name=name, content=content, **asked))

    return kept


def block(label: str = "A1", study_id: str = "CWG-0187", reference: str = "") -> str:
    return f"block,{study_id},S1,{label},{reference}\n"


def come_in(cast: Cast, check: ManifestCheck) -> ManifestCheck:
    return done(check_manifest(by=cast.coordinator, at=AT, manifest=check.manifest, imports=True))


def test_the_networks_manifest_comes_in_unchanged(cast: Cast, keep: Keep) -> None:
    the_networks_trial(cast)
    content = cimac("tissue_slide_template.xlsx")
    check = keep(content, "tissue slides.xlsx")
    assert (check.rows, check.accepted, check.refused) == (4, 4, 0)
    assert not Shipment.objects.exists()
    assert come_in(cast, check).accepted == 4
    parcel = Shipment.objects.get()
    assert (parcel.sender_reference, parcel.courier, parcel.sent_on) == (
        "test_prism_trial_id_slide", "USPS", date(2001, 10, 10),
    )  # fmt: skip
    labels = list(ShipmentItem.objects.order_by("line").values_list("label", flat=True))
    assert labels == ["CTTTP08T1.00", "CTTTP08T2.00", "CTTTP08T3.00", "CTTTP09T1.00"]
    assert Specimen.objects.filter(kind="metastasis").count() == 2
    assert list(ledger.verify()) == []
    assert LedgerEntry.objects.filter(deed="import manifest").count() == 1
    kept = Manifest.objects.get()
    assert content_of(kept) == content
    assert kept.file == f"manifests/{hashlib.sha256(content).hexdigest()}.xlsx"


@pytest.mark.parametrize("name", ["h_and_e_template.xlsx", "h_and_e_template__Samples.csv"])
def test_the_he_manifest_is_refused_row_by_row_with_the_true_reason(cast: Cast, keep: Keep, name: str) -> None:
    trial = the_networks_trial(cast)
    check = keep(cimac(name), name, trial=trial.code)
    bad = {finding["row"] for finding in check.findings if finding["severity"] == "error"}
    assert bad == {4, 5}, "the rows whose parts come to 400 %"
    assert (check.rows, check.accepted, check.refused) == (3, 1, 2)
    with refused("not_clean", "a dry run that refused no row"):
        check_manifest(by=cast.coordinator, at=AT, manifest=check.manifest, imports=True)


def test_an_unknown_trial_or_patient_refuses_rows_and_not_the_file(keep: Keep, patient: object) -> None:
    check = keep(cimac("tissue_slide_template.xlsx"), "a.xlsx")
    told = [f for f in check.findings if f["severity"] == "error"]
    assert [(f["row"], f["field"], f["value"]) for f in told] == [
        (row, "Protocol identifier", "test_prism_trial_id") for row in (3, 4, 5, 6)
    ]
    check = keep(HEAD + block() + block("A2", "CWG-0404"), trial="CWG")
    assert [(f["row"], f["field"]) for f in check.findings] == [(3, "study_id")]
    assert (check.rows, check.accepted, check.refused) == (2, 1, 1)


def test_uploaded_twice_it_is_one_manifest_and_one_parcel(cast: Cast, keep: Keep, patient: object) -> None:
    first = keep(HEAD + block(), trial="CWG")
    again = keep(HEAD + block(), "another name.csv", trial="CWG")
    assert first.pk == again.pk
    come_in(cast, first)
    third = keep(HEAD + block(), trial="CWG")
    assert third.manifest_id == first.manifest_id
    assert (Manifest.objects.count(), ManifestImport.objects.count(), Shipment.objects.count()) == (1, 1, 1)
    with refused("imported_already", f"as parcel {Shipment.objects.get()}"):
        check_manifest(by=cast.coordinator, at=AT, manifest=first.manifest, imports=True)


def test_a_double_click_imports_once(cast: Cast, keep: Keep, patient: object) -> None:
    check = keep(HEAD + block(), trial="CWG")
    asked = [check_manifest(by=cast.coordinator, at=AT, manifest=check.manifest, imports=True) for _ in range(3)]
    assert len({each.pk for each in asked}) == 1
    jobs_left = Job.objects.filter(kind="manifest check", done_at=None).count()
    assert jobs_left == 1
    done(asked[0])
    assert Shipment.objects.count() == 1


@pytest.mark.server
@pytest.mark.django_db(transaction=True)
def test_two_people_upload_and_import_at_once(cast: Cast, house: House, patient: object) -> None:
    content = (HEAD + block()).encode()

    def upload() -> object:
        return keep_manifest(
            by=cast.coordinator, at=AT, sender=house.mercy, receiver=house.core, name="a.csv", content=content,
            trial="CWG",
        )  # fmt: skip

    assert refusals(at_once([upload] * 4)) == []
    manifest = Manifest.objects.get()
    check = done(ManifestCheck.objects.latest("pk"))
    assert check.accepted == 1

    def come() -> object:
        return check_manifest(by=cast.coordinator, at=AT, manifest=manifest, imports=True)

    assert refusals(at_once([come] * 4)) == []
    done(check)
    assert (Shipment.objects.count(), ManifestImport.objects.count()) == (1, 1)
    assert list(ledger.verify()) == []


def test_what_changed_between_verdict_and_import_is_said(cast: Cast, house: House, keep: Keep, patient: Any) -> None:
    check = keep(HEAD + block(reference="R-1"), trial="CWG")
    item = AnnouncedItem(ItemKind.BLOCK, "A1", trial="CWG", study_id=patient.study_id, specimen_label="S1")
    announce_shipments(by=cast.coordinator, at=AT, parcels=[Parcel(house.mercy, house.core, (item,))])
    again = come_in(cast, check)
    assert (again.accepted, again.refused) == (0, 1)
    assert "is on its way in parcel" in again.findings[0]["sentence"]
    assert not ManifestImport.objects.exists()


def test_a_reference_is_announced_once(cast: Cast, keep: Keep, patient: object) -> None:
    come_in(cast, keep(HEAD + block(reference="R-1"), trial="CWG"))
    check = keep(HEAD + block("A2", reference="R-1"), trial="CWG")
    assert (check.accepted, check.refused) == (0, 1)
    assert "announced R-1 already" in check.findings[0]["sentence"]


def test_a_withdrawn_patient_refuses_the_row(cast: Cast, keep: Keep, patient: object) -> None:
    withdraw_consent(by=cast.coordinator, at=AT, consent=Consent.objects.get(), withdrawn_on=date(2026, 11, 20))
    check = keep(HEAD + block(), trial="CWG")
    assert "withdrew consent" in check.findings[0]["sentence"]
    assert check.refused == 1


def test_a_check_that_is_stopped_imports_nothing(cast: Cast, house: House, keep: Keep, patient: object) -> None:
    check = keep(HEAD + block(), trial="CWG")
    running = check_manifest(by=cast.coordinator, at=AT, manifest=check.manifest, imports=True)
    stop_check(by=cast.coordinator, at=AT, check=running)
    assert done(running).finished_at is None
    assert not Shipment.objects.exists()
    with refused("not_running", "has ended already"):
        stop_check(by=cast.coordinator, at=AT, check=check)
    done(check_manifest(by=cast.coordinator, at=AT, manifest=check.manifest))
    come_in(cast, check)
    assert Shipment.objects.count() == 1


def test_columns_are_mapped_once_and_remembered(cast: Cast, house: House, keep: Keep, patient: object) -> None:
    theirs = "Art,Patient,Probe,Etikett,Bemerkung\n"
    check = keep(theirs + "Block,CWG-0187,S1,A1,x\n", trial="CWG")
    assert check.columns == ["Art", "Patient", "Probe", "Etikett", "Bemerkung"]
    columns = {"Art": "kind", "Patient": "study_id", "Probe": "specimen_label", "Etikett": "label", "Bemerkung": "-"}
    mapped = done(map_columns(by=cast.coordinator, at=AT, manifest=check.manifest, columns=columns))
    assert (mapped.accepted, mapped.refused, mapped.findings) == (1, 0, [])
    assert ColumnMapping.objects.get().columns == columns
    next_one = keep(theirs + "Block,CWG-0187,S1,A2,y\n", "next.csv", trial="CWG")
    assert next_one.accepted == 1
    assert mapping_of(next_one.manifest) == columns
    with refused("mapping_refused", "There is no column nowhere here", Rejected):
        map_columns(by=cast.coordinator, at=AT, manifest=check.manifest, columns={"Art": "nowhere"})
    with refused("mapping_refused", "cannot both be label", Rejected):
        map_columns(by=cast.coordinator, at=AT, manifest=check.manifest, columns={"Art": "label", "Probe": "label"})


def test_names_are_shown_and_never_used(keep: Keep, patient: object) -> None:
    check = keep(HEAD + block(), "..\\..\\C:/con\0\n" + "x" * 300 + "\ud800.csv", trial="CWG")
    assert check.manifest.name.startswith("con")
    assert len(check.manifest.name) <= 200
    assert default_storage.exists(check.manifest.file)
    assert check.manifest.file.startswith("manifests/")


def test_who_may_not_import_keeps_nothing(cast: Cast, house: House) -> None:
    for who in (cast.bench, cast.reader, cast.statistician):
        with forbidden("Only coordinators"):
            keep_manifest(by=who, at=AT, sender=house.mercy, receiver=house.core, name="a", content=b"a,b\n")


def test_a_check_of_no_manifest_says_so(keep: Keep, house: House) -> None:
    check = keep(cimac("ihc_template.xlsx"), "ihc.xlsx")
    assert (check.rows, check.accepted, check.refused) == (4, 0, 4)
    assert "/read/" in check.findings[0]["sentence"]
    assert desk.state_of(check, imported=False) == "refused"


def test_five_thousand_rows(cast: Cast, house: House, keep: Keep) -> None:
    check = keep(long_manifest(cast, house, 5000), "long.xlsx")
    assert (check.rows, check.accepted, check.findings) == (5000, 5000, [])
    come_in(cast, check)
    assert (ShipmentItem.objects.count(), Slide.objects.count(), Specimen.objects.count()) == (5000, 5000, 1000)
    assert list(ledger.verify()) == []


def test_what_a_dry_run_accepts_comes_in_and_what_it_refuses_does_not(cast: Cast, keep: Keep, patient: object) -> None:
    """The same judgement decides both, whatever stands in the rows."""
    rows = ["A1", "", "A2", "A1", "x" * 61, "A3"]
    for number, label in enumerate(rows):
        check = keep(OURS + f"block,CWG-0187,S{number},{label},,\n", trial="CWG")
        before = Shipment.objects.count()
        if check.refused:
            with refused("not_clean", "refused no row"):
                check_manifest(by=cast.coordinator, at=AT, manifest=check.manifest, imports=True)
        else:
            assert come_in(cast, check).accepted == 1
        assert Shipment.objects.count() == before + (not check.refused)
