"""The bench's words for what exists. No Django here."""

from enum import StrEnum


class InstitutionRole(StrEnum):
    TREATING = "treating"
    HOLDING = "holding"
    CORE = "core"


class SpecimenKind(StrEnum):
    PRIMARY = "primary"
    METASTASIS = "metastasis"
    NORMAL = "normal"


class Laterality(StrEnum):
    LEFT = "left"
    RIGHT = "right"
    BILATERAL = "bilateral"
    NOT_RECORDED = ""


class Preservation(StrEnum):
    FFPE = "ffpe"
    FROZEN = "frozen"
    OCT = "oct"
    NOT_RECORDED = ""


class ConsentScope(StrEnum):
    THIS_STUDY = "this_study"
    FUTURE_RESEARCH = "future_research"


class ItemKind(StrEnum):
    BLOCK = "block"
    UNSTAINED_SLIDE = "unstained_slide"
    HE_SLIDE = "he_slide"
    ALIQUOT = "aliquot"


class Terms(StrEnum):
    """On what terms tissue is here: models.md section 8."""

    LOAN = "loan"
    DONATED = "donated"
    CONSUMED = "consumed"


class Condition(StrEnum):
    INTACT = "intact"
    BROKEN = "broken"
    WET = "wet"
    LABEL_MISMATCH = "label_mismatch"


class QuarantineOutcome(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class CustodyKind(StrEnum):
    """Events of CDISC's biospecimen domain that this core records (exports.md 1.2)."""

    COLLECTED = "collected"
    EMBEDDED = "embedded"
    SECTIONED = "sectioned"
    SHIPPED = "shipped"
    RECEIVED = "received"
    STAINED = "stained"
    RETURNED = "returned"
    CONSUMED = "consumed"
    DESTROYED = "destroyed"
    LOST = "lost"
    FOUND = "found"


class Whereabouts(StrEnum):
    """Where a block or slide stands: a function of its custody events and of the closing of its parcel."""

    HELD = "held"
    ON_ITS_WAY = "on_its_way"
    MISSING = "missing"
    LOST = "lost"
    RETURNED = "returned"
    CONSUMED = "consumed"
    DESTROYED = "destroyed"


class Stain(StrEnum):
    HE = "he"
    CAIX = "caix"


class ControlKind(StrEnum):
    POSITIVE = "positive"
    NEGATIVE = "negative"


class RunControls(StrEnum):
    """What the external controls of a stain run say together: a function of their results."""

    PENDING = "pending"
    PASSED = "passed"
    FAILED = "failed"


class OrderState(StrEnum):
    """A function of a cutting order's end."""

    OPEN = "open"
    CUT = "cut"
    CANCELLED = "cancelled"


class AgeBand(StrEnum):
    """How a section's age stands to its trial's two limits."""

    FRESH = "fresh"
    AGEING = "ageing"
    PAST = "past"
    UNKNOWN = "unknown"


class Presence(StrEnum):
    """Where a thing is, seen from the core: there, elsewhere, or no more."""

    CORE = "core"
    AWAY = "away"
    GONE = "gone"


class EstimateSource(StrEnum):
    SITE = "site"
    CORE = "core"


class CorrectionKind(StrEnum):
    SPECIMEN_TO_PATIENT = "specimen_to_patient"
    BLOCK_TO_SPECIMEN = "block_to_specimen"
    SLIDE_TO_BLOCK = "slide_to_block"
    PATIENT_MERGED = "patient_merged"
    STUDY_ID = "study_id"


class Wanted(StrEnum):
    """What a request for tissue asks for."""

    EITHER = "either"
    BLOCK = "block"
    UNSTAINED_SLIDES = "unstained_slides"


class RequestEventKind(StrEnum):
    """What happened to a request for tissue. What was shipped and received is read off the parcels."""

    ASKED = "asked"
    REMINDED = "reminded"
    CALLED = "called"
    PROMISED = "promised"
    DECLINED = "declined"
    NO_TISSUE = "no_tissue"
    CANCELLED = "cancelled"


class RequestState(StrEnum):
    """A function of a request's events and of the parcels that answer it."""

    NOT_SENT = "not_sent"
    ASKED = "asked"
    REMINDED = "reminded"
    PROMISED = "promised"
    SHIPPED = "shipped"
    PARTLY_RECEIVED = "partly_received"
    RECEIVED = "received"
    DECLINED = "declined"
    NO_TISSUE = "no_tissue"
    CANCELLED = "cancelled"


class NextStep(StrEnum):
    """What the chase of a request waits for: a function of its facts, its trial's schedule and the day."""

    SEND = "send"
    REMINDER = "reminder"
    TELEPHONE = "telephone"
    PROMISE = "promise"
    TRACE = "trace"
    ASK_FOR_REST = "ask_for_rest"
    CANCEL = "cancel"
    NONE = "none"


class NoTissueReason(StrEnum):
    """Why no tissue comes: models.md section 8."""

    NO_CONSENT = "no_consent"
    BLOCK_EXHAUSTED = "block_exhausted"
    BIOPSY_ONLY = "biopsy_only"
    POLICY = "policy"
    LOST = "lost"
    DESTROYED = "destroyed"
    NO_REPLY = "no_reply"
    NOT_GIVEN = ""


class LetterPurpose(StrEnum):
    REQUEST = "request"
    REMINDER = "reminder"
    QUERY = "query"
    RECALL = "recall"
    LOAN_OVERDUE = "loan_overdue"
    RETURN = "return"


class LetterState(StrEnum):
    """A function of a letter's address, attempts and results."""

    BY_POST = "by_post"
    WAITING = "waiting"
    NOT_KNOWN = "not_known"
    SENT = "sent"
    REFUSED = "refused"


class ContactDuty(StrEnum):
    PATHOLOGY = "pathology"
    TRIAL_OFFICE = "trial_office"
    SHIPPING = "shipping"


class DowntimeKind(StrEnum):
    RECEIPT = "receipt"
    READS = "reads"


class LabelFormat(StrEnum):
    SHEET = "sheet"
    THERMAL = "thermal"


class PlaceKind(StrEnum):
    ROOM = "room"
    CABINET = "cabinet"
    DRAWER = "drawer"


class DisposalKind(StrEnum):
    DESTROYED = "destroyed"
    CONSUMED = "consumed"


class LoanEventKind(StrEnum):
    EXTENSION_ASKED = "extension_asked"
    EXTENDED = "extended"
    EXTENSION_REFUSED = "extension_refused"
    RECALLED = "recalled"
    RECALL_WITHDRAWN = "recall_withdrawn"
    DONATED = "donated"


class LoanState(StrEnum):
    """A function of a loan's events, of what custody says of the thing, and of the day."""

    HERE = "here"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    RECALLED = "recalled"
    PACKED = "packed"
    ON_ITS_WAY = "on_its_way"
    MISSING = "missing"
    RETURNED = "returned"
    DONATED = "donated"
    LOST = "lost"
    CONSUMED = "consumed"
    DESTROYED = "destroyed"
    WITHDRAWN = "withdrawn"


STAIN_LABELS = {Stain.HE: "H&E", Stain.CAIX: "CA-IX"}
