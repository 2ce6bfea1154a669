"""What exists, one module per family; import the classes from here."""

from specimens.models.contacts import Contact, CourierAccount
from specimens.models.counters import Counter
from specimens.models.custody import (
    Block,
    CustodyEvent,
    ItemReceipt,
    QuarantineDecision,
    ReceiptVoid,
    Shipment,
    ShipmentClosure,
    ShipmentItem,
    Slide,
    SlideFace,
)
from specimens.models.cutting import AssayVersion, BlockExhaustion, CuttingEnd, CuttingOrder
from specimens.models.discrepancies import (
    DowntimeForm,
    ItemQuery,
    QueryAnswer,
    QueryClosure,
    QueryHandover,
    ReceiptAmendment,
    ReceiptPhoto,
)
from specimens.models.disposal import Disposal, DisposalAnswer
from specimens.models.images import SlideImage, Tiling
from specimens.models.jobs import Job, Watch
from specimens.models.labels import LabelPrint
from specimens.models.ledger import LedgerEntry, LedgerHead
from specimens.models.letters import Letter, LetterAttempt, LetterResult, LetterSubject
from specimens.models.loans import CustodyCheck, Loan, LoanEvent
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
from specimens.models.requests import ReminderStep, RequestEvent, TissueRequest
from specimens.models.staining import CompositionEstimate, ControlResult, ControlSlide, ReagentLot, Staining, StainRun
from specimens.models.storage import Move, Standing, StoragePlace

__all__ = [
    "AssayVersion",
    "Block",
    "BlockExhaustion",
    "CompositionEstimate",
    "Consent",
    "ConsentWithdrawal",
    "Contact",
    "ControlResult",
    "ControlSlide",
    "Correction",
    "Counter",
    "CourierAccount",
    "CustodyCheck",
    "CustodyEvent",
    "CuttingEnd",
    "CuttingOrder",
    "Disposal",
    "DisposalAnswer",
    "DowntimeForm",
    "HospitalNumber",
    "Institution",
    "InstitutionDuty",
    "ItemQuery",
    "ItemReceipt",
    "Job",
    "LabelPrint",
    "LedgerEntry",
    "LedgerHead",
    "Letter",
    "LetterAttempt",
    "LetterResult",
    "LetterSubject",
    "Loan",
    "LoanEvent",
    "Move",
    "Patient",
    "PatientMerge",
    "QuarantineDecision",
    "QueryAnswer",
    "QueryClosure",
    "QueryHandover",
    "ReagentLot",
    "ReceiptAmendment",
    "ReceiptPhoto",
    "ReceiptVoid",
    "ReminderStep",
    "RequestEvent",
    "Shipment",
    "ShipmentClosure",
    "ShipmentItem",
    "Slide",
    "SlideFace",
    "SlideImage",
    "Specimen",
    "StainRun",
    "Staining",
    "Standing",
    "StoragePlace",
    "Tiling",
    "TissueRequest",
    "Trial",
    "Watch",
]
