"""Whole-slide files: looked at, kept as they came, cut into tiles by a worker.

The original is kept with its checksum and never served: its label and macro images can show names. What is
served are tiles, which hold the scanned tissue and nothing else.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils import timezone

from specimens import jobs, ledger
from specimens.actors import Actor, Automaton, person_id
from specimens.consenting import demand_consent
from specimens.deeds import deed, require
from specimens.errors import Invalid, Refused
from specimens.imaging import TooLarge, WrongKind
from specimens.models import Slide, SlideImage, Tiling
from specimens.tiles.cutting import TILE, grids

CUT_TILES = "cut tiles"
CUTTER = Automaton("tile cutter", frozenset({"specimens.cut_tiles"}))
LOOKING_SECONDS = 60
KEPT_PROGRESS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Looked:
    """What a slide file says of itself: pixels, micrometres a pixel and objective, where it tells them."""

    sha256: str
    bytes: int
    width: int
    height: int
    mpp: float | None
    magnification: float | None


def looked_at(name: str, path: Path) -> Looked:
    """What the file is, or the refusal that says why it is not kept. Its name counts for nothing."""
    size = path.stat().st_size
    if not size:
        raise Invalid("empty_file", f"{name} is empty.", field="file")
    if size > settings.PARAFFIN_MAX_SLIDE_BYTES:
        limit = settings.PARAFFIN_MAX_SLIDE_BYTES // 2**20
        raise TooLarge("file_too_large", f"{name} is larger than {limit} MB.", field="file")
    said = told_by("specimens.tiles.looking", str(path))
    if "refused" in said:
        raise WrongKind("not_a_slide", f"{name}: {said['refused']}", field="file")
    if said["width"] * said["height"] > settings.PARAFFIN_MAX_SLIDE_PIXELS:
        pixels = f"{said['width']} x {said['height']} pixels"
        raise TooLarge("image_too_large", f"{name} has {pixels}, more than this core keeps.", field="file")
    return Looked(checksum(path), size, said["width"], said["height"], said["mpp"], said["magnification"])


def told_by(module: str, *arguments: str) -> dict[str, Any]:
    """The last line that a process of ours says; a process that dies or dawdles is a refusal."""
    command = [sys.executable, "-m", module, *arguments]
    try:
        done = subprocess.run(command, capture_output=True, timeout=LOOKING_SECONDS, check=False, cwd=settings.BASE_DIR)
        return json.loads(done.stdout.splitlines()[-1])
    except (subprocess.TimeoutExpired, IndexError, ValueError):
        return {"refused": "The slide cannot be read: its decoder gave up on it."}


def checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@deed
def attach_slide_file(*, by: Actor, at: datetime, slide: Slide, name: str, path: Path, looked: Looked,
                      demonstration: bool = False) -> SlideImage:  # fmt: skip
    """Attach a whole-slide file that `looked_at` has passed; a worker cuts its tiles."""
    require(by, "specimens.attach_image", "Only histotechnologists attach pictures.")
    demand_consent({slide.block.specimen.patient_id}, "Picturing")
    if SlideImage.objects.filter(slide=slide, sha256=looked.sha256).exists():
        raise Refused("image_once", "This picture is attached to this slide already.")
    image = SlideImage.objects.create(
        slide=slide,
        sha256=looked.sha256,
        file=kept_original(looked.sha256, path),
        thumbnail=thumbnail_of(looked),
        media_type="application/octet-stream",
        width=looked.width,
        height=looked.height,
        whole_slide=True,
        bytes=looked.bytes,
        mpp=looked.mpp,
        magnification=looked.magnification,
        attached_at=at,
        attached_by_id=person_id(by),
        demonstration=demonstration,
    )
    jobs.ask(CUT_TILES, key=str(image.pk), arguments={"image_id": image.pk}, queue="images")
    said = f"A whole-slide image of {looked.width} x {looked.height} pixels was attached to slide {slide}."
    became = {"sha256": looked.sha256, "bytes": looked.bytes}
    patient_id = slide.block.specimen.patient_id
    ledger.write([ledger.line("attach image", slide, said, patient_id=patient_id, became=became)], by=by, at=at)
    return image


def kept_original(sha256: str, path: Path) -> str:
    """Keep the file under its checksum; the same bytes are kept once."""
    kept = f"originals/{sha256}"
    if default_storage.exists(kept):
        return kept
    with path.open("rb") as file:
        return default_storage.save(kept, File(file))


def folder_of(sha256: str) -> str:
    return f"tiles/{sha256}"


def thumbnail_of(looked: Looked) -> str:
    """The coarsest tile that is not a stamp: the finest level that is one tile alone."""
    level = next(grid.level for grid in grids(looked.width, looked.height) if grid.columns == grid.rows == 1)
    return f"{folder_of(looked.sha256)}/{level}/0_0.jpeg"


# ---- the worker's ----
def register() -> None:
    """Tell the job table what is done here. A process is followed, so no transaction is held open meanwhile."""
    jobs.does_in_steps(CUT_TILES, cut_tiles)


def cut_tiles(image_id: int) -> None:
    """Cut the image's tiles and record it. Done again, it finds what is there and goes on."""
    image = SlideImage.objects.get(pk=image_id)
    if Tiling.objects.filter(image=image).exists():
        return
    with original_of(image) as original, tile_folder(image) as folder:
        total = followed(image, original, folder)
    record_tiles(by=CUTTER, at=timezone.now(), image=image, tiles=total)


@contextmanager
def original_of(image: SlideImage) -> Iterator[Path]:
    """The original as a file of this machine: itself, or a copy where storage is elsewhere."""
    try:
        yield Path(default_storage.path(image.file))
        return
    except NotImplementedError:
        pass
    with tempfile.NamedTemporaryFile() as copy, default_storage.open(image.file) as file:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        yield Path(copy.name)


@contextmanager
def tile_folder(image: SlideImage) -> Iterator[Path]:
    """Where tiles are cut to: their own place, or a folder that is sent to where storage is."""
    try:
        place = Path(default_storage.path(folder_of(image.sha256)))
    except NotImplementedError:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
            send(Path(folder), folder_of(image.sha256))
        return
    place.mkdir(parents=True, exist_ok=True)
    yield place


def send(folder: Path, to: str) -> None:
    for path in folder.rglob("*.jpeg"):
        name = f"{to}/{path.relative_to(folder)}"
        if not default_storage.exists(name):
            with path.open("rb") as file:
                default_storage.save(name, File(file))


def followed(image: SlideImage, original: Path, folder: Path) -> int:
    """Run the cutter and tell how far it is; gives the number of tiles. Raises RuntimeError with its last word."""
    command = [sys.executable, "-m", "specimens.tiles.cutting", str(original), str(folder)]
    said: dict[str, Any] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR) as process:
        try:
            for line in process.stdout or ():
                said = json.loads(line)
                cache.set(progress_key(image.pk), said, KEPT_PROGRESS)
        except BaseException:
            process.kill()
            raise
    if not said.get("finished"):
        raise RuntimeError(said.get("refused") or "The cutter died.")
    return said["total"]


def progress_key(image_id: int) -> str:
    return f"tiles-of-{image_id}"


def progress_of(image_id: int) -> tuple[int, int]:
    """How many tiles of how many are cut; (0, 0) when nothing is known."""
    said = cache.get(progress_key(image_id)) or {}
    return said.get("done", 0), said.get("total", 0)


@deed
def record_tiles(*, by: Actor, at: datetime, image: SlideImage, tiles: int) -> Tiling:
    """Record that every tile of the image is cut."""
    require(by, "specimens.cut_tiles", "Only the tile cutter records tiles.")
    tiling = Tiling.objects.create(
        image=image, folder=folder_of(image.sha256), tile_size=TILE, overlap=0,
        levels=len(grids(image.width, image.height)), tiles=tiles, cut_at=at,
    )  # fmt: skip
    said = f"{tiles} tiles of a picture of slide {image.slide} were cut."
    ledger.write(
        [ledger.line("cut tiles", image.slide, said, patient_id=image.slide.block.specimen.patient_id)], by=by, at=at
    )
    return tiling
