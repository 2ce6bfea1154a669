"""The conditions of each clinical system, and the group that follows from those that hold."""

from scoring.rules.clinical.calcium import corrected
from scoring.rules.clinical.conditions import Condition, answered, blank, certain, over, soon, under
from scoring.rules.clinical.days import months_after
from scoring.rules.clinical.editions import ClinicalEdition
from scoring.rules.clinical.factors import Factors
from scoring.rules.vocabulary import Holds, YesNo

CALCIUM = ("calcium_mg_dl", "albumin_g_dl")
Held = frozenset[str]


def mskcc(factors: Factors, edition: ClinicalEdition, formula: str | None) -> tuple[Condition, ...]:
    """Motzer 2002: five points."""
    calcium = corrected(factors, edition.formula(formula))
    limit = edition.cutoff("calcium_over_mg_dl")
    wanting = blank(factors, *CALCIUM)
    raised = Holds.UNKNOWN if calcium is None else certain(calcium.mg_dl > limit)
    return (
        _karnofsky(factors, edition),
        _over_uln("LDH_OVER_LIMIT", factors, "ldh", edition),
        _haemoglobin(factors, edition),
        Condition("CALCIUM_OVER_LIMIT", raised, wanting),
        _treated_soon(factors, edition),
    )


def imdc(factors: Factors, edition: ClinicalEdition, formula: str | None) -> tuple[Condition, ...]:
    """Heng 2009: six points; calcium against its upper limit of normal."""
    calcium = corrected(factors, edition.formula(formula))
    times, limit = edition.cutoff("calcium_over_uln_times"), factors.calcium_uln_mg_dl
    wanting = blank(factors, *CALCIUM, "calcium_uln_mg_dl")
    return (
        _haemoglobin(factors, edition),
        over("CALCIUM_OVER_LIMIT", calcium.mg_dl if calcium else None, times, limit, *wanting),
        _karnofsky(factors, edition),
        _treated_soon(factors, edition),
        _over_uln("NEUTROPHILS_OVER_LIMIT", factors, "neutrophils", edition),
        _over_uln("PLATELETS_OVER_LIMIT", factors, "platelets", edition),
    )


def by_count(held: Held, edition: ClinicalEdition) -> str:
    """The group of MSKCC and IMDC from their points."""
    if len(held) >= edition.cutoff("poor_at"):
        return "poor"
    return "intermediate" if len(held) >= edition.cutoff("intermediate_at") else "favourable"


def negrier(factors: Factors, edition: ClinicalEdition, formula: str | None) -> tuple[Condition, ...]:
    """Negrier 2005: four factors of rapid progression."""
    sites, years = factors.metastatic_sites, edition.cutoff("metastases_within_years")
    many = Holds.UNKNOWN if sites is None else certain(sites > edition.cutoff("sites_over"))
    return (
        answered("LIVER_METASTASES", factors, "liver_metastases"),
        soon("METASTASES_SOON_AFTER_DIAGNOSIS", factors, "diagnosis_date", "metastasis_date", years),
        Condition("MORE_THAN_ONE_SITE", many, blank(factors, "metastatic_sites")),
        _over_uln("NEUTROPHILS_OVER_LIMIT", factors, "neutrophils", edition),
    )


def rapid(held: Held, edition: ClinicalEdition) -> str:
    """Negrier's group from its points."""
    return "rapid" if len(held) >= edition.cutoff("rapid_at") else "not_rapid"


def figlin(factors: Factors, edition: ClinicalEdition, formula: str | None) -> tuple[Condition, ...]:
    """Figlin 1997. A nephrectomy with a date was done; one after therapy began was not done by then."""
    removed, began, done = factors.nephrectomy_date, factors.systemic_therapy_start, factors.nephrectomy
    til = answered("TIL", factors, "til")
    if done is YesNo.NO:
        return (til, Condition("NO_NEPHRECTOMY", Holds.YES))
    lacking = blank(factors, "nephrectomy_date", "systemic_therapy_start")
    none = Condition("NO_NEPHRECTOMY", Holds.NO)
    if done is None and removed is None:
        none = Condition("NO_NEPHRECTOMY", Holds.UNKNOWN, ("nephrectomy",))
    if removed is None or began is None:
        after = Condition("NEPHRECTOMY_AFTER_THERAPY_BEGAN", Holds.UNKNOWN, lacking)
        return (til, none, after, Condition("NEPHRECTOMY_WITHIN_6_MONTHS", Holds.UNKNOWN, lacking))
    if removed > began:
        return (til, none, Condition("NEPHRECTOMY_AFTER_THERAPY_BEGAN", Holds.YES))
    months = int(edition.cutoff("nephrectomy_months_at_most"))
    within = certain(began <= months_after(removed, months))
    return (til, none, Condition("NEPHRECTOMY_WITHIN_6_MONTHS", within, otherwise="NEPHRECTOMY_OVER_6_MONTHS"))


def of_nephrectomy(held: Held, edition: ClinicalEdition) -> str:
    """Figlin's group; TIL comes first."""
    if "TIL" in held:
        return "til"
    if held & {"NO_NEPHRECTOMY", "NEPHRECTOMY_AFTER_THERAPY_BEGAN"}:
        return "no_nephrectomy"
    return "within_6_months" if "NEPHRECTOMY_WITHIN_6_MONTHS" in held else "after_6_months"


def strata(factors: Factors, edition: ClinicalEdition, formula: str | None) -> tuple[Condition, ...]:
    """McDermott 2005: the strata of the CWG phase III trial, which took ECOG 0 and 1."""
    ecog, lacking = factors.ecog, blank(factors, "ecog")
    worse = Holds.UNKNOWN if ecog is None else certain(ecog > edition.cutoff("ecog_at_most"))
    well = Holds.UNKNOWN if ecog is None else certain(ecog == 0)
    restricted = "ECOG_1" if ecog is not None and worse is Holds.NO else ""
    return (
        Condition("ECOG_2_OR_MORE", worse, lacking),
        Condition("ECOG_0", well, lacking, restricted),
        answered("PRIMARY_IN_PLACE", factors, "primary_in_place", "PRIMARY_RESECTED"),
        _bone_or_liver(factors),
    )


def stratum(held: Held, edition: ClinicalEdition) -> str:
    """One of the eight strata, or not applicable."""
    if "ECOG_2_OR_MORE" in held:
        return "not_applicable"
    status = "ps0" if "ECOG_0" in held else "ps1"
    primary = "primary" if "PRIMARY_IN_PLACE" in held else "resected"
    return f"{status}_{primary}_{'boneliver' if 'BONE_OR_LIVER' in held else 'other'}"


def bui(factors: Factors, edition: ClinicalEdition, formula: str | None) -> tuple[Condition, ...]:
    """Bui 2003: CA-IX alone. A result that is not evaluable is a blank whatever its number."""
    value = factors.caix if factors.caix_evaluable else None
    high = Holds.UNKNOWN if value is None else certain(value > edition.cutoff("caix_high_above"))
    return (Condition("CAIX_HIGH", high, ("caix",), "CAIX_LOW"),)


def level(held: Held, edition: ClinicalEdition) -> str:
    """Bui's group."""
    return "high" if held else "low"


def _karnofsky(factors: Factors, edition: ClinicalEdition) -> Condition:
    status = factors.karnofsky
    poor = Holds.UNKNOWN if status is None else certain(status < edition.cutoff("karnofsky_under"))
    return Condition("KARNOFSKY_UNDER_LIMIT", poor, blank(factors, "karnofsky"))


def _haemoglobin(factors: Factors, edition: ClinicalEdition) -> Condition:
    times, lacking = edition.cutoff("haemoglobin_under_lln_times"), blank(factors, "haemoglobin", "haemoglobin_lln")
    return under("HAEMOGLOBIN_UNDER_LIMIT", factors.haemoglobin, times, factors.haemoglobin_lln, *lacking)


def _treated_soon(factors: Factors, edition: ClinicalEdition) -> Condition:
    years = edition.cutoff("therapy_within_years")
    return soon("TREATED_SOON_AFTER_DIAGNOSIS", factors, "diagnosis_date", "systemic_therapy_start", years)


def _over_uln(reason: str, factors: Factors, name: str, edition: ClinicalEdition) -> Condition:
    value, limit = getattr(factors, name), getattr(factors, f"{name}_uln")
    times = edition.cutoff(f"{name}_over_uln_times")
    return over(reason, value, times, limit, *blank(factors, name, f"{name}_uln"))


def _bone_or_liver(factors: Factors) -> Condition:
    either = {factors.bone_metastases, factors.liver_metastases}
    if YesNo.YES in either:
        return Condition("BONE_OR_LIVER", Holds.YES)
    holds = Holds.UNKNOWN if None in either else Holds.NO
    return Condition("BONE_OR_LIVER", holds, blank(factors, "bone_metastases", "liver_metastases"), "OTHER_SITES_ONLY")
