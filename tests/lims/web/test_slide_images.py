"""Attaching pictures and whole slides at the bench; tiles for who may see the case, and for nobody else."""

import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.cache import cache, caches
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from PIL import Image

from lims.bench import pyramid
from lims.demo.load_images import WHOLE_SLIDE as SLIDE
from lims.models import RoleGrant
from lims.people import revoke_role
from lims.vocabulary import Role
from scoring.models import ReadingCase
from specimens import jobs
from specimens.models import SlideImage, Tiling
from specimens.tiling import CUT_TILES, progress_key
from specimens.vocabulary import Stain
from specimens.whole_slides import attach_upload, checksum
from tests.cast import AT, Cast, person
from tests.lims.web.conftest import Enter
from tests.lims.web.visits import MOST_QUERIES, questions, shows, status, text
from tests.scoring.desk import PAPILLARY, a_case, both_sign
from tests.stories import House

GREEN = Image.new("RGB", (120, 80), (0, 255, 0))


@pytest.fixture
def case(cast: Cast, house: House) -> ReadingCase:
    return a_case(cast, house, Stain.HE)


@pytest.fixture
def rose(enter: Enter, cast: Cast) -> Client:
    return enter(cast.bench)


@pytest.fixture
def scanned(cast: Cast, case: ReadingCase) -> ReadingCase:
    attach_upload(by=cast.bench, at=AT, slide=case.slide, name="slide.svs", path=SLIDE)
    jobs.work_off()
    return case


def sends(browser: Client, case: ReadingCase, content: bytes, name: str = "slide.svs") -> object:
    return browser.post(f"/slides/{case.slide}/pictures/", {"file": SimpleUploadedFile(name, content)})


def a_tile(case: ReadingCase, level: int = 12, column: int = 1, row: int = 2) -> str:
    return f"/cases/{case.code}/pictures/1/tiles/{level}/{column}/{row}/"


# ---- at the bench ----
def test_a_whole_slide_is_attached_cut_and_shown(rose: Client, case: ReadingCase) -> None:
    answer = sends(rose, case, SLIDE.read_bytes(), "Meier, Hans.svs")
    assert answer["Location"] == f"/slides/{case.slide}/"
    shows(rose, answer["Location"], "whole slide, 2220 × 2967 px", "scanned at 20x", "waits for a worker", "0 of 53")
    jobs.work_off()
    page = shows(rose, f"/slides/{case.slide}/", "tiles cut")
    assert "Meier" not in page
    image = SlideImage.objects.get()
    assert checksum(Path(default_storage.path(image.file))) == image.sha256 == checksum(SLIDE)
    small = rose.get(f"/pictures/{image.pk}/small/")
    assert small["Content-Type"] == "image/jpeg"
    assert b"".join(small.streaming_content).startswith(b"\xff\xd8")
    assert status(rose, f"/pictures/{image.pk}/whole/") == 404


def test_a_pyramidal_tiff_is_a_whole_slide_and_a_plain_tiff_a_picture(
    rose: Client, case: ReadingCase, tmp_path: Path
) -> None:
    pyramid.write(tmp_path / "a.tif", 4, 4)
    sends(rose, case, (tmp_path / "a.tif").read_bytes(), "a.tif")
    Image.new("RGB", (300, 200), "purple").save(tmp_path / "b.tif")
    sends(rose, case, (tmp_path / "b.tif").read_bytes(), "b.tif")
    assert list(SlideImage.objects.order_by("id").values_list("whole_slide", "width")) == [(True, 2048), (False, 300)]


def circle() -> bytes:
    return b"II*\0" + struct.pack("<LHL", 8, 0, 8)


def a_million_directories() -> bytes:
    """Each names the next; 6 MB."""
    return b"II*\0" + struct.pack("<L", 8) + b"".join(struct.pack("<HL", 0, 8 + 6 * (n + 1)) for n in range(10**6))


def bomb() -> bytes:
    """A TIFF that claims 60,000 x 60,000 pixels in a few bytes."""
    tags = [(256, 4, 60_000), (257, 4, 60_000), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8), (278, 4, 60_000),
            (279, 4, 8)]  # fmt: skip
    entries = b"".join(struct.pack("<HHLL", number, kind, 1, value) for number, kind, value in tags)
    return b"II*\0" + struct.pack("<L", 8) + struct.pack("<H", len(tags)) + entries + struct.pack("<L", 0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "is not a JPEG, PNG or TIFF"),
        (b"<html>hello</html>", "is not a JPEG, PNG or TIFF picture"),
        (b"%PDF-1.7", "is not a JPEG, PNG or TIFF picture"),
        (circle(), "go in a circle"),
        (a_million_directories(), "more than 200 directories"),
        (bomb(), "this core keeps"),
        (SLIDE.read_bytes()[:3000], "cut short or broken"),
    ],
    ids=["empty", "svg", "html", "pdf", "circle", "million", "bomb", "cut short"],
)
def test_what_is_refused_says_why_beside_the_field(rose: Client, case: ReadingCase, content: bytes, said: str) -> None:
    answer = sends(rose, case, content)
    assert answer.status_code == 200
    page = text(answer)
    assert said in page
    assert 'class="error' in page
    assert not SlideImage.objects.exists()
    assert not jobs.Job.objects.filter(kind=CUT_TILES).exists()


def test_the_same_file_twice_is_refused_and_kept_once(rose: Client, case: ReadingCase) -> None:
    sends(rose, case, SLIDE.read_bytes())
    assert "attached to this slide already" in text(sends(rose, case, SLIDE.read_bytes(), "another name.svs"))
    image = SlideImage.objects.get()
    assert default_storage.exists(image.file)


@override_settings(PARAFFIN_MAX_SLIDE_BYTES=100_000, PARAFFIN_MAX_UPLOAD_BYTES=50_000)
def test_a_slide_past_the_limit_gets_a_sentence(rose: Client, case: ReadingCase) -> None:
    assert "larger than 0 MB" in text(sends(rose, case, SLIDE.read_bytes()[:200_000]))
    answer = sends(rose, case, SLIDE.read_bytes())
    assert answer.status_code == 413
    assert "larger than" in text(answer)


@override_settings(PARAFFIN_MAX_UPLOAD_BYTES=50_000)
def test_a_large_body_is_read_from_the_bench_alone(enter: Enter, cast: Cast, case: ReadingCase) -> None:
    for browser in (Client(), enter(cast.reader), enter(cast.coordinator)):
        answer = sends(browser, case, SLIDE.read_bytes())
        assert answer.status_code == 403
        assert "Only histotechnologists attach pictures" in text(answer)
    assert not SlideImage.objects.exists()


def test_cutting_is_stopped_and_gone_on_with(rose: Client, case: ReadingCase) -> None:
    sends(rose, case, SLIDE.read_bytes())
    image = SlideImage.objects.get()
    address = f"/pictures/{image.pk}/cutting/"
    assert rose.post(address, {"do": "stop"}).status_code == 302
    shows(rose, address, "not being cut", "Stopped by Rose Achebe", "Go on cutting tiles")
    jobs.work_off()
    assert not Tiling.objects.exists()
    assert "nothing to stop" in text(rose.post(address, {"do": "stop"}))
    rose.post(address, {"do": "again"})
    assert "nothing to start" in text(rose.post(address, {"do": "again"}))
    jobs.work_off()
    shows(rose, address, "tiles cut", "53")
    assert "cut already" in text(rose.post(address, {"do": "again"}))


def test_only_the_bench_stops_the_cutting(enter: Enter, cast: Cast, rose: Client, case: ReadingCase) -> None:
    sends(rose, case, SLIDE.read_bytes())
    address = f"/pictures/{SlideImage.objects.get().pk}/cutting/"
    assert "Stop cutting" not in shows(enter(cast.coordinator), address)
    assert enter(cast.coordinator).post(address, {"do": "stop"}).status_code == 403
    assert enter(cast.reader).get(address).status_code == 403


def test_a_killed_cutter_is_gone_on_with_and_the_page_says_how_far(rose: Client, case: ReadingCase) -> None:
    sends(rose, case, SLIDE.read_bytes())
    image = SlideImage.objects.get()
    folder = Path(default_storage.path(f"tiles/{image.sha256}"))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "specimens.tiles.cutting", default_storage.path(image.file), str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while len(list(folder.rglob("*.jpeg"))) < 10:
            pass
        process.kill()
    kept = {path: path.stat().st_mtime_ns for path in folder.glob("*/*.jpeg")}
    cache.set(progress_key(image.pk), {"done": len(kept), "total": 53})
    shows(rose, f"/slides/{case.slide}/", f"{len(kept)} of 53", f"/pictures/{image.pk}/small/")
    jobs.work_off()
    shows(rose, f"/slides/{case.slide}/", "tiles cut")
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert Tiling.objects.get().tiles == 53 == len(list(folder.glob("*/*.jpeg")))


# ---- beside the case ----
def test_a_tile_is_a_picture_that_never_changes(enter: Enter, cast: Cast, scanned: ReadingCase) -> None:
    browser = enter(cast.reader)
    answer = browser.get(a_tile(scanned))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["Cache-Control"] == "private, max-age=86400, immutable"
    assert (answer["Vary"], answer["X-Content-Type-Options"]) == ("Cookie", "nosniff")
    assert answer.content.startswith(b"\xff\xd8")
    assert b"Exif" not in answer.content
    again = browser.get(a_tile(scanned), headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert questions(browser, a_tile(scanned)) == 0
    assert status(browser, a_tile(scanned, column=99)) == 404
    assert status(browser, a_tile(scanned, level=40)) == 404


def test_an_etag_tells_nothing_of_the_slide(cast: Cast, enter: Enter, scanned: ReadingCase, house: House) -> None:
    """The same file under two cases has other names: a slide shown again is not known by them."""
    other = a_case(cast, house, Stain.HE, scanned.specimen)
    attach_upload(by=cast.bench, at=AT, slide=other.slide, name="slide.svs", path=SLIDE)
    jobs.work_off()
    browser = enter(cast.bench)
    assert browser.get(a_tile(scanned))["ETag"] != browser.get(a_tile(other))["ETag"]


def test_who_sees_the_case_sees_its_tiles_and_nobody_else(enter: Enter, cast: Cast, scanned: ReadingCase) -> None:
    seen = {name: status(enter(who), a_tile(scanned)) for name, who in cast.everybody().items()}
    assert {name for name, code in seen.items() if code == 200} == set(seen) - {"adjudicator"}
    assert seen["adjudicator"] == 404
    assert Client().get(a_tile(scanned)).status_code == 302
    both_sign(cast, scanned, second=PAPILLARY)
    assert status(enter(cast.adjudicator), a_tile(scanned)) == 200


def test_another_site_sees_no_tile(enter: Enter, cast: Cast, house: House, scanned: ReadingCase) -> None:
    lia = enter(person("lia", "Lia Lake", Role.COORDINATOR, house.lakeshore))
    assert status(lia, a_tile(scanned)) == 404
    assert status(lia, f"/cases/{scanned.code}/pictures/1/deep-zoom/") == 404


def test_what_one_session_may_see_opens_no_door_to_another(enter: Enter, cast: Cast, scanned: ReadingCase) -> None:
    enter(cast.reader).get(a_tile(scanned))
    assert status(enter(cast.adjudicator), a_tile(scanned)) == 404
    forged = Client()
    forged.cookies["sessionid"] = ""
    assert forged.get(a_tile(scanned)).status_code == 302


def test_signed_out_is_out_within_a_minute(enter: Enter, cast: Cast, scanned: ReadingCase) -> None:
    browser = enter(cast.reader)
    browser.get(a_tile(scanned))
    grant = RoleGrant.objects.get(user=cast.reader)
    revoke_role(by=cast.administrator, at=AT, grant_id=grant.pk, reason="left the core")
    caches["here"].clear()  # the minute is over
    assert browser.get(a_tile(scanned)).status_code == 302


@pytest.mark.parametrize("way", ["../../../originals", "..%2f..%2foriginals", "%2e%2e/%2e%2e", "12/1_2.jpeg", "-1/0/0"])
def test_no_way_leads_out_of_the_tiles(enter: Enter, cast: Cast, scanned: ReadingCase, way: str) -> None:
    browser = enter(cast.reader)
    browser.get(a_tile(scanned))
    assert browser.get(f"/cases/{scanned.code}/pictures/1/tiles/{way}/").status_code == 404


def test_a_label_and_a_name_are_in_nothing_that_is_served(
    enter: Enter, rose: Client, cast: Cast, case: ReadingCase, tmp_path: Path
) -> None:
    path = tmp_path / "named.svs"
    pyramid.write(path, 4, 3, label=GREEN, words="CANARYMEIER")
    assert b"CANARYMEIER" in path.read_bytes()
    sends(rose, case, path.read_bytes(), "CANARYMEIER.svs")
    jobs.work_off()
    image = SlideImage.objects.get()
    served = list(Path(default_storage.path(f"tiles/{image.sha256}")).rglob("*.*"))
    assert len(served) > 10
    for place in served:
        assert b"CANARY" not in place.read_bytes()
        with Image.open(place) as tile:
            assert not tile.getexif()
            assert (0, 255, 0) not in {colour for _, colour in tile.convert("RGB").getcolors(10**6) or []}
    browser = enter(cast.reader)
    for address in (f"/read/{case.code}/", f"/cases/{case.code}/pictures/1/deep-zoom/", a_tile(case, 11)):
        assert "CANARY" not in browser.get(address).content.decode("latin-1")
    assert b"CANARY" not in b"".join(browser.get(f"/cases/{case.code}/pictures/1/").streaming_content)


def test_the_descriptor_says_what_the_viewer_needs(enter: Enter, cast: Cast, scanned: ReadingCase) -> None:
    browser = enter(cast.reader)
    told = browser.get(f"/cases/{scanned.code}/pictures/1/deep-zoom/").json()
    assert told | {"tiles": "", "whole": ""} == {
        "width": 2220, "height": 2967, "mpp": 0.499, "magnification": 20.0, "ready": True, "done": 53, "total": 53,
        "stopped": False, "demonstration": False, "tile_size": 512, "max_level": 12, "tiles": "", "whole": "",
    }  # fmt: skip
    assert questions(browser, f"/cases/{scanned.code}/pictures/1/deep-zoom/") <= MOST_QUERIES + 4
