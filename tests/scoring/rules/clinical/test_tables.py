"""Figlin, the CWG strata and Bui: every row, every boundary, every blank."""

import pytest

from tests.scoring.rules.clinical.cast import verdict

NONE, WITHIN, AFTER, TIL = "no_nephrectomy", "within_6_months", "after_6_months", "til"
FIGLIN = [
    # til, nephrectomy, its date, therapy -> possible groups, missing
    ("no", "no", "", "", (NONE,), ""),
    ("no", "no", "", "2020-06-30", (NONE,), ""),
    ("no", "yes", "2020-01-15", "2020-07-14", (WITHIN,), ""),
    ("no", "yes", "2020-01-15", "2020-07-15", (WITHIN,), ""),
    ("no", "yes", "2020-01-15", "2020-07-16", (AFTER,), ""),
    ("no", "yes", "2020-01-15", "2020-01-15", (WITHIN,), ""),
    ("no", "yes", "2020-01-15", "2020-01-14", (NONE,), ""),
    ("no", "", "2020-01-15", "2020-07-16", (AFTER,), ""),
    # 31 August and 29 to 31 August: February is too short, the sixth month ends with 1 March
    ("no", "yes", "2020-08-31", "2021-03-01", (WITHIN,), ""),
    ("no", "yes", "2020-08-31", "2021-03-02", (AFTER,), ""),
    ("no", "yes", "2019-08-29", "2020-02-29", (WITHIN,), ""),
    ("no", "yes", "2019-08-29", "2020-03-01", (AFTER,), ""),
    ("no", "yes", "2020-12-31", "2021-07-01", (WITHIN,), ""),
    ("no", "yes", "2020-06-30", "2020-12-31", (AFTER,), ""),
    ("yes", "", "", "", (TIL,), ""),
    ("yes", "yes", "2020-01-15", "2020-01-14", (TIL,), ""),
    ("yes", "no", "", "", (TIL,), ""),
    ("", "no", "", "", (NONE, TIL), "til"),
    ("", "yes", "2020-01-15", "2020-07-15", (WITHIN, TIL), "til"),
    ("no", "yes", "", "2020-07-15", (NONE, WITHIN, AFTER), "nephrectomy_date"),
    ("no", "yes", "2020-01-15", "", (NONE, WITHIN, AFTER), "systemic_therapy_start"),
    ("no", "", "", "2020-07-15", (NONE, WITHIN, AFTER), "nephrectomy nephrectomy_date"),
    (
        *("", "", "", "", (NONE, WITHIN, AFTER, TIL)),
        "til nephrectomy nephrectomy_date systemic_therapy_start",
    ),
]


@pytest.mark.parametrize(("til", "done", "day", "therapy", "possible", "missing"), FIGLIN)
def test_figlin(til, done, day, therapy, possible, missing):
    given = {"til": til, "nephrectomy": done, "nephrectomy_date": day, "systemic_therapy_start": therapy}
    found = verdict("figlin-1997", given)
    assert found.possible_groups == possible
    assert found.group == (possible[0] if len(possible) == 1 else "indeterminate")
    assert (found.missing, found.points) == (tuple(missing.split()), None)


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"nephrectomy_date": "2020-09-15"}, ("NEPHRECTOMY_WITHIN_6_MONTHS",)),
        ({"nephrectomy_date": "2020-09-14"}, ("NEPHRECTOMY_OVER_6_MONTHS",)),
        ({"nephrectomy_date": "2021-03-16"}, ("NEPHRECTOMY_AFTER_THERAPY_BEGAN",)),
        ({"nephrectomy_date": "", "nephrectomy": "no"}, ("NO_NEPHRECTOMY",)),
        ({"nephrectomy_date": "", "nephrectomy": "no", "til": "yes"}, ("TIL", "NO_NEPHRECTOMY")),
    ],
)
def test_figlin_gives_every_reason(changes, reasons):
    assert verdict("figlin-1997", **changes).reasons == reasons


STRATA = [
    # ecog, primary in place, bone, liver -> group
    ("0", "yes", "yes", "no", "ps0_primary_boneliver"),
    ("0", "yes", "no", "no", "ps0_primary_other"),
    ("0", "no", "no", "yes", "ps0_resected_boneliver"),
    ("0", "no", "no", "no", "ps0_resected_other"),
    ("1", "yes", "yes", "yes", "ps1_primary_boneliver"),
    ("1", "yes", "no", "no", "ps1_primary_other"),
    ("1", "no", "", "yes", "ps1_resected_boneliver"),
    ("1", "no", "no", "no", "ps1_resected_other"),
    ("2", "yes", "yes", "yes", "not_applicable"),
    ("2", "", "", "", "not_applicable"),
    ("4", "no", "no", "no", "not_applicable"),
]


def of_trial(ecog, primary, bone, liver):
    given = {"ecog": ecog, "primary_in_place": primary, "bone_metastases": bone, "liver_metastases": liver}
    return verdict("cwg-strata", given)


@pytest.mark.parametrize(("ecog", "primary", "bone", "liver", "group"), STRATA)
def test_strata(ecog, primary, bone, liver, group):
    found = of_trial(ecog, primary, bone, liver)
    assert (found.group, found.possible_groups, found.missing) == (group, (group,), ())


@pytest.mark.parametrize(
    ("given", "possible", "missing"),
    [
        (("", "yes", "yes", "no"), "ps0_primary_boneliver ps1_primary_boneliver not_applicable", "ecog"),
        (("1", "", "no", "no"), "ps1_primary_other ps1_resected_other", "primary_in_place"),
        (("0", "no", "", "no"), "ps0_resected_boneliver ps0_resected_other", "bone_metastases"),
        (("0", "no", "no", ""), "ps0_resected_boneliver ps0_resected_other", "liver_metastases"),
        (("0", "no", "", ""), "ps0_resected_boneliver ps0_resected_other", "bone_metastases liver_metastases"),
    ],
)
def test_strata_with_a_blank(given, possible, missing):
    found = of_trial(*given)
    assert (found.group, found.possible_groups) == ("indeterminate", tuple(possible.split()))
    assert found.missing == tuple(missing.split())


def test_strata_give_their_reasons():
    assert of_trial("1", "no", "no", "no").reasons == ("ECOG_1", "PRIMARY_RESECTED", "OTHER_SITES_ONLY")
    assert of_trial("0", "yes", "yes", "").reasons == ("ECOG_0", "PRIMARY_IN_PLACE", "BONE_OR_LIVER")
    assert of_trial("2", "", "", "").reasons == ("ECOG_2_OR_MORE",)


@pytest.mark.parametrize(
    ("caix", "group"),
    [
        ("85", "low"),
        ("84.9", "low"),
        ("85.1", "high"),
        ("85." + "0" * 30 + "1", "high"),
        ("0", "low"),
        ("100", "high"),
        ("", "indeterminate"),
    ],
)
def test_bui(caix, group):
    found = verdict("bui-2003", {"caix": caix})
    assert found.group == group
    assert found.missing == (() if caix else ("caix",))
    assert found.reasons == ((f"CAIX_{group.upper()}",) if caix else ())
