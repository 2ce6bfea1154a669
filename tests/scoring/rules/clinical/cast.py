"""Patients that the tests of the clinical systems start from; each test changes what it is about."""

from scoring.rules.clinical.factors import Factors
from scoring.rules.clinical.model import MODELS, ClinicalVerdict, assess
from scoring.rules.clinical.written import read

# Nothing about them gives a point anywhere; each value stands exactly on its cutoff.
WELL = {
    "karnofsky": "80",
    "ecog": "0",
    "ldh": "300",
    "ldh_uln": "200",
    "haemoglobin": "13.5",
    "haemoglobin_lln": "13.5",
    "calcium_mg_dl": "10",
    "albumin_g_dl": "4",
    "calcium_uln_mg_dl": "10",
    "neutrophils": "7.5",
    "neutrophils_uln": "7.5",
    "platelets": "400",
    "platelets_uln": "400",
    "diagnosis_date": "2020-03-15",
    "metastasis_date": "2021-03-15",
    "systemic_therapy_start": "2021-03-15",
    "nephrectomy": "yes",
    "nephrectomy_date": "2020-09-14",
    "til": "no",
    "metastatic_sites": "1",
    "liver_metastases": "no",
    "bone_metastases": "no",
    "primary_in_place": "no",
    "caix": "85",
}


def factors(written=None, **changes):
    given = (WELL if written is None else written) | changes
    return Factors(**{name: read(name, text) for name, text in given.items()})


def verdict(model, written=None, **changes) -> ClinicalVerdict:
    return assess(MODELS[model], factors(written, **changes))
