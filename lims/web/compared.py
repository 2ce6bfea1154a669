"""Reads beside each other: what differs is lifted out, what agrees follows; and one read in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lims.web.findings_sheet import CHOICES, KINDS, label_of
from scoring.rules import types
from scoring.rules.findings import CAIX_PERCENTS, HISTOLOGY_PERCENTS, INTENSITIES
from scoring.rules.vocabulary import Assay, Discordance
from scoring.views import ConsensusView, ReadView

PERCENTS = {*HISTOLOGY_PERCENTS, *CAIX_PERCENTS, "positive"}
TYPES = ("histologic_type", "underlying_type")
WHY = {
    Discordance.ADEQUACY: "one calls the section adequate, the other does not",
    Discordance.EVALUABILITY: "one calls the stain evaluable, the other does not",
    Discordance.TYPE: "the histologic type differs",
    Discordance.CLEAR_CELL: "clear cell against not clear cell",
    Discordance.PAPILLARY: "papillary present against absent",
    Discordance.RISK: "the pathology risk differs",
    Discordance.MEAN_CATEGORY: "their mean falls in another category than both",
    Discordance.CAIX_STRADDLES: "either side of the CA-IX cutoff",
    Discordance.CAIX_POINTS: "too many points apart",
    Discordance.BLANK_FIELD: "a field the score needs is blank in one",
}
PLACES = {
    Discordance.ADEQUACY: ("adequate",),
    Discordance.EVALUABILITY: ("evaluable",),
    Discordance.TYPE: TYPES,
    Discordance.CLEAR_CELL: ("histologic_type",),
    Discordance.PAPILLARY: ("arch_papillary",),
    Discordance.RISK: ("arch_alveolar", "cyto_granular"),
    Discordance.MEAN_CATEGORY: ("arch_alveolar", "cyto_granular"),
    Discordance.CAIX_STRADDLES: ("positive",),
    Discordance.CAIX_POINTS: ("positive",),
}
BARS = dict(zip(INTENSITIES, ("dab-0", "dab-1", "dab-2", "dab-3"), strict=True))


@dataclass(frozen=True, slots=True)
class Row:
    """One finding of two reads. `a` and `b` are as shown; the numbers are for bars."""

    label: str
    a: str
    b: str
    used: str
    differs: bool
    why: str = ""
    bar: str = ""
    number_a: str | None = None
    number_b: str | None = None
    how: str = ""


def rows_of(
    assay: Assay,
    first: ReadView,
    second: ReadView,
    discordances: tuple[str, ...] = (),
    consensus: ConsensusView | None = None,
) -> list[Row]:
    """Every finding of the two reads, in the form's order, the computed ones first for CA-IX."""
    one, other = told(assay, first), told(assay, second)
    used = consensus_told(consensus) if consensus else {}
    return [
        row(name, one.get(name), other.get(name), used.get(name), reason(name, discordances))
        for name in names_of(assay)
        if any(value not in (None, "") for value in (one.get(name), other.get(name), used.get(name)))
    ]


def names_of(assay: Assay) -> list[str]:
    computed = ["positive", "h_score"] if assay is Assay.CAIX else []
    return [*computed, *(name for name in KINDS[assay] if name != "pct_positive")]


def told(assay: Assay, read: ReadView) -> dict[str, Any]:
    return {**read.findings, "positive": read.positive, "h_score": read.h_score}


def consensus_told(value: ConsensusView) -> dict[str, Any]:
    return {**value.findings, "positive": value.positive, "h_score": value.h_score}


def row(name: str, one: Any, other: Any, used: Any, why: str) -> Row:
    bar = BARS.get(name, "dab-3" if name == "positive" else "")
    return Row(
        label=row_label(name),
        a=shown(name, one),
        b=shown(name, other),
        used=shown(name, used),
        differs=one != other,
        why=why or difference(name, one, other),
        bar=bar,
        number_a=one if bar else None,
        number_b=other if bar else None,
    )


ROW_LABELS = {
    "positive": "positive",
    "h_score": "H-score",
    "who_isup": "WHO/ISUP grade",
    "fuhrman": "Fuhrman grade",
    "arch_other": "other architecture",
    "cyto_other": "other cytoplasm",
}


def row_label(name: str) -> str:
    return ROW_LABELS.get(name, label_of(name).lower())


def reason(name: str, discordances: tuple[str, ...]) -> str:
    said = [WHY[each] for each in Discordance if each in discordances and name in PLACES.get(each, ())]
    return "; ".join(said)


def difference(name: str, one: Any, other: Any) -> str:
    """How far apart two percentages are, in words; blank for anything else."""
    if name not in PERCENTS or one is None or other is None or one == other:
        return ""
    apart = float(one) - float(other)
    return f"{abs(apart):g} more in {'A' if apart > 0 else 'B'}"


def shown(name: str, value: Any) -> str:
    """A finding as people write it; a blank is “blank”, never 0."""
    if value is None or value == "":
        return ""
    if name in PERCENTS:
        return f"{value} %"
    if name in TYPES:
        term = types.BY_KEY[value]
        return f"{term.code} {term.label}"
    words = {choice.value: choice.label.removesuffix(", because…") for choice in CHOICES.get(name, ())}
    return words.get(str(value), str(value).replace("_", " ") if name != "comment" else str(value))


def in_words(
    assay: Assay, findings: Mapping[str, Any], positive: str | None, h_score: str | None
) -> list[tuple[str, str]]:
    """One read as label and value, blanks left out."""
    every = {**findings, "positive": positive, "h_score": h_score}
    return [
        (row_label(name), shown(name, every[name])) for name in names_of(assay) if every.get(name) not in (None, "")
    ]


def said_of(discordances: tuple[str, ...]) -> str:
    """In what two reads differ, in one line."""
    return "; ".join(WHY[each] for each in Discordance if each in discordances)
