"""Declared outcome variables on their page, and in a sheet afterwards."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from lims.models.outcome_variables import OutcomeValue, OutcomeVariable
from tests.cast import Cast
from tests.lims.web.conftest import Enter
from tests.lims.web.reads import shows, text
from tests.lims.web.visits import status
from tests.stories import House, a_patient

GRADE = {
    "trial": "CWG", "name": "toxicity", "label": "Worst toxicity", "kind": "code", "codes": "1 = mild\n2 = severe",
    "source": "CTCAE 5.0",
}  # fmt: skip


@pytest.fixture
def sam(enter: Enter, cast: Cast, house: House) -> Client:
    a_patient(cast, house, "CWG-0001")
    return enter(cast.statistician)


def test_what_is_declared_is_listed_and_can_come_in(sam: Client) -> None:
    assert sam.post("/outcomes/variables/", GRADE)["Location"] == "/outcomes/variables/"
    shows(sam, "/outcomes/variables/", "toxicity", "Worst toxicity", "1 = mild; 2 = severe", "Sam Okafor")
    sheet = SimpleUploadedFile("o.csv", b"study_id,toxicity\nCWG-0001,2\n")
    said = {"trial": "CWG", "name": "a cut", "source": "the office", "commit": "1", "sheet": sheet}
    assert sam.post("/outcomes/add/", said)["Location"] == "/outcomes/"
    assert OutcomeValue.objects.get().value == "2"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "os_time"}, "Every release has a column os_time already"),
        ({"codes": "mild"}, "Write “mild” as a code, =, and what it means"),
        ({"codes": "1 = a\n1 = b"}, "The code 1 stands there twice"),
        ({"codes": ""}, "A code needs its codes"),
        ({"label": ""}, "This field is required"),
    ],
)
def test_a_faulty_declaration_keeps_what_was_typed(sam: Client, changes: dict[str, str], sentence: str) -> None:
    page = text(sam.post("/outcomes/variables/", GRADE | changes))
    assert sentence in page
    assert 'value="CTCAE 5.0"' in page
    assert not OutcomeVariable.objects.exists()


def test_a_reader_does_not_even_see_the_names(enter: Enter, cast: Cast, house: House) -> None:
    assert status(enter(cast.reader), "/outcomes/variables/") == 403
