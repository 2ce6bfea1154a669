"""Signed reads and their agreement. Only of cases that have concluded: nobody is told a reading before."""

from lims.export.dictionary import Column, Kind
from lims.export.table import Table
from lims.export.tables.shared import CONCLUDED, STUDY_ID, TRIAL, YES_NO, synthetic, words
from lims.export.tables.tissue import SLIDE, SPECIMEN, one
from scoring.rules import types
from scoring.rules.vocabulary import (
    Assay,
    CaixMode,
    ControlState,
    Discordance,
    InadequateReason,
    NotEvaluableReason,
    Pattern,
)
from scoring.vocabulary import ReadRole

READ = "signed read"
TUMOUR, CELLS = "% of viable tumour", "% of tumour cells"
ASSAY = one("assay", "ASSAY", "What is read", Kind.CODE, "reading", "Of the case.", "c.assay", codes=words(Assay))
CASE = one(
    "case", "CASEID", "Case", Kind.TEXT, "reading", "One specimen, one assay, one slide; a random code.", "c.code"
)


def number(name: str, xpt: str, label: str, unit: str) -> tuple[Column, str]:
    """A figure of the findings, as typed."""
    return one(name, xpt, label, Kind.NUMBER, READ, "As typed; empty is not recorded.",
               f"CAST(JSON(v.findings, {name}) AS numeric)", unit=unit)  # fmt: skip


def coded(name: str, xpt: str, label: str, codes: tuple[str, ...]) -> tuple[Column, str]:
    return one(name, xpt, label, Kind.CODE, READ, "As chosen; empty is not recorded.", f"JSON(v.findings, {name})",
               codes=codes)  # fmt: skip


POSITIVE = (
    "round(CASE WHEN JSON({alias}.findings, mode) = 'intensities' THEN CAST(JSON({alias}.findings, pct_1) AS numeric)"
    " + CAST(JSON({alias}.findings, pct_2) AS numeric) + CAST(JSON({alias}.findings, pct_3) AS numeric)"
    " ELSE CAST(JSON({alias}.findings, pct_positive) AS numeric) END, 4)"
)
H_SCORE = (
    "round(CASE WHEN JSON(v.findings, mode) = 'intensities' THEN CAST(JSON(v.findings, pct_1) AS numeric)"
    " + 2 * CAST(JSON(v.findings, pct_2) AS numeric) + 3 * CAST(JSON(v.findings, pct_3) AS numeric) END, 4)"
)
HISTOLOGY = (
    coded("adequate", "ADEQUATE", "The section is adequate", YES_NO),
    coded("inadequate_reason", "INADREAS", "Why it is not adequate", words(InadequateReason)),
    number("viable_tumour", "VIABLE", "Viable tumour", "% of the section"),
    number("necrosis", "NECROSIS", "Necrosis", "% of the tumour"),
    coded("histologic_type", "HISTTYPE", "Histologic type", tuple(types.BY_KEY)),
    coded("underlying_type", "UNDTYPE", "Underlying type", tuple(types.BY_KEY)),
    number("arch_alveolar", "AALVEOL", "Alveolar architecture", TUMOUR),
    number("arch_solid", "ASOLID", "Solid architecture", TUMOUR),
    number("arch_tubular", "ATUBUL", "Tubular architecture", TUMOUR),
    number("arch_papillary", "APAPIL", "Papillary architecture", TUMOUR),
    number("arch_cystic", "ACYSTIC", "Cystic architecture", TUMOUR),
    number("arch_trabecular", "ATRABEC", "Trabecular architecture", TUMOUR),
    number("arch_sarcomatoid", "ASARCOM", "Sarcomatoid architecture", TUMOUR),
    number("arch_other", "AOTHER", "Other architecture", TUMOUR),
    number("cyto_clear", "CCLEAR", "Clear cytoplasm", TUMOUR),
    number("cyto_granular", "CGRAN", "Granular cytoplasm", TUMOUR),
    number("cyto_other", "COTHER", "Other cytoplasm", TUMOUR),
    number("rhabdoid", "RHABDOID", "Rhabdoid", TUMOUR),
    number("fuhrman", "FUHRMAN", "Fuhrman nuclear grade", "grade 1 to 4"),
    number("who_isup", "WHOISUP", "WHO/ISUP nuclear grade", "grade 1 to 4"),
)
STAINING = (
    coded("mode", "MODE", "How CA-IX was recorded", words(CaixMode)),
    number("pct_0", "PCT0", "Tumour cells without staining", CELLS),
    number("pct_1", "PCT1", "Tumour cells 1+", CELLS),
    number("pct_2", "PCT2", "Tumour cells 2+", CELLS),
    number("pct_3", "PCT3", "Tumour cells 3+", CELLS),
    one("caix_percent", "CAIXPCT", "CA-IX positive tumour cells", Kind.NUMBER, READ,
        "1+, 2+ and 3+ together, or the total where only that was recorded.", POSITIVE.format(alias="v"), unit=CELLS),
    one("h_score", "HSCORE", "CA-IX H-score", Kind.NUMBER, READ, "1 x %1+ plus 2 x %2+ plus 3 x %3+.", H_SCORE,
        unit="0 to 300"),
    number("predominant_intensity", "INTENS", "Predominant intensity", "0 to 3"),
    coded("at_least_100_cells", "CELLS100", "At least 100 tumour cells", YES_NO),
    coded("pattern", "PATTERN", "Staining pattern", words(Pattern)),
    coded("internal_control", "INTCTRL", "Internal control", words(ControlState)),
    coded("evaluable", "EVALUABL", "The stain is evaluable", YES_NO),
    coded("not_evaluable_reason", "NOTEVAL", "Why it is not evaluable", words(NotEvaluableReason)),
)  # fmt: skip
FROM_CASE = """
  JOIN specimens_slide sl ON sl.id = c.slide_id
  JOIN specimens_specimen sp ON sp.id = c.specimen_id
  JOIN specimens_patient p ON p.id = sp.patient_id
  JOIN specimens_trial t ON t.id = p.trial_id"""
LATER = "EXISTS (SELECT 1 FROM scoring_read w WHERE w.supersedes_id = {alias}.id AND KNOWN(w.recorded_at))"
SUPERSEDED = f"CASE WHEN {LATER.format(alias='v')} THEN 1 ELSE 0 END = 1"
READS = Table(
    "reads",
    "One row a signed read of a concluded case: both readers, the adjudicator or meeting, corrections, repeats.",
    (
        TRIAL,
        STUDY_ID,
        SPECIMEN,
        SLIDE,
        CASE,
        ASSAY,
        one("read", "READNO", "Number of the read", Kind.INTEGER, READ, "Unique; in order of recording.", "v.id",
            unit="count"),
        one("role", "ROLE", "Who read", Kind.CODE, READ, "A reader, the adjudicator, or a consensus meeting.", "v.role",
            codes=words(ReadRole)),
        one("slot", "SLOT", "Place of the read", Kind.INTEGER, READ, "1 and 2 the readers, 3 who decides.", "v.slot",
            unit="1 to 3"),
        one("reader", "READER", "Reader, by number", Kind.INTEGER, READ, "The same number is the same person.",
            "v.reader_id", unit="count"),
        one("repeat_of", "REPEATOF", "Case that this one repeats", Kind.TEXT, "reading",
            "Filled for an intra-observer repeat, which enters no score.", "again.code"),
        one("supersedes", "SUPERSED", "Read that this one corrects", Kind.INTEGER, READ, "Number of that read.",
            "v.supersedes_id", unit="count"),
        one("superseded", "REPLACED", "Corrected by a later read", Kind.YES_NO, READ, "no: the read stands.",
            SUPERSEDED, codes=YES_NO),
        one("signed_at", "SIGNEDTM", "When it was signed", Kind.MOMENT, READ, "The server's clock.", "v.signed_at",
            unit="UTC"),
        *HISTOLOGY,
        *STAINING,
        synthetic("v.synthetic"),
    ),
    f"""
  FROM scoring_read v
  JOIN scoring_readingcase c ON c.id = v.case_id{FROM_CASE}
  LEFT JOIN scoring_readingcase again ON again.id = c.repeats_id""",
    "v.recorded_at",
    "v.id",
    ("read",),
    CONCLUDED,
    frozenset({"assay"}),
)  # fmt: skip


def said_by(alias: str, place: str, xpt: str) -> tuple[tuple[Column, str], ...]:
    """What one of the two said, in the one word and the one number that are compared."""
    return (
        one(f"{place}_type", f"{xpt}TYPE", f"Histologic type, {place} reader", Kind.CODE, READ, "Of that read.",
            f"JSON({alias}.findings, histologic_type)", codes=tuple(types.BY_KEY)),
        one(f"{place}_caix", f"{xpt}CAIX", f"CA-IX positive, {place} reader", Kind.NUMBER, READ, "Of that read.",
            POSITIVE.format(alias=alias), unit=CELLS),
    )  # fmt: skip


AGREEMENT = Table(
    "agreement",
    "One row a pair of standing reads of a concluded case that were held against each other.",
    (
        TRIAL,
        STUDY_ID,
        SPECIMEN,
        CASE,
        ASSAY,
        one("first_read", "READ1", "Number of the first read", Kind.INTEGER, READ, "See reads.", "n1.first_id",
            unit="count"),
        one("second_read", "READ2", "Number of the second read", Kind.INTEGER, READ, "See reads.", "n1.second_id",
            unit="count"),
        *said_by("v1", "first", "R1"),
        *said_by("v2", "second", "R2"),
        one("discordant", "DISCORD", "The two reads are discordant", Kind.YES_NO, "the edition's rules",
            "Under the edition named.", "n1.discordant", codes=YES_NO),
        one("discordances", "DISCWHY", "In what they differ", Kind.CODES, "the edition's rules",
            "In the rule's order; empty when concordant.", "LIST(n1.discordances)", codes=words(Discordance)),
        one("decided_by", "DECIDED", "Read that decided", Kind.INTEGER, READ, "Empty while concordant.",
            "(SELECT max(y1.id) FROM scoring_read y1 WHERE y1.comparison_id = n1.id AND KNOWN(y1.recorded_at))",
            unit="count"),
        one("edition", "EDITION", "Edition of the rules", Kind.TEXT, "the edition's rules", "That compared.",
            "n1.edition"),
        one("compared_at", "COMPARTM", "When they were compared", Kind.MOMENT, "scoring", "The server's clock.",
            "n1.compared_at", unit="UTC"),
        synthetic("v1.synthetic", "v2.synthetic"),
    ),
    f"""
  FROM scoring_comparison n1
  JOIN scoring_readingcase c ON c.id = n1.case_id{FROM_CASE}
  JOIN scoring_read v1 ON v1.id = n1.first_id
  JOIN scoring_read v2 ON v2.id = n1.second_id""",
    "n1.compared_at",
    "n1.id",
    ("first_read", "second_read", "edition"),
    f"""{CONCLUDED}
   AND NOT {LATER.format(alias="v1")}
   AND NOT {LATER.format(alias="v2")}""",
    frozenset({"assay"}),
)  # fmt: skip
