"""Which specimen speaks for a patient: an adequate primary, else a metastasis; never pooled.

Pure. Source: the model reference, section 8.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from scoring.vocabulary import Basis


@dataclass(frozen=True, slots=True)
class Tumour:
    """One tumour specimen. `adequate` is its concluded histology's answer, None while it is pending."""

    specimen_id: int
    primary: bool
    resected_on: date | None
    adequate: bool | None


@dataclass(frozen=True, slots=True)
class Choice:
    """`because` ends the sentence "this specimen was taken because …". `pending`: nothing can be said yet."""

    specimen_id: int | None
    basis: Basis
    because: str
    pending: bool = False


def choose(tumours: Sequence[Tumour], therapy_began: date | None, *, withdrawn: bool = False) -> Choice:
    """The specimen whose score is the patient's, or none with the reason."""
    if withdrawn:
        return Choice(None, Basis.NONE, "consent was withdrawn")
    if not tumours:
        return Choice(None, Basis.NONE, "there is no tumour specimen", pending=True)
    primaries = [tumour for tumour in tumours if tumour.primary]
    if fit := [tumour for tumour in primaries if tumour.adequate]:
        return of_several(fit, Basis.PRIMARY, "primary", "", therapy_began)
    if any(tumour.adequate is None for tumour in primaries):
        return Choice(None, Basis.NONE, "the histology of a primary is pending", pending=True)
    why = "; every primary is inadequate" if primaries else "; there is no primary"
    metastases = [tumour for tumour in tumours if not tumour.primary]
    if fit := [tumour for tumour in metastases if tumour.adequate]:
        return of_several(fit, Basis.METASTASIS, "metastasis", why, therapy_began)
    if any(tumour.adequate is None for tumour in metastases):
        return Choice(None, Basis.NONE, f"the histology of a metastasis is pending{why}", pending=True)
    return Choice(None, Basis.NONE, "no specimen is adequate")


def of_several(fit: Sequence[Tumour], basis: Basis, word: str, why: str, therapy_began: date | None) -> Choice:
    """The one resected last before therapy began; dates that tie or are not known fall to the lowest id."""
    if len(fit) == 1:
        return Choice(fit[0].specimen_id, basis, f"it is the only adequate {word}{why}")
    before = [each for each in fit if each.resected_on and (not therapy_began or each.resected_on < therapy_began)]
    until = f"before therapy began on {therapy_began}" if therapy_began else "(start of therapy not recorded)"
    if not before:
        first = min(fit, key=lambda each: each.specimen_id)
        said = f"no adequate {word} is known to be resected {until}, and it was accessioned first"
        return Choice(first.specimen_id, basis, said + why)
    last = max(each.resected_on for each in before if each.resected_on)
    tied = [each for each in before if each.resected_on == last]
    tie = f", first accessioned of {len(tied)} of that day" if len(tied) > 1 else ""
    said = f"of {len(fit)} it is the {word} resected last {until}{tie}"
    return Choice(min(each.specimen_id for each in tied), basis, said + why)
