"""What exists, one module per family; import the classes from here."""

from specimens.models.counters import Counter
from specimens.models.custody import (
    Block,
    CustodyEvent,
    ItemReceipt,
    QuarantineDecision,
    Shipment,
    ShipmentClosure,
    ShipmentItem,
    Slide,
    SlideFace,
)
from specimens.models.images import SlideImage
from specimens.models.jobs import Job
from specimens.models.ledger import LedgerEntry, LedgerHead
from specimens.models.provenance import (
    Consent,
    ConsentWithdrawal,
    Correction,
    HospitalNumber,
    Institution,
    InstitutionDuty,
    Patient,
    PatientMerge,
    Specimen,
    Trial,
)
from specimens.models.staining import CompositionEstimate, ControlResult, ReagentLot, Staining, StainRun

__all__ = [
    "Block",
    "CompositionEstimate",
    "Consent",
    "ConsentWithdrawal",
    "ControlResult",
    "Correction",
    "Counter",
    "CustodyEvent",
    "HospitalNumber",
    "Institution",
    "InstitutionDuty",
    "ItemReceipt",
    "Job",
    "LedgerEntry",
    "LedgerHead",
    "Patient",
    "PatientMerge",
    "QuarantineDecision",
    "ReagentLot",
    "Shipment",
    "ShipmentClosure",
    "ShipmentItem",
    "Slide",
    "SlideFace",
    "SlideImage",
    "Specimen",
    "StainRun",
    "Staining",
    "Trial",
]
