"""The analysis desk and the cutoff explorer: the rebuilt study's printed figures, plots, data, paper; who may."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from lims.outcome_rows import NewOutcome
from lims.outcomes import import_release
from specimens import jobs
from specimens.vocabulary import Stain
from tests.cast import AT, Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.papers import words_of
from tests.lims.web.reads import shows
from tests.lims.web.visits import status
from tests.scoring.desk import LOW, PAPILLARY, a_case, a_tumour, both_sign
from tests.stories import House

PATIENTS = [
    ("CWG-0001", {}, {}, "CR", 900, False), ("CWG-0002", {}, {}, "PD", 300, True),
    ("CWG-0003", {}, LOW, "PD", 200, True),
    ("CWG-0004", PAPILLARY, LOW, "SD", 100, True), ("CWG-0005", {}, {}, "PR", 800, False),
    ("CWG-0006", {}, LOW, "CR", 700, True),
]  # fmt: skip


@pytest.fixture
def sam(enter: Enter, cast: Cast, house: House) -> Client:
    for study_id, section, stain, *_ in PATIENTS:
        tumour = a_tumour(cast, house, study_id)
        both_sign(cast, a_case(cast, house, specimen=tumour), section, section)
        both_sign(cast, a_case(cast, house, Stain.CAIX, tumour), stain, stain)
    jobs.work_off()
    import_release(
        by=cast.statistician, at=AT, trial=house.trial, name="a cut", source="the office", cut_on=AT.date(),
        sha256="a" * 64, rows=[
            NewOutcome(study_id, arm="IL-2", response=response, os_time=time, os_event=died, time_origin="registration")
            for study_id, _, _, response, time, died in PATIENTS
        ],
    )  # fmt: skip
    return enter(cast.statistician)


def test_the_analysis_desk_tells_every_figure_with_its_name(sam: Client) -> None:
    shows(sam, "/analysis/?trial=CWG", "6 patients", "intermediate risk", "95 %, exact", "Cochran-Armitage",
          "Fisher’s exact P = ", "responders and others",
          "Log-rank: chi-squared", "Hazard ratio of unfavourable against favourable (Cox, Efron)",
          "Flow of patients, after REMARK", "response known", "What is missing", "Investigational", "scipy",
          "statsmodels")  # fmt: skip


def test_the_cutoff_explorer_warns_and_names_the_rules_own(sam: Client) -> None:
    shows(sam, "/cutoff/?trial=CWG&samples=50", "6 patients with both, 3 with the outcome", "looks better than it is",
          "DeLong", "Primary against metastasis",
          "after correction for optimism", "85, the rule’s", "Fisher’s P", "Investigational")  # fmt: skip
    shows(sam, "/cutoff/?endpoint=pfs_event", "0 patients with both", "too few of one kind")


@pytest.mark.parametrize("name", ["survival", "forest", "roc", "odds", "wandering"])
def test_every_figure_comes_as_svg_and_png_with_its_rows(sam: Client, name: str) -> None:
    drawn = sam.get(f"/analysis/figures/{name}/svg/?samples=50")
    assert drawn["Content-Type"] == "image/svg+xml"
    assert drawn.content.decode().startswith("<svg")
    assert "script" not in drawn.content.decode()
    assert "Investigational, for research use only" in drawn.content.decode()
    assert Image.open(io.BytesIO(sam.get(f"/analysis/figures/{name}/png/?samples=50").content)).width >= 1400
    rows = list(csv.reader(io.StringIO(sam.get(f"/analysis/figures/{name}/csv/?samples=50").content.decode())))
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}
    assert {row[-1].partition(". ")[0] for row in rows[1:]} == {"cwg-two-compartment 2005-R1"}
    assert status(sam, f"/analysis/figures/{name}/gif/") == 404


def test_the_paper_says_the_same(sam: Client) -> None:
    words = words_of(sam.get("/analysis/paper/?trial=CWG").content)
    assert [word for word in ("Investigational", "Clopper-Pearson", "Log-rank", "Hazard ratio", "REMARK", "2005-R1")
            if word not in words] == []  # fmt: skip


@pytest.mark.parametrize(
    ("query", "sentence"),
    [("trial=NONE", "Select a valid choice"), ("by=colour", "Select a valid choice")],
)
def test_what_cannot_be_asked_is_told_beside_its_field(sam: Client, query: str, sentence: str) -> None:
    shows(sam, f"/analysis/?{query}", sentence)
    assert sam.get(f"/analysis/paper/?{query}")["Location"] == f"/analysis/?{query}"


def test_samples_are_held_to_what_a_page_can_wait_for(sam: Client) -> None:
    shows(sam, "/cutoff/?samples=100000", "less than or equal to 5000")
    assert status(sam, "/analysis/figures/roc/svg/?samples=100000") == 404


def test_nobody_who_reads_and_no_coordinator_gets_in(enter: Enter, cast: Cast) -> None:
    addresses = ("/analysis/", "/cutoff/", "/analysis/paper/", "/analysis/figures/roc/svg/")
    people: list[Any] = [cast.reader, cast.adjudicator, cast.coordinator, cast.bench, cast.administrator]
    assert [status(enter(somebody), address) for somebody in people for address in addresses] == [403] * 20
