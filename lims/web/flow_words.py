"""What the stops of the flow are called on pages and pictures. Pure."""

from scoring.flow_stops import Stage

STAGES = {
    Stage.ENROLLED: "Enrolled",
    Stage.ASKED: "Asked",
    Stage.RECEIVED: "Received",
    Stage.ADEQUATE: "Adequate",
    Stage.STAINED: "Stained",
    Stage.READ: "Read",
    Stage.CONCLUDED: "Concluded",
}
MEANS = {
    Stage.ENROLLED: "patients of the trial",
    Stage.ASKED: "their tissue was asked for, or was sent unasked",
    Stage.RECEIVED: "tumour tissue came out of a parcel at the core",
    Stage.ADEQUATE: "it is in order, and no concluded read found it inadequate",
    Stage.STAINED: "an H&E and a CA-IX section of one tumour are stained",
    Stage.READ: "both are read as often as the trial wants",
    Stage.CONCLUDED: "nothing about them is in dispute",
}
REASONS = {
    "consent_withdrawn": "consent withdrawn",
    "no_consent": "no consent on record",
    "no_request": "no request yet",
    "not_sent": "request not sent yet",
    "cancelled": "request cancelled",
    "no_answer": "no answer yet",
    "no_answer_reminded": "no answer, reminded",
    "promised": "promised",
    "on_the_way": "on its way",
    "no_tumour": "no tumour in what came",
    "missing": "missing from its parcel",
    "rejected": "rejected at receipt",
    "quarantined": "in quarantine",
    "nothing_left": "nothing left to cut",
    "section_too_old": "sections too old",
    "without_caix": "waits for CA-IX stain",
    "without_he": "waits for H&E stain",
    "to_cut": "waits to be cut",
    "to_stain": "waits to be stained",
    "control_failed": "control failed",
    "controls_pending": "controls not looked at",
    "no_case": "no case opened yet",
    "awaits_reader": "waits for a reader",
    "awaits_second": "waits for a second reader",
    "discordant": "disagreement undecided",
    "no_tissue": "no tissue",
    "declined": "declined",
    "inadequate": "inadequate",
    "lost": "lost for good",
    "waits": "not yet",
}


def reason_words(reason: str) -> str:
    """“declined: policy” of the code declined:policy."""
    kind, _, detail = reason.partition(":")
    said = REASONS.get(kind, kind.replace("_", " "))
    return f"{said}: {detail.replace('_', ' ')}" if detail else said
