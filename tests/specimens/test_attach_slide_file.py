"""Whole-slide files: looked at, kept as they came, cut into tiles by a worker."""

import shutil
import struct
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.test import override_settings

from lims.demo.load_images import WHOLE_SLIDE as SLIDE
from specimens import jobs, tiling
from specimens.errors import Invalid
from specimens.imaging import TooLarge, WrongKind
from specimens.models import LedgerEntry, Patient, Slide, SlideImage, Tiling
from specimens.tiling import CUT_TILES, cut_tiles, original_of, progress_of
from specimens.whole_slides import Looked, attach_slide_file, checksum, looked_at
from tests.cast import AT, Cast
from tests.refusals import forbidden, refused
from tests.stories import House, a_received_block, a_stained_slide


@pytest.fixture
def slide(cast: Cast, house: House, patient: Patient) -> Slide:
    return a_stained_slide(cast, a_received_block(cast, house, patient))


@pytest.fixture
def looked() -> Looked:
    return looked_at("slide.svs", SLIDE)


def attached(cast: Cast, slide: Slide, looked: Looked) -> SlideImage:
    return attach_slide_file(by=cast.bench, at=AT, slide=slide, name="slide.svs", path=SLIDE, looked=looked)


def test_what_a_slide_file_says_of_itself(looked: Looked) -> None:
    assert (looked.width, looked.height) == (2220, 2967)
    assert (looked.mpp, looked.magnification) == (0.499, 20.0)
    assert looked.bytes == SLIDE.stat().st_size


def test_the_original_is_kept_as_it_came(cast: Cast, slide: Slide, looked: Looked) -> None:
    image = attached(cast, slide, looked)
    with original_of(image) as kept:
        assert checksum(kept) == image.sha256 == looked.sha256
    assert (image.whole_slide, image.mpp, image.magnification) == (True, 0.499, 20.0)
    line = LedgerEntry.objects.get(deed="attach image")
    assert line.sentence == f"A whole-slide image of 2220 x 2967 pixels was attached to slide {slide}."


def test_a_worker_cuts_its_tiles_once(cast: Cast, slide: Slide, looked: Looked) -> None:
    image = attached(cast, slide, looked)
    assert jobs.work_off() >= 1
    tiling = Tiling.objects.get(image=image)
    assert (tiling.levels, tiling.tiles, tiling.tile_size) == (13, 53, 512)
    assert default_storage.exists(f"{tiling.folder}/12/4_5.jpeg")
    assert default_storage.exists(image.thumbnail)
    assert progress_of(image.pk) == (53, 53)
    cut_tiles(image.pk)
    assert Tiling.objects.count() == LedgerEntry.objects.filter(deed="cut tiles").count() == 1


def test_the_same_file_twice_is_refused(cast: Cast, slide: Slide, looked: Looked) -> None:
    attached(cast, slide, looked)
    with refused("image_once", "This picture is attached to this slide already."):
        attached(cast, slide, looked)


def test_only_the_bench_attaches(cast: Cast, slide: Slide, looked: Looked) -> None:
    for name, person in cast.everybody().items():
        if name != "bench":
            with forbidden("Only histotechnologists attach pictures."):
                attach_slide_file(by=person, at=AT, slide=slide, name="slide.svs", path=SLIDE, looked=looked)


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        (b"", Invalid, "slide.svs is empty."),
        (b"<svg onload='alert(1)'/>", WrongKind, "no whole-slide format"),
        (b"%PDF-1.7 not a slide", WrongKind, "no whole-slide format"),
        (b"II*\0" + struct.pack("<LH", 8, 60_000), WrongKind, "claims too many entries"),
        (b"II*\0" + struct.pack("<LHL", 8, 0, 8), WrongKind, "go in a circle"),
    ],
)
def test_what_is_no_slide_says_why(tmp_path: Path, content: bytes, kind: type[Invalid], words: str) -> None:
    path = tmp_path / "slide.svs"
    path.write_bytes(content)
    with pytest.raises(kind, match=words) as caught:
        looked_at("slide.svs", path)
    assert caught.value.field == "file"


@override_settings(PARAFFIN_MAX_SLIDE_PIXELS=1000)
def test_more_pixels_than_are_kept() -> None:
    with pytest.raises(TooLarge, match="has 2220 x 2967 pixels, more than this core keeps"):
        looked_at("slide.svs", SLIDE)


@override_settings(PARAFFIN_MAX_SLIDE_BYTES=1000)
def test_a_larger_file_than_is_kept() -> None:
    with pytest.raises(TooLarge, match="larger than 0 MB"):
        looked_at("slide.svs", SLIDE)


def test_a_slide_that_breaks_the_cutter_parks_its_job_with_the_cause(
    cast: Cast, slide: Slide, looked: Looked, tmp_path: Path
) -> None:
    image = attached(cast, slide, looked)
    with original_of(image) as kept:
        whole = shutil.copy(kept, tmp_path / "whole.svs")
        kept.write_bytes(b"gone bad")
        try:
            with pytest.raises(RuntimeError, match="The slide cannot be read"):
                cut_tiles(image.pk)
        finally:
            shutil.copy(whole, kept)
    shutil.rmtree(default_storage.path(f"tiles/{image.sha256}"), ignore_errors=True)
    job = jobs.Job.objects.get(kind=CUT_TILES)
    assert (job.queue, job.arguments) == ("images", {"image_id": image.pk})
    cut_tiles(image.pk)
    assert Tiling.objects.filter(image=image).exists()


def test_a_long_cut_goes_on_in_slices(
    cast: Cast, slide: Slide, looked: Looked, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = attached(cast, slide, looked)
    shutil.rmtree(default_storage.path(f"tiles/{image.sha256}"), ignore_errors=True)
    monkeypatch.setattr(tiling, "SLICE_SECONDS", 0)
    assert jobs.perform(f"{CUT_TILES}:{image.pk}")
    following = jobs.Job.objects.get(key=f"{CUT_TILES}:{image.pk}:50")
    assert (following.queue, Tiling.objects.count()) == ("images", 0)
    assert not jobs.perform(following.key)  # the same slice again, with no time for more
    following.refresh_from_db()
    assert "made no headway" in following.cause
    monkeypatch.undo()
    jobs.Job.objects.filter(pk=following.pk).update(due_at=following.asked_at)
    assert jobs.perform(following.key)
    assert Tiling.objects.get(image=image).tiles == 53
