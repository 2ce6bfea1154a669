"""May this be done? Each check passes or raises one sentence; pages grey a button by the same check."""

from collections.abc import Callable
from datetime import date
from typing import Any

from scoring.cases import ASSAY_LABELS, CaseFacts
from scoring.rules.consistency import date_problems
from scoring.rules.vocabulary import Assay, Phase
from specimens.actors import Actor
from specimens.deeds import require
from specimens.errors import Forbidden, Refused
from specimens.vocabulary import RunControls, Stain

READ, DECIDE, LOAD, OPEN = (
    "scoring.sign_read",
    "scoring.adjudicate",
    "scoring.load_reads",
    "scoring.open_cases",
)
SYNTHETIC = "synthetic, no password"


def refusal_or_none(check: Callable[..., None], **facts: Any) -> Refused | None:
    """The refusal `check` would raise, for a page to show beside a greyed button."""
    try:
        check(**facts)
    except Refused as refusal:
        return refusal
    return None


def check_may_open(viewer: Actor) -> None:
    """May this person open cases at all?"""
    if not (viewer.has_perm(OPEN) or viewer.has_perm("specimens.stain")):
        raise Forbidden("not_your_role", "Only histotechnologists open cases.")


def check_may_load(viewer: Actor, method: str) -> None:
    """Reads are loaded in bulk by an import alone, never as if somebody had signed with a password."""
    require(viewer, LOAD, "Reads are signed one by one by their reader; only an import loads them.")
    if viewer.pk is not None or method != SYNTHETIC:
        raise Forbidden("not_a_signature", f"Loaded reads are not signed by anybody: their method is “{SYNTHETIC}”.")


def check_stands(facts: CaseFacts) -> None:
    """Is the case still to be worked on?"""
    if facts.withdrawn:
        raise Refused("consent_withdrawn", f"Reading of case {facts.code} is stopped: consent was withdrawn.")
    if facts.moved:
        raise Refused("case_void", f"Case {facts.code} is void: its slide was found to be of another specimen.")
    if facts.outdated:
        raise Refused("case_history", f"Case {facts.code} is history: a newer slide has a case of its own.")


def check_controls(facts: CaseFacts) -> None:
    """A CA-IX read waits for the external controls of its stain run."""
    if facts.assay is not Assay.CAIX or facts.controls is RunControls.PASSED:
        return
    state = "failed" if facts.controls is RunControls.FAILED else "have not passed yet"
    raise Refused("controls_not_passed", f"The controls of run {facts.run or 'unknown'} {state}: it cannot be read.")


def check_dates(facts: CaseFacts, on: date) -> None:
    """Cut on or before stained on or before read."""
    for problem in date_problems(facts.cut_on, facts.stained_on, on):
        raise Refused(problem.code, problem.sentence, field=problem.field)


def check_readable(facts: CaseFacts, on: date) -> None:
    check_stands(facts)
    check_controls(facts)
    check_dates(facts, on)


def check_may_sign(viewer: Actor, facts: CaseFacts, on: date) -> None:
    """May this reader sign a first or second read of the case, dated `on`?"""
    require(viewer, READ, "Only pathologists sign reads.")
    check_place(viewer.pk, facts)
    check_readable(facts, on)


def check_place(reader_id: int | None, facts: CaseFacts) -> None:
    """Is there a place left in the case for this reader?"""
    if reader_id in facts.readers:
        raise Refused("read_reader_once", "You have read this case already; its second reader is another.")
    if facts.decision and facts.decision.reader_id == reader_id:
        raise Refused("read_adjudicator_apart", f"You decided case {facts.code}; who decides a case does not read it.")
    if len(facts.reads) >= facts.readers_required:
        raise Refused("read_slot_once", f"Case {facts.code} has all its reads already.")


def check_may_adjudicate(viewer: Actor, facts: CaseFacts, on: date) -> None:
    """May this adjudicator decide the case now?"""
    require(viewer, DECIDE, "Only adjudicators decide discordant cases.")
    if viewer.pk in facts.readers:
        raise Forbidden(
            "read_adjudicator_apart",
            f"You read case {facts.code}; a third person decides where its readers differ.",
        )
    if facts.phase is not Phase.DISCORDANT:
        raise Refused("not_discordant", f"Case {facts.code} has no disagreement to decide.")
    check_readable(facts, on)


def check_may_amend(viewer: Actor, facts: CaseFacts, read: Any, on: date) -> None:
    """May this person supersede `read` (a scoring.Read) with a corrected one?"""
    decides = read.slot == 3
    require(viewer, DECIDE if decides else READ, "Only who signed a read corrects it.")
    if read.reader_id != viewer.pk:
        raise Forbidden("not_your_read", "Only who signed a read corrects it.")
    active = (*facts.reads, *([facts.decision] if facts.decision else []))
    if read.pk not in {each.id for each in active}:
        raise Refused("superseded", "This read was superseded already; correct the one that stands.")
    check_readable(facts, on)


def check_openable(slide: str, stain: str | None, *, here: bool, normal: bool, withdrawn: bool, held: bool) -> None:
    """May a case be opened on this slide? `stain` is None before staining, `held` means in quarantine."""
    if withdrawn:
        raise Refused("consent_withdrawn", f"Slide {slide} is not read: consent was withdrawn.")
    if normal:
        raise Refused("normal_tissue", f"Slide {slide} shows normal tissue; only tumour is read.")
    if not here:
        raise Refused("not_received", f"Slide {slide} is not at the core: receive it first.")
    if held:
        raise Refused("in_quarantine", f"Slide {slide} is in quarantine: settle that first.")
    if stain is None:
        raise Refused("unstained", f"Slide {slide} is not stained yet: stain it first.")
    assert stain in set(Stain), "a run has a known stain"


def subject(facts: CaseFacts) -> str:
    return f"Case {facts.code}: {ASSAY_LABELS[facts.assay]}"
