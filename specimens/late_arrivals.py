"""Tissue that comes after its patient withdrew: kept apart, and its sender asked what shall become of it."""

from collections.abc import Sequence

from specimens.models import Consent, InstitutionDuty, ItemReceipt, Shipment
from specimens.vocabulary import ConsentScope, InstitutionRole


def kept_apart(receipts: Sequence[ItemReceipt], shipment: Shipment) -> list[tuple[ItemReceipt, str]]:
    """Keep apart what a core receives of who withdrew: each such unsaved receipt, and the question to its sender."""
    patients = {id(receipt): patient_of(receipt) for receipt in receipts}
    gone = dict(
        Consent.objects.filter(
            patient_id__among={patient for patient in patients.values() if patient},
            scope=ConsentScope.THIS_STUDY,
            withdrawal__isnull=False,
        ).values_list("patient_id", "withdrawal__withdrawn_on")
    )
    if (
        not gone
        or not InstitutionDuty.objects.filter(institution_id=shipment.receiver_id, role=InstitutionRole.CORE).exists()
    ):
        return []
    late = [receipt for receipt in receipts if patients[id(receipt)] in gone]
    for receipt in late:
        receipt.apart = True
    return [(receipt, question(receipt, str(gone[patients[id(receipt)] or 0]))) for receipt in late]


def patient_of(receipt: ItemReceipt) -> int | None:
    block = receipt.item.slide.block if receipt.item.slide else receipt.item.block
    return block.specimen.patient_id if block else None


def question(receipt: ItemReceipt, day: str) -> str:
    return (
        f"The patient withdrew consent on {day}, before {receipt.item.label} came. It is kept apart and nothing is "
        "done with it: shall it go back to you, or be destroyed?"
    )
