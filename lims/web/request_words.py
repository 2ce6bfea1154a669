"""Requests as people say them: what is to be done and why, with its shape and next action. Pure."""

from dataclasses import dataclass
from datetime import date

from specimens.request_desk import RequestRow
from specimens.vocabulary import NextStep, NoTissueReason, RequestState

STATE_SHAPES = {
    RequestState.NOT_SENT: "open",
    RequestState.ASKED: "open",
    RequestState.REMINDED: "part",
    RequestState.PROMISED: "part",
    RequestState.SHIPPED: "part",
    RequestState.PARTLY_RECEIVED: "part",
    RequestState.RECEIVED: "done",
    RequestState.DECLINED: "stop",
    RequestState.NO_TISSUE: "stop",
    RequestState.CANCELLED: "none",
}
ACTIONS = {
    NextStep.SEND: "Send the request",
    NextStep.TELEPHONE: "Record a call",
    NextStep.PROMISE: "Ask where it is",
    NextStep.TRACE: "Trace the parcel",
    NextStep.ASK_FOR_REST: "Ask for the rest",
    NextStep.CANCEL: "Cancel the request",
    NextStep.NONE: "Open",
}
REASONS = {
    NoTissueReason.NO_CONSENT: "no consent",
    NoTissueReason.BLOCK_EXHAUSTED: "block exhausted",
    NoTissueReason.BIOPSY_ONLY: "biopsy only",
    NoTissueReason.POLICY: "policy of the institution",
    NoTissueReason.LOST: "lost",
    NoTissueReason.DESTROYED: "destroyed",
    NoTissueReason.NO_REPLY: "no reply",
}


@dataclass(frozen=True, slots=True)
class SaidRow:
    """A row with the words its page prints. `late` counts the days it is overdue."""

    row: RequestRow
    what: str
    state: str
    shape: str
    action: str
    late: int
    href: str = ""
    problem: str = ""
    ticked: bool = False


def what_of(row: RequestRow) -> str:
    """Why the row is there, in the words of the bench."""
    if row.step is NextStep.CANCEL:
        return "Consent was withdrawn: cancel it"
    if row.step is NextStep.SEND:
        return "Written, not sent"
    if row.step is NextStep.PROMISE:
        return f"Promised for {row.promised_for}, asked {row.asked_on}"
    if row.step is NextStep.TRACE:
        return f"Announced {row.sent_on}, nothing received yet"
    if row.step is NextStep.ASK_FOR_REST:
        return f"Part is here, the rest announced {row.sent_on}"
    if row.step is NextStep.REMINDER:
        since = f"; reminded {row.reminded_on}" if row.reminded_on else ""
        return f"Asked {row.asked_on}{since}; reminder {row.reminder} goes out by itself"
    if row.step is NextStep.TELEPHONE:
        times = {0: "No reply", 1: "No reply to a reminder"}.get(
            row.reminders, f"No reply to {row.reminders} reminders"
        )
        return f"{times}: telephone, then ask for a reason"
    return f"Asked {row.asked_on}" if row.asked_on else "Closed before it was sent"


def action_of(row: RequestRow) -> str:
    return f"Send reminder {row.reminder} now" if row.reminder else ACTIONS[row.step]


def said_row(row: RequestRow, today: date, href: str, *, problem: str = "", ticked: bool = False) -> SaidRow:
    late = (today - row.due_on).days if row.due_on and row.due_on < today else 0
    quiet = row.step is NextStep.TELEPHONE
    state = f"no reply, {(today - row.asked_on).days} d" if quiet and row.asked_on else row.state.replace("_", " ")
    shape = "due" if quiet or row.step is NextStep.CANCEL else STATE_SHAPES[row.state]
    return SaidRow(row, what_of(row), state, shape, action_of(row), late, href, problem, ticked)
