"""A signed result in words, the same for its page and its paper. Pure: its content in, labels and values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scoring.rules import types
from scoring.rules.vocabulary import Assay

ASSAYS = {str(Assay.HISTOLOGY): "Histology (H&E)", str(Assay.CAIX): "CA-IX"}
HOW = {
    "single": "one read",
    "concordant_mean": "two concordant reads, their mean",
    "adjudicated": "two discordant reads, decided by an adjudicator",
    "consensus_meeting": "two discordant reads, agreed in a consensus meeting",
}
WHOLE = {
    "risk": "Pathology risk",
    "possible_risks": "Risks still possible",
    "caix_level": "CA-IX level",
    "caix_percent": "CA-IX positive, %",
    "compartment": "Compartment",
    "il2_eligibility": "IL-2 eligibility by this model",
    "reasons": "Reasons",
    "missing": "Missing",
    "specimen": "Specimen that speaks",
    "basis": "Basis",
    "because": "Because",
    "kind": "Kind",
    "pending": "Not concluded",
    "how": "How it was decided",
    "readers": "Readers",
    "left_blank": "Left blank, the reads differ",
    "statement": "Statement",
}
FINDINGS = {
    "adequate": "Section",
    "who_isup": "WHO/ISUP grade",
    "fuhrman": "Fuhrman grade",
    "viable_tumour": "Viable tumour, % of the section",
    "necrosis": "Necrosis, % of the tumour",
    "rhabdoid": "Rhabdoid, %",
    "positive": "Positive, % of tumour cells",
    "pct_positive": "Positive as recorded, %",
    "h_score": "H-score (0 to 300)",
    "mode": "Recorded as",
    "at_least_100_cells": "At least 100 tumour cells",
    "pct_0": "Intensity 0, %",
    "pct_1": "Intensity 1+, %",
    "pct_2": "Intensity 2+, %",
    "pct_3": "Intensity 3+, %",
}
Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report: its title, what stands under it in a quieter voice, and its values."""

    title: str
    under: str
    told: Pairs


def label(name: str) -> str:
    """“arch_alveolar” is “Architecture: alveolar, %”."""
    if name in WHOLE or name in FINDINGS:
        return WHOLE.get(name) or FINDINGS[name]
    for start, word in (("arch_", "Architecture"), ("cyto_", "Cytoplasm")):
        if name.startswith(start):
            return f"{word}: {name.removeprefix(start)}, %"
    return name.replace("_", " ").capitalize()


def value(name: str, told: Any) -> str:
    """A value as people say it; a dash for what is not there."""
    if isinstance(told, list):
        return ", ".join(value(name, each) for each in told) or "–"
    if told is None or told == "":
        return "–"
    if name in ("histologic_type", "underlying_type") and told in types.BY_KEY:
        term = types.BY_KEY[told]
        return f"{term.label} ({term.code})"
    if name == "how":
        return HOW.get(str(told), str(told))
    if name == "pending":
        return ASSAYS.get(str(told), str(told))
    return str(told).replace("_", " ")


def verdict(said: Mapping[str, Any]) -> Pairs:
    names = (
        "risk",
        "possible_risks",
        "caix_level",
        "caix_percent",
        "compartment",
        "il2_eligibility",
        "reasons",
        "missing",
    )
    decided = {"possible_risks"} if len(said.get("possible_risks") or ()) < 2 else set()
    return [(label(name), value(name, said.get(name))) for name in names if name not in decided]


def headline(content: Mapping[str, Any]) -> str:
    """The result in one sentence."""
    said = {name: value(name, content.get(name)) for name in ("risk", "caix_level", "compartment", "il2_eligibility")}
    return (
        f"Pathology risk {said['risk']}, CA-IX {said['caix_level']}: compartment {said['compartment']}, "
        f"IL-2 eligibility by this model: {said['il2_eligibility']}."
    )


def sections(content: Mapping[str, Any]) -> list[Section]:
    """Each tumour: what its cases concluded with, what is pending."""
    found = []
    for accession, specimen in content["specimens"].items():
        speaks = ", speaks for the patient" if accession == content["specimen"] else ""
        title = f"{accession}, {specimen['kind']}{speaks}"
        pending = value("pending", specimen["pending"])
        under = f"not concluded: {pending}" if specimen["pending"] else "every assay concluded"
        # Who speaks for the patient has said its verdict there.
        found.append(Section(title, under, [] if speaks else verdict(specimen["verdict"])))
        for assay, case in specimen["findings"].items():
            blank = f"; left blank, the reads differ: {value('', case['left_blank'])}" if case["left_blank"] else ""
            told = [
                (label(name), value(name, said)) for name, said in case["findings"].items() if said not in (None, "")
            ]
            found.append(Section(f"{accession}, {ASSAYS[assay]}", HOW.get(case["how"], case["how"]) + blank, told))
    return found


def field(name: str) -> str:
    """A changed field's name in words: “specimens.SP-….findings.caix.findings.positive”."""
    parts = [part for part in name.split(".") if part not in ("specimens", "findings", "verdict")]
    return ", ".join([*(ASSAYS.get(part, part) for part in parts[:-1]), label(parts[-1])])


def changed(changes: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """(field, was, became) in words."""
    whole = {(each["field"], str(each["was"]), str(each["became"])) for each in changes}
    named = [(each, each["field"].rpartition(".")[2]) for each in changes if not is_said(each, whole)]
    return [(field(each["field"]), value(name, each["was"]), value(name, each["became"])) for each, name in named]


def is_said(each: Mapping[str, Any], whole: set[tuple[str, str, str]]) -> bool:
    """Is this a specimen's verdict that the patient's own line says already?"""
    name = each["field"].rpartition(".")[2]
    return ".verdict." in each["field"] and (name, str(each["was"]), str(each["became"])) in whole
