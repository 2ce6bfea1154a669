"""The signing rules of an H&E histology read."""

from collections.abc import Iterator

from scoring.rules import types
from scoring.rules.editions import Edition
from scoring.rules.findings import (
    ARCHITECTURE,
    CYTOPLASM,
    GRADES,
    HISTOLOGY_PERCENTS,
    HistologyFindings,
)
from scoring.rules.percent import plain
from scoring.rules.problem import Problem, refusal, warning
from scoring.rules.sums import labelled, ranges, whole_sum
from scoring.rules.vocabulary import YesNo

HIGHEST_GRADE = 4


def problems(read: HistologyFindings, edition: Edition) -> list[Problem]:
    """Everything wrong with this read, by rule."""
    found = list(ranges(read, HISTOLOGY_PERCENTS))
    if read.adequate is None:
        found.append(refusal("adequate", "blank", "Say whether the section is adequate: yes or no."))
    elif read.adequate is YesNo.NO:
        found.extend(_inadequate(read))
    else:
        for rule in (_adequacy, _type, _sums, _grades):
            found.extend(rule(read))
        found.extend(_papillary(read, edition))
    return found


def _inadequate(read: HistologyFindings) -> Iterator[Problem]:
    if read.inadequate_reason is None:
        yield refusal("inadequate_reason", "reason_needed", "Inadequate needs a reason: choose one.")
    for name in HISTOLOGY_PERCENTS:
        value = getattr(read, name)
        # Viable tumour 0 is what makes a section inadequate, so that one 0 may stand.
        if value is not None and not (name == "viable_tumour" and value == 0):
            sentence = f"An inadequate section has no percentages: clear {labelled(name)}, or call it adequate."
            yield refusal(name, "percent_on_inadequate", sentence, "adequate")


def _adequacy(read: HistologyFindings) -> Iterator[Problem]:
    if read.inadequate_reason is not None:
        sentence = "An adequate section has no reason against it: clear it, or call the section inadequate."
        yield refusal("inadequate_reason", "reason_on_adequate", sentence, "adequate")
    if read.viable_tumour is None:
        yield refusal("viable_tumour", "blank", "Give the viable tumour of the section in %; blank is not 0.")
    elif read.viable_tumour == 0:
        sentence = "With no viable tumour the section is inadequate: call it so, or correct the 0 %."
        yield refusal("viable_tumour", "no_viable_tumour", sentence, "adequate")


def _type(read: HistologyFindings) -> Iterator[Problem]:
    if read.histologic_type is None:
        sentence = "Choose a histologic type; “RCC NOS, not yet typed” is there for when it cannot be told."
        yield refusal("histologic_type", "blank", sentence)
        return
    term = types.BY_KEY[read.histologic_type]
    below = types.BY_KEY[read.underlying_type] if read.underlying_type is not None else None
    if below is not None and not term.needs_underlying:
        sentence = f"{term.code} {term.label} stands by itself: clear the underlying type."
        yield refusal("underlying_type", "underlying_not_needed", sentence, "histologic_type")
    if below is not None and term.needs_underlying and below not in types.underlying_types():
        sentence = f"{below.code} {below.label} cannot be an underlying type: choose the type beneath it."
        yield refusal("underlying_type", "underlying_not_allowed", sentence, "histologic_type")
    if below is None and term.needs_underlying:
        sentence = f"{term.code} {term.label} does not say whether it is clear cell: give the underlying type."
        yield warning("underlying_type", "underlying_missing", sentence, "histologic_type")
    if term.obsolete:
        sentence = f"{term.code} {term.label} says nothing about clear cell: choose a current type."
        yield warning("histologic_type", "obsolete_type", sentence)


def _papillary(read: HistologyFindings, edition: Edition) -> Iterator[Problem]:
    term, papillary = types.resolved(read.histologic_type, read.underlying_type), read.arch_papillary
    if term is None or papillary is None:
        return
    if term.key == "papillary" and papillary == 0:
        sentence = "A papillary carcinoma needs papillary above 0 %: correct the type or the percentage."
        yield refusal("arch_papillary", "papillary_type_without_papillary", sentence, "histologic_type")
    if term.key == "clear_cell" and papillary > edition.papillary_warn_above:
        sentence = f"Clear cell with {plain(papillary)} % papillary is unusual: is the type right?"
        yield warning("histologic_type", "clear_cell_mostly_papillary", sentence, "arch_papillary")


def _sums(read: HistologyFindings) -> Iterator[Problem]:
    yield from whole_sum(read, ARCHITECTURE, "Architecture")
    yield from whole_sum(read, CYTOPLASM, "Cytoplasm")


def _grades(read: HistologyFindings) -> Iterator[Problem]:
    term = types.resolved(read.histologic_type, read.underlying_type)
    if term is not None and not term.graded:
        for name in GRADES:
            if getattr(read, name) is not None:
                sentence = f"{term.label.capitalize()} is not graded: clear the {labelled(name)} grade."
                yield refusal(name, "not_graded", sentence, "histologic_type")
        return
    for name in ("arch_sarcomatoid", "rhabdoid"):
        value = getattr(read, name)
        if value is not None and value > 0 and read.who_isup != HIGHEST_GRADE:
            gave = f"you gave {read.who_isup}" if read.who_isup is not None else "none is given"
            sentence = f"{labelled(name).capitalize()} {plain(value)} % needs WHO/ISUP grade 4; {gave}."
            yield refusal("who_isup", "grade_4_needed", sentence, name)
