"""scores/ and patients/…/why/: every category with its edition and what it is not."""

from typing import Any

from tests.stories import a_patient


def test_scores_carry_their_edition_and_what_they_are_not(world: Any, calling: Any) -> None:
    found = calling(world.cast.statistician).get("scores/").json()["results"]
    near = next(row for row in found if row["study_id"] == "CWG-0187")
    assert (near["risk"], near["caix_level"], near["il2_eligibility"]) == ("intermediate", "missing", "indeterminate")
    assert (near["alveolar_percent"], near["caix_percent"], near["missing"]) == (45, None, ["caix"])
    assert (near["edition"], near["basis"]) == ("2005-R1", "primary")
    assert near["investigational"].startswith("Investigational, for research use only")


def test_scores_are_narrowed_and_scoped(world: Any, calling: Any) -> None:
    sam, site = calling(world.cast.statistician), calling(world.mercy_statistician)
    assert len(sam.get("scores/", risk="intermediate").json()["results"]) == 2
    assert sam.get("scores/", risk="good").json()["results"] == []
    assert [row["study_id"] for row in site.get("scores/").json()["results"]] == ["CWG-0187"]


def test_why_names_conditions_reads_and_cutoffs(world: Any, calling: Any) -> None:
    told = calling(world.cast.coordinator).get("patients/CWG/CWG-0187/why/").json()
    assert [read["signer"] for read in told["reads"]] == ["Ines Moreau", "Otto Lindqvist"]
    assert (told["score"]["risk"], told["edition"]) == ("intermediate", "2005-R1")
    assert all(told[part] for part in ("sentence", "conditions", "thresholds"))
    (waits,) = told["waits_for"]
    assert (waits["inputs"], waits["assay"], waits["desk"]) == (["caix"], "CA-IX", "readers")
    assert told["investigational"].startswith("Investigational")


def test_a_patient_without_a_score_has_no_why(world: Any, calling: Any) -> None:
    a_patient(world.cast, world.house, "CWG-0999")
    assert calling(world.cast.coordinator).get("patients/CWG/CWG-0999/why/").status_code == 404


def test_readers_and_the_bench_get_no_scores(world: Any, calling: Any) -> None:
    for somebody in (world.cast.reader, world.cast.adjudicator, world.cast.bench, world.cast.administrator):
        caller = calling(somebody)
        assert caller.get("scores/").status_code == 403
        assert caller.get("patients/CWG/CWG-0187/why/").status_code == 403
