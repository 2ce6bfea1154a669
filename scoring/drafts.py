"""What a reader has typed of a case and not signed. Only its reader ever meets it; signing takes it away.

A draft is no signed deed: a save writes no ledger line (docs/decisions.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db.models import Exists, F, OuterRef

from scoring.cases import CaseFacts
from scoring.models import Draft, Read, ReadingCase
from scoring.policies import DECIDE, READ, check_may_adjudicate, check_may_amend, check_may_sign
from scoring.reading import day
from scoring.rules.vocabulary import Assay
from scoring.signing import locked
from specimens.actors import Actor, person_id
from specimens.deeds import deed
from specimens.errors import Forbidden, Invalid, Refused
from specimens.models import SlideImage

MOST_FIELDS = 60
LONGEST_NAME, LONGEST = 40, 5000
LONGEST_WINDOW = 36
HIGHEST = 2**31 - 2
PROOFS = ("password", "code")  # what proves the signer is never kept


class Form(StrEnum):
    """Which of a case's forms is being typed."""

    READ = "read"
    DECIDE = "decide"
    AMEND = "amend"


class Older(Refused):
    """The save names an older version than the one that is kept (412)."""

    status = 412


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft as its reader sees it. `version` 0 is a draft that nobody has begun."""

    typed: Mapping[str, str]
    form: Form
    version: int
    window: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Begun:
    """One line of what a reader has begun and not signed. `slide` is blank where it has a picture."""

    code: str
    assay: Assay
    slide: str
    synthetic: bool
    form: Form
    saved_at: datetime


@deed
def save_draft(*, by: Actor, at: datetime, case: ReadingCase, typed: Mapping[str, str], version: int,
               window: str = "", form: Form = Form.READ) -> Kept:  # fmt: skip
    """Keep what is typed, field by field, in place of version `version` (0 when none was kept).

    Raises Older when a later one is kept, unless the same window saves and skips its own late messages;
    Refused when the case cannot be signed by this person now.
    """
    said = fit(typed, version, window)
    facts = locked([case.pk])[case.pk]
    check_open(by, facts, form, day(at))
    held = Draft.objects.filter(case=case, reader_id=person_id(by)).first()
    check_version(held, version, window)
    kept = held or Draft(case=case, reader_id=person_id(by), begun_at=at)
    kept.typed, kept.window, kept.saved_at = said | {"form": form.value}, window, at
    kept.version = max(version, kept.version) + 1
    kept.save()
    return kept_of(kept)


@deed
def drop_draft(*, by: Actor, at: datetime, case: ReadingCase) -> None:
    """Throw one's own draft of the case away. Nothing happens where none is kept."""
    Draft.objects.filter(case=case, reader_id=person_id(by)).delete()


def fit(typed: Mapping[str, str], version: int, window: str) -> dict[str, str]:
    """What can be kept of it: characters no database takes are left out. Raises Invalid for what no desk sends."""
    if len(typed) > MOST_FIELDS or any(len(name) > LONGEST_NAME or len(text) > LONGEST for name, text in typed.items()):
        raise Invalid("draft_too_large", f"A draft has at most {MOST_FIELDS} fields of {LONGEST} characters each.")
    if not (0 <= version <= HIGHEST and len(window) <= LONGEST_WINDOW):
        raise Invalid("draft_version", "Name the version the draft was last saved as, 0 for a first one.")
    return {name: clean(text) for name, text in typed.items() if name not in PROOFS}


def clean(text: str) -> str:
    return text.replace("\0", "").encode(errors="ignore").decode()


def check_open(by: Actor, facts: CaseFacts, form: Form, on: date) -> None:
    """May this person sign this form of the case now? What cannot be signed is not kept either."""
    if not (by.has_perm(READ) or by.has_perm(DECIDE)):
        raise Forbidden("not_your_role", "Only who reads or decides a case keeps a draft of it.")
    if form is Form.DECIDE:
        check_may_adjudicate(by, facts, on)
    elif form is Form.AMEND:
        check_may_amend(by, facts, own_read(by, facts), on)
    else:
        check_may_sign(by, facts, on)


def own_read(by: Actor, facts: CaseFacts) -> Read:
    """The read of the case that this person signed and that stands."""
    mine = [read.id for read in (*facts.reads, *filter(None, [facts.decision])) if read.reader_id == by.pk]
    if not mine:
        raise Refused("nothing_signed", f"You have signed nothing of case {facts.code} that could be corrected.")
    return Read.objects.get(pk=mine[0])


def check_version(held: Draft | None, version: int, window: str) -> None:
    """A window may run ahead of its own messages that are still under way, never behind another's save."""
    if held is None:
        if version:
            raise Older("draft_gone", "This draft is gone: it was signed or thrown away in another window.")
        return
    same = bool(window) and held.window == window
    if version < held.version or (version > held.version and not same):
        raise Older("draft_older", "This case is open in another window, where more was typed since.")


# ---- what its reader sees ----
def draft_of(viewer: Actor, case_id: int) -> Kept | None:
    """The viewer's own draft of the case. One query."""
    found = Draft.objects.filter(case_id=case_id, reader_id=viewer.pk).first()
    return kept_of(found) if found else None


def begun_by(viewer: Actor, limit: int = 200) -> list[Begun]:
    """What this viewer has begun, latest saved first. One query."""
    found = Draft.objects.filter(reader_id=viewer.pk).order_by("-saved_at", "-id")
    rows = found.annotate(
        code=F("case__code"),
        assay=F("case__assay"),
        slide=F("case__slide__accession"),
        synthetic=F("case__synthetic"),
        pictured=Exists(SlideImage.objects.filter(slide_id=OuterRef("case__slide_id"))),
    ).values("code", "assay", "slide", "synthetic", "typed", "saved_at", "pictured")[:limit]
    return [
        Begun(
            row["code"],
            Assay(row["assay"]),
            "" if row["pictured"] else row["slide"],
            row["synthetic"],
            form_of(row["typed"]),
            row["saved_at"],
        )
        for row in rows
    ]


def kept_of(draft: Draft) -> Kept:
    typed = {name: text for name, text in draft.typed.items() if name != "form"}
    return Kept(typed, form_of(draft.typed), draft.version, draft.window, draft.saved_at)


def form_of(typed: Mapping[str, str]) -> Form:
    return Form(typed.get("form") or Form.READ)
