"""MSKCC, IMDC and Negrier: on, just below and just above every cutoff, and each blank."""

import pytest

from scoring.rules.clinical.model import MODELS, assess
from tests.scoring.rules.clinical.cast import WELL, factors, verdict

EPSILON = "." + "0" * 25 + "1"
HAEMOGLOBIN = [
    ({"haemoglobin": "13.4999999"}, "HAEMOGLOBIN_UNDER_LIMIT"),
    ({"haemoglobin": "13.5000001"}, None),
    ({"haemoglobin": "12", "haemoglobin_lln": "12"}, None),
]
KARNOFSKY = [
    ({"karnofsky": "79.9"}, "KARNOFSKY_UNDER_LIMIT"),
    ({"karnofsky": "79"}, "KARNOFSKY_UNDER_LIMIT"),
    ({"karnofsky": "100"}, None),
    ({"karnofsky": "0"}, "KARNOFSKY_UNDER_LIMIT"),
]
TREATED = [
    ({"systemic_therapy_start": "2021-03-14"}, "TREATED_SOON_AFTER_DIAGNOSIS"),
    ({"systemic_therapy_start": "2021-03-16"}, None),
    ({"systemic_therapy_start": "2020-03-15"}, "TREATED_SOON_AFTER_DIAGNOSIS"),
    # The anniversary of 29 February in a common year is 1 March; in a leap year it is itself.
    ({"diagnosis_date": "2020-02-29", "systemic_therapy_start": "2021-02-28"}, "TREATED_SOON_AFTER_DIAGNOSIS"),
    ({"diagnosis_date": "2020-02-29", "systemic_therapy_start": "2021-03-01"}, None),
    ({"diagnosis_date": "2019-02-28", "systemic_therapy_start": "2020-02-27"}, "TREATED_SOON_AFTER_DIAGNOSIS"),
    ({"diagnosis_date": "2019-02-28", "systemic_therapy_start": "2020-02-28"}, None),
    ({"diagnosis_date": "2019-03-01", "systemic_therapy_start": "2020-02-29"}, "TREATED_SOON_AFTER_DIAGNOSIS"),
    ({"diagnosis_date": "2019-12-31", "systemic_therapy_start": "2020-12-31"}, None),
]
NEUTROPHILS = [
    ({"neutrophils": "7.5" + "0" * 25 + "1"}, "NEUTROPHILS_OVER_LIMIT"),
    ({"neutrophils": "7.4999999"}, None),
    ({"neutrophils": "0"}, None),
]
CASES = {
    "mskcc-2002": [
        *KARNOFSKY,
        *HAEMOGLOBIN,
        *TREATED,
        ({"ldh": "300.0000001"}, "LDH_OVER_LIMIT"),
        ({"ldh": "299.9999999"}, None),
        ({"ldh": "300" + EPSILON}, "LDH_OVER_LIMIT"),
        ({"calcium_mg_dl": "10" + EPSILON}, "CALCIUM_OVER_LIMIT"),
        ({"calcium_mg_dl": "9.9999999"}, None),
        # 9.2 + 0.8 x 1.0 is 10.0 exactly, where binary fractions go astray
        ({"calcium_mg_dl": "9.2", "albumin_g_dl": "3"}, None),
        ({"calcium_mg_dl": "9.21", "albumin_g_dl": "3"}, "CALCIUM_OVER_LIMIT"),
        ({"calcium_mg_dl": "10.3", "albumin_g_dl": "4.4"}, None),
        ({"calcium_uln_mg_dl": "8"}, None),
    ],
    "imdc-2009": [
        *KARNOFSKY,
        *HAEMOGLOBIN,
        *TREATED,
        *NEUTROPHILS,
        ({"platelets": "400.001"}, "PLATELETS_OVER_LIMIT"),
        ({"platelets": "399.999"}, None),
        ({"calcium_mg_dl": "10.4", "calcium_uln_mg_dl": "10.5"}, None),
        ({"calcium_mg_dl": "10.5", "calcium_uln_mg_dl": "10.5"}, None),
        ({"calcium_mg_dl": "10.51", "calcium_uln_mg_dl": "10.5"}, "CALCIUM_OVER_LIMIT"),
        ({"calcium_mg_dl": "9.9", "calcium_uln_mg_dl": "9.8"}, "CALCIUM_OVER_LIMIT"),
        ({"ldh": "9000"}, None),
    ],
    "negrier-2005": [
        *NEUTROPHILS,
        ({"liver_metastases": "yes"}, "LIVER_METASTASES"),
        ({"metastatic_sites": "2"}, "MORE_THAN_ONE_SITE"),
        ({"metastatic_sites": "0"}, None),
        ({"metastasis_date": "2021-03-14"}, "METASTASES_SOON_AFTER_DIAGNOSIS"),
        ({"metastasis_date": "2021-03-16"}, None),
        ({"metastasis_date": "2020-03-15"}, "METASTASES_SOON_AFTER_DIAGNOSIS"),
        ({"metastasis_date": "2020-03-01"}, "METASTASES_SOON_AFTER_DIAGNOSIS"),
        ({"diagnosis_date": "2020-02-29", "metastasis_date": "2021-02-28"}, "METASTASES_SOON_AFTER_DIAGNOSIS"),
        ({"diagnosis_date": "2020-02-29", "metastasis_date": "2021-03-01"}, None),
    ],
}
POINTS = {
    "mskcc-2002": [
        {"karnofsky": "70"},
        {"ldh": "301"},
        {"haemoglobin": "9"},
        {"calcium_mg_dl": "11"},
        {"systemic_therapy_start": "2020-04-01"},
    ],
    "imdc-2009": [
        {"haemoglobin": "9"},
        {"calcium_mg_dl": "11"},
        {"karnofsky": "70"},
        {"systemic_therapy_start": "2020-04-01"},
        {"neutrophils": "8"},
        {"platelets": "401"},
    ],
    "negrier-2005": [
        {"liver_metastases": "yes"},
        {"metastasis_date": "2020-04-01"},
        {"metastatic_sites": "2"},
        {"neutrophils": "8"},
    ],
}
GROUPS = {
    "mskcc-2002": ["favourable", "intermediate", "intermediate", "poor", "poor", "poor"],
    "imdc-2009": ["favourable", "intermediate", "intermediate", "poor", "poor", "poor", "poor"],
    "negrier-2005": ["not_rapid", "not_rapid", "not_rapid", "rapid", "rapid"],
}
PAIRS = [(model, *case) for model, cases in CASES.items() for case in cases]


def merged(changes):
    return {name: text for change in changes for name, text in change.items()}


@pytest.mark.parametrize("model", GROUPS)
def test_every_value_exactly_on_its_cutoff_gives_no_point(model):
    found = verdict(model)
    assert (found.group, found.points, found.reasons, found.missing) == (GROUPS[model][0], 0, (), ())


@pytest.mark.parametrize(("model", "change", "reason"), PAIRS)
def test_cutoff(model, change, reason):
    found = verdict(model, **change)
    assert found.reasons == ((reason,) if reason else ())
    assert (found.points, found.group) == (len(found.reasons), GROUPS[model][len(found.reasons)])


@pytest.mark.parametrize("model", GROUPS)
def test_the_group_follows_the_number_of_points(model):
    for number, group in enumerate(GROUPS[model]):
        found = verdict(model, **merged(POINTS[model][:number]))
        assert (found.points, found.group, len(found.reasons)) == (number, group, number)


@pytest.mark.parametrize(("model", "name"), [(model, name) for model in GROUPS for name in MODELS[model].inputs])
def test_each_blank_leaves_its_point_open(model, name):
    found = verdict(model, **{name: ""})
    if model == "negrier-2005":
        # One point at most is open: three are needed.
        assert (found.group, found.missing, found.points) == ("not_rapid", (), 0)
        two = verdict(model, **merged(POINTS[model][:2]), **({name: ""} if name in ("neutrophils",) else {}))
        assert two.points == 2
    else:
        assert (found.group, found.possible_groups) == ("indeterminate", ("favourable", "intermediate"))
        assert (found.missing, found.points) == ((name,), 0)


def test_a_blank_that_cannot_matter_is_not_missing():
    changes = merged(POINTS["mskcc-2002"][:3])
    found = verdict("mskcc-2002", **changes, albumin_g_dl="", diagnosis_date="")
    assert (found.group, found.points, found.missing) == ("poor", 3, ())
    rapid = verdict("negrier-2005", **merged(POINTS["negrier-2005"][:2]), neutrophils_uln="")
    assert (rapid.possible_groups, rapid.missing) == (("not_rapid", "rapid"), ("neutrophils_uln",))


def test_the_calcium_formula_is_named_and_its_inputs_stored():
    given = factors(calcium_mg_dl="9.8", albumin_g_dl="3.4")
    payne, other = (assess(MODELS["mskcc-2002"], given, formula=name) for name in (None, "mskcc"))
    assert (payne.calcium.formula, str(payne.calcium.mg_dl), payne.group) == ("payne", "10.28", "intermediate")
    assert (other.calcium.formula, other.calcium.mg_dl, other.group) == ("mskcc", given.calcium_mg_dl, "favourable")
    assert (payne.calcium.calcium_mg_dl, payne.calcium.albumin_g_dl) == (given.calcium_mg_dl, given.albumin_g_dl)
    with pytest.raises(ValueError, match="no calcium formula"):
        assess(MODELS["imdc-2009"], given, formula="mine")


def test_an_uncorrected_calcium_is_never_used():
    assert verdict("mskcc-2002", calcium_mg_dl="14", albumin_g_dl="").missing == ("albumin_g_dl",)


@pytest.mark.parametrize(
    ("model", "changes", "says"),
    [
        ("mskcc-2002", {"systemic_therapy_start": "2020-03-14"}, "before the diagnosis"),
        ("imdc-2009", {"systemic_therapy_start": "2020-03-14"}, "before the diagnosis"),
        ("negrier-2005", {"liver_metastases": "yes", "metastatic_sites": "0"}, "count the liver"),
        ("figlin-1997", {"nephrectomy": "no"}, "dated 2020-09-14"),
    ],
)
def test_contradictions_are_refused_by_the_models_they_touch(model, changes, says):
    with pytest.raises(ValueError, match=says):
        verdict(model, **changes)
    assert verdict("bui-2003", **changes).group == "low"


def test_the_well_patient_has_every_factor():
    assert all(name in WELL for model in MODELS.values() for name in model.inputs)
