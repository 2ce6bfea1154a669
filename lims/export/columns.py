"""The columns of the patients table. Names, XPT names and meanings are law here; see `dictionary`."""

from enum import StrEnum

from lims.export.dictionary import Column, Kind
from lims.vocabulary import Response, TimeOrigin, TimeUnit
from scoring.rules import types
from scoring.rules.model import AXES, RISKS
from scoring.rules.vocabulary import (
    INVESTIGATIONAL,
    CaixLevel,
    ClearCell,
    Compartment,
    Eligibility,
    HowDecided,
    Reason,
    Risk,
)
from scoring.vocabulary import Basis
from specimens.vocabulary import SpecimenKind


def words(enum: type[StrEnum]) -> tuple[str, ...]:
    return tuple(word.value for word in enum if word.value)


YES_NO = ("yes", "no")
READ_H = "central H&E reads"
READ_C = "central CA-IX reads"
RULES = "the edition's rules"
RELEASE = "outcome release"
MEAN = "Mean of two concordant reads, or the deciding read; see"

# fmt: off
PATIENTS: tuple[Column, ...] = (
    Column("trial", "STUDYID", "Trial", Kind.TEXT, "enrolment", "Code of the trial."),
    Column("study_id", "SUBJID", "Study id of the patient", Kind.TEXT, "enrolment",
           "Unique within the trial."),
    Column("synthetic", "SYNTHFL", "Anything in this row is synthetic", Kind.YES_NO, "all sources",
           "yes when the patient, the score or the outcome was generated; synthetic_parts says which.",
           codes=YES_NO),
    Column("synthetic_parts", "SYNTHPRT", "Which parts are synthetic", Kind.CODES, "all sources",
           "Empty when nothing is.", codes=("patient", "score", "outcome")),
    Column("treating_site", "SITEID", "Treating site", Kind.TEXT, "enrolment",
           "Code of the site that enrolled."),
    Column("enrolled_on", "ENROLDT", "Date of enrolment", Kind.DATE, "enrolment", "As recorded."),
    Column("basis", "BASIS", "Kind of tissue the score rests on", Kind.CODE, RULES,
           "The primary decides once its histology is adequate; a metastasis only where no primary "
           "can; never pooled.",
           codes=words(Basis)),
    Column("specimen", "SPECID", "Specimen that speaks for the patient", Kind.TEXT, "accession",
           "Accession number of this core, not a hospital's."),
    Column("specimen_kind", "SPECKIND", "Kind of that specimen", Kind.CODE, "accession",
           "As accessioned.", codes=words(SpecimenKind)),
    Column("histologic_type", "HISTTYPE", "Histologic type, central", Kind.CODE, READ_H,
           "As decided; see histology_decided.", codes=tuple(types.BY_KEY)),
    Column("clear_cell", "CLRCELL", "Clear cell carcinoma", Kind.CODE, READ_H,
           "The type's own answer; empty while the type does not answer.", codes=words(ClearCell)),
    Column("alveolar_percent", "ALVPCT", "Alveolar architecture", Kind.NUMBER, READ_H,
           f"{MEAN} histology_decided.", unit="% of viable tumour"),
    Column("granular_percent", "GRNPCT", "Granular cytoplasm", Kind.NUMBER, READ_H,
           f"{MEAN} histology_decided.", unit="% of viable tumour"),
    Column("papillary_percent", "PAPPCT", "Papillary architecture", Kind.NUMBER, READ_H,
           f"{MEAN} histology_decided.", unit="% of viable tumour"),
    Column("caix_percent", "CAIXPCT", "CA-IX positive tumour cells", Kind.NUMBER, READ_C,
           f"1+, 2+ and 3+ together, membranous. {MEAN} caix_decided.", unit="% of tumour cells"),
    Column("caix_evaluable", "CAIXEVAL", "CA-IX result is evaluable", Kind.YES_NO, READ_C,
           "no when a reader said so or a control failed, even later; empty while no read has concluded.",
           codes=YES_NO),
    Column("h_score", "HSCORE", "CA-IX H-score", Kind.NUMBER, READ_C,
           "1 x %1+ plus 2 x %2+ plus 3 x %3+; empty where intensities were not recorded.", unit="0 to 300"),
    Column("histology_decided", "HISTHOW", "How the histology was decided", Kind.CODE, "scoring",
           "Empty while the case is open.", codes=words(HowDecided)),
    Column("caix_decided", "CAIXHOW", "How the CA-IX result was decided", Kind.CODE, "scoring",
           "Empty while the case is open.", codes=words(HowDecided)),
    Column("risk", "PATHRSK", "Pathology risk", Kind.CODE, RULES,
           "From clear_cell, alveolar_percent, granular_percent, papillary_percent alone.",
           codes=words(Risk)),
    Column("possible_risks", "PATHPOSS", "Pathology risks still possible", Kind.CODES, RULES,
           "Every category that some filling of the blanks would give.",
           codes=tuple(risk.value for risk in RISKS)),
    Column("caix_level", "CAIXLVL", "CA-IX level", Kind.CODE, RULES,
           "high above the edition's cutoff, else low.", codes=words(CaixLevel)),
    Column("compartment", "COMPART", "Compartment of the two-compartment model", Kind.CODE, RULES,
           "favourable: good risk, or intermediate risk with high CA-IX.", codes=words(Compartment)),
    Column("il2_eligibility", "IL2ELIG", "IL-2 eligibility by the model", Kind.CODE, RULES,
           "eligible when favourable; clinical prerequisites are not part of it.", codes=words(Eligibility)),
    Column("reasons", "REASONS", "Why the risk is poor", Kind.CODES, RULES,
           "Every reason that certainly holds.", codes=words(Reason)),
    Column("missing", "MISSINP", "Inputs that could change the answer", Kind.CODES, RULES,
           "Empty when nothing is missing.", codes=AXES),
    Column("model", "MODEL", "Predictive model", Kind.TEXT, RULES, "The model that gave the categories."),
    Column("edition", "EDITION", "Edition of the rules", Kind.TEXT, RULES,
           "Frozen and dated; fixes every cutoff."),
    Column("scored_at", "SCOREDTM", "When the score was computed", Kind.MOMENT, "scoring",
           "The server's clock.", unit="UTC"),
    Column("release", "RELEASE", "Outcome release", Kind.TEXT, RELEASE,
           "The trial's latest by data cut unless one was asked for by name."),
    Column("data_cut", "DATACUT", "Data cut of the release", Kind.DATE, RELEASE,
           "Empty when its source does not say."),
    Column("arm", "ARM", "Treatment arm", Kind.TEXT, RELEASE, "As the release spells it."),
    Column("regimen", "REGIMEN", "Regimen", Kind.TEXT, RELEASE, "As the release spells it."),
    Column("response", "RESPONSE", "Best response", Kind.CODE, RELEASE,
           "R and NR where the source says only responder or non-responder.", codes=words(Response)),
    Column("response_days", "RESPDAYS", "Duration of response", Kind.INTEGER, RELEASE,
           "As released.", unit="days"),
    Column("pfs_time", "PFSTIME", "Progression-free survival time", Kind.INTEGER, RELEASE,
           "From time_origin, in time_unit.", unit="days"),
    Column("pfs_event", "PFSEVENT", "Progression or death by then", Kind.FLAG, RELEASE,
           "1 event, 0 censored: the opposite of ADaM's CNSR.", codes=("0", "1")),
    Column("os_time", "OSTIME", "Overall survival time", Kind.INTEGER, RELEASE,
           "From time_origin, in time_unit.", unit="days"),
    Column("os_event", "OSEVENT", "Death by then", Kind.FLAG, RELEASE,
           "1 event, 0 censored: the opposite of ADaM's CNSR.", codes=("0", "1")),
    Column("time_origin", "TIMEORIG", "Day the times count from", Kind.CODE, RELEASE,
           "Of pfs_time and os_time.", codes=words(TimeOrigin)),
    Column("time_unit", "TIMEUNIT", "Unit of the times", Kind.CODE, RELEASE,
           "Of pfs_time and os_time.", codes=words(TimeUnit)),
    Column("reads_before_first_outcome", "READBEF", "All reads precede the first outcome", Kind.YES_NO,
           "reads and releases",
           "yes when every read of the patient was signed before the first outcome of the patient was "
           "imported, from any release; empty without reads or without outcomes.",
           codes=YES_NO),
    Column("investigational", "INVESTIG", "What these categories are not", Kind.TEXT, "constant",
           INVESTIGATIONAL),
)
# fmt: on
