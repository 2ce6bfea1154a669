"""import_manifest from the shell: one object, the verdict of the page, nothing written in a dry run."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import call_command

from lims.models import Manifest
from specimens.models import Shipment
from tests.cast import Cast
from tests.lims.intake.sheets_made import CIMAC
from tests.network import the_networks_trial
from tests.refusals import everything_written
from tests.stories import House

pytestmark = pytest.mark.django_db
SLIDES = CIMAC / "tissue_slide_template.xlsx"
FILES = sorted(path for path in CIMAC.iterdir() if path.suffix in (".csv", ".xlsx"))
Run = Callable[..., tuple[dict[str, Any], int]]


@pytest.fixture
def run() -> Run:
    def ran(file: Path, **said: Any) -> tuple[dict[str, Any], int]:
        out, status = StringIO(), 0
        try:
            call_command("import_manifest", str(file), json=True, stdout=out, **said)
        except SystemExit as left:
            status = int(left.code or 0)
        return orjson.loads(out.getvalue()), status

    return ran


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_file_of_the_network_on_an_empty_database(run: Run, file: Path) -> None:
    before = everything_written()
    told, status = run(file, dry_run=True)
    assert everything_written() == before
    assert told["accepted"] == 0
    assert told["rows"] == told["refused"]
    manifest = file.name.startswith(("tissue", "h_and_e")) and "Legend" not in file.name and "Dict" not in file.name
    assert status == (0 if manifest else 1)
    for finding in told["findings"]:
        assert {"row", "field", "value", "severity", "sentence"} <= set(finding)
        assert finding["severity"] in ("error", "warning")
    if manifest and told["rows"]:
        bad = {f["row"] for f in told["findings"] if f["severity"] == "error" and f["field"] == "Protocol identifier"}
        assert len(bad) == told["rows"], "each row is refused for its trial"


def test_a_dry_run_with_a_trial_on_record(run: Run, cast: Cast, house: House) -> None:
    the_networks_trial(cast)
    told, status = run(SLIDES, dry_run=True)
    assert (told["rows"], told["accepted"], told["refused"], status) == (4, 4, 0, 0)
    sheet = CIMAC / "tissue_slide_template__Samples.csv"
    assert run(sheet, dry_run=True, trial="test_prism_trial_id")[0]["accepted"] == 4


def test_an_import_needs_somebody_and_a_sender(run: Run, cast: Cast, house: House) -> None:
    the_networks_trial(cast)
    before = everything_written()
    for said, words in (({}, "--as USERNAME"), ({"username": "dana"}, "--sender CODE"),
                        ({"username": "nobody", "sender": "MERCY"}, "user name"),
                        ({"username": "dana", "sender": "NOWHERE"}, "No institution"),
                        ({"username": "rose", "sender": "MERCY"}, "Only coordinators")):  # fmt: skip
        told, status = run(SLIDES, **said)
        assert status == 1
        assert words in told["findings"][0]["sentence"]
    assert everything_written() == before


def test_an_import_comes_in_once(run: Run, cast: Cast, house: House) -> None:
    the_networks_trial(cast)
    for _ in range(2):
        told, status = run(SLIDES, username="dana", sender="MERCY")
        assert (told["accepted"], told["parcel"], status) == (4, str(Shipment.objects.get()), 0)
    assert Manifest.objects.count() == 1


def test_an_import_with_a_refused_row_imports_nothing(run: Run, cast: Cast, house: House) -> None:
    told, status = run(SLIDES, username="dana", sender="MERCY")
    assert (told["refused"], told["parcel"], status) == (4, "", 1)
    assert not Shipment.objects.exists()


def test_a_file_that_is_not_there(run: Run, tmp_path: Path) -> None:
    told, status = run(tmp_path / "none.xlsx", dry_run=True)
    assert (told["rows"], status) == (0, 1)
    assert "cannot be read" in told["findings"][0]["sentence"]


def test_people_read_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_manifest", str(SLIDES), dry_run=True)
    said = capsys.readouterr().out
    assert "Shipment, row 12, Date received = '2002-10-10'" in said
    assert "4 rows: 0 can come in, 4 are refused." in said
    assert "nothing was written" in said
