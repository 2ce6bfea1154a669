"""The histologic types a reader may choose, each with its own clear-cell answer (ICD-O-3).

A type's key, not its code, is what is recorded: two terms share 8312/3 and answer differently.
"""

from dataclasses import dataclass

from scoring.rules.vocabulary import ClearCell


@dataclass(frozen=True, slots=True)
class HistologicType:
    """One term of the list. `clear_cell` None means the term alone does not answer."""

    key: str
    code: str
    label: str
    clear_cell: ClearCell | None
    needs_underlying: bool = False
    graded: bool = True
    obsolete: bool = False


YES, NO = ClearCell.YES, ClearCell.NO

TYPES: tuple[HistologicType, ...] = (
    HistologicType("clear_cell", "8310/3", "clear cell", YES),
    HistologicType("papillary", "8260/3", "papillary", NO),
    HistologicType("chromophobe", "8317/3", "chromophobe", NO, graded=False),
    HistologicType("collecting_duct", "8319/3", "collecting duct", NO),
    HistologicType("medullary", "8510/3", "medullary", NO),
    HistologicType("translocation", "8311/3", "MiT family translocation", NO),
    HistologicType("clear_cell_papillary", "8323/3", "mixed / clear cell papillary", NO),
    HistologicType("mixed_subtypes", "8255/3", "mixed subtypes", NO),
    HistologicType("sarcomatoid", "8318/3", "sarcomatoid", None, needs_underlying=True),
    HistologicType("cyst_associated", "8316/3", "cyst-associated", None, needs_underlying=True),
    HistologicType("unclassified", "8312/3", "unclassified, signed centrally", NO),
    HistologicType("not_yet_typed", "8312/3", "RCC NOS, not yet typed", None),
    HistologicType("granular_cell", "8320/3", "granular cell (obsolete)", None, obsolete=True),
)

BY_KEY: dict[str, HistologicType] = {term.key: term for term in TYPES}


def underlying_types() -> tuple[HistologicType, ...]:
    """The terms that may stand beneath one that needs an underlying type."""
    return tuple(term for term in TYPES if not term.needs_underlying and not term.obsolete)


def resolved(type_key: str | None, underlying_key: str | None = None) -> HistologicType | None:
    """The term that answers for a tumour: the underlying one where the type needs it, else the type.

    None while nothing answers yet. Raises KeyError for a key that is not in the list.
    """
    if type_key is None:
        return None
    term = BY_KEY[type_key]
    if not term.needs_underlying:
        return term
    below = BY_KEY[underlying_key] if underlying_key is not None else None
    return None if below is None or below.needs_underlying else below


def clear_cell_of(type_key: str | None, underlying_key: str | None = None) -> ClearCell | None:
    """Clear cell, not clear cell, or None: not yet answered. KeyError for an unknown key."""
    term = resolved(type_key, underlying_key)
    return term.clear_cell if term is not None else None
