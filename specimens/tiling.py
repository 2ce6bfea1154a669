"""Cutting the tiles of a whole-slide file: the worker's part, and stopping it or asking for it again.

A slide is cut in slices of some minutes, so that no worker is lost to it; each slice goes on where the last ended.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils import timezone

from specimens import job_desk, jobs, ledger
from specimens.actors import Actor, Automaton, name_of
from specimens.deeds import deed, require
from specimens.errors import Refused
from specimens.models import SlideImage, Tiling
from specimens.models.jobs import Job
from specimens.tiles.cutting import OVERVIEW, TILE, grids

CUT_TILES = "cut tiles"
CUTTER = Automaton("tile cutter", frozenset({"specimens.cut_tiles"}))
SLICE_SECONDS = 240.0
CUTTERS: set[subprocess.Popen[str]] = set()
"""Those that this process runs now."""
KEPT_PROGRESS = 24 * 3600
ONLY_BENCH = "Only histotechnologists stop and start the cutting of tiles."


class CutState(StrEnum):
    CUT = "cut"
    CUTTING = "cutting"
    WAITING = "waiting"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Cutting:
    """How far an image's tiles are: `done` of `total`; `cause` says why it stands still."""

    state: CutState
    done: int
    total: int
    cause: str = ""


def folder_of(sha256: str) -> str:
    return f"tiles/{sha256}"


def overview_of(sha256: str) -> str:
    """The small picture of the slide, there as soon as its cutting has begun."""
    return f"{folder_of(sha256)}/{OVERVIEW}"


def ask_for_tiles(image: SlideImage, done: int = 0) -> None:
    """Ask for the image's tiles, or for the rest of them when so many are done."""
    key = f"{image.pk}:{done}" if done else str(image.pk)
    if Job.objects.filter(key=f"{CUT_TILES}:{key}").exists():
        raise RuntimeError("The cutter made no headway in its time.")
    jobs.ask(CUT_TILES, key=key, arguments={"image_id": image.pk}, queue="images")


def cuttings_of(images: Collection[SlideImage]) -> dict[int, Cutting]:
    """How far each whole-slide image is. Two queries, however many."""
    slides = [image for image in images if image.whole_slide]
    ids = [image.pk for image in slides]
    cut = set(Tiling.objects.filter(image_id__in=ids).values_list("image_id", flat=True)) if ids else set()
    waiting = {job.arguments["image_id"]: job for job in undone([pk for pk in ids if pk not in cut])}
    return {image.pk: cutting(image, image.pk in cut, waiting.get(image.pk)) for image in slides}


def undone(ids: Collection[int]) -> list[Job]:
    if not ids:
        return []
    return list(Job.objects.filter(kind=CUT_TILES, done_at__isnull=True, arguments__image_id__in=ids).order_by("id"))


def cutting(image: SlideImage, is_cut: bool, job: Job | None) -> Cutting:
    total = sum(grid.columns * grid.rows for grid in grids(image.width, image.height))
    done = progress_of(image.pk)[0]
    if is_cut:
        return Cutting(CutState.CUT, total, total)
    if job is None or job.parked_at:
        cause = job.cause if job else "Its tiles were never asked for."
        return Cutting(CutState.STOPPED, done, total, cause)
    return Cutting(CutState.CUTTING if job.lease_until else CutState.WAITING, done, total, job.cause)


@deed
def stop_cutting(*, by: Actor, at: datetime, image: SlideImage) -> None:
    """Stop the cutting of an image's tiles; what is cut stays, and `cut_again` goes on from there."""
    require(by, "specimens.attach_image", ONLY_BENCH)
    if not jobs.stop(CUT_TILES, f"Stopped by {name_of(by)}.", image_id=image.pk):
        raise Refused("nothing_to_stop", "No tiles of this picture are being cut: there is nothing to stop.")
    write(by, at, image, "stop cutting tiles", "The cutting of tiles was stopped.")


@deed
def cut_again(*, by: Actor, at: datetime, image: SlideImage) -> None:
    """Go on with a cutting that was stopped or given up."""
    require(by, "specimens.attach_image", ONLY_BENCH)
    if Tiling.objects.filter(image=image).exists():
        raise Refused("tiles_cut", "Every tile of this picture is cut already.")
    if not jobs.again(CUT_TILES, image_id=image.pk):
        raise Refused("cutting_already", "Its tiles are being cut, or wait for a worker: there is nothing to start.")
    write(by, at, image, "cut tiles again", "The cutting of tiles was asked for again.")


def write(by: Actor, at: datetime, image: SlideImage, deed: str, said: str) -> None:
    patient_id = image.slide.block.specimen.patient_id
    ledger.write([ledger.line(deed, image.slide, said, patient_id=patient_id)], by=by, at=at)


# ---- the worker's ----
def register() -> None:
    """Tell the job table what is done here. A process is followed, so no transaction is held open meanwhile."""
    jobs.does_in_steps(CUT_TILES, cut_tiles)
    job_desk.tells(CUT_TILES, lambda arguments: progress_of(arguments["image_id"]))


def cut_tiles(image_id: int) -> None:
    """Cut the image's tiles and record it. Done again, it finds what is there and goes on."""
    image = SlideImage.objects.get(pk=image_id)
    if Tiling.objects.filter(image=image).exists():
        return
    with original_of(image) as original, tile_folder(image) as folder:
        said = followed(image, original, folder)
    if said.get("finished"):
        record_tiles(by=CUTTER, at=timezone.now(), image=image, tiles=said["total"])
    else:
        ask_for_tiles(image, said["done"])


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
    """Where tiles are cut to: their own place, or a folder of this machine that is sent to where storage is."""
    try:
        place = Path(default_storage.path(folder_of(image.sha256)))
    except NotImplementedError:
        place = Path(tempfile.gettempdir()) / f"paraffin-tiles-{image.sha256}"
        place.mkdir(parents=True, exist_ok=True)
        yield place
        send(place, folder_of(image.sha256))
        return
    place.mkdir(parents=True, exist_ok=True)
    yield place


def send(folder: Path, to: str) -> None:
    """Send what is cut, once all of it is; until then only the small picture of the whole."""
    whole = (folder / "0" / "0_0.jpeg").exists()
    for path in folder.rglob("*.jpeg") if whole else [folder / OVERVIEW]:
        name = f"{to}/{path.relative_to(folder)}"
        if path.exists() and not default_storage.exists(name):
            with path.open("rb") as file:
                default_storage.save(name, File(file))
    if whole:
        shutil.rmtree(folder, ignore_errors=True)


def followed(image: SlideImage, original: Path, folder: Path) -> dict[str, Any]:
    """Run the cutter for a slice of time and tell how far it is; gives its last word. Raises RuntimeError with the
    cause, and jobs.LeaseLost when somebody has stopped it."""
    command = [sys.executable, "-m", "specimens.tiles.cutting", str(original), str(folder)]
    said: dict[str, Any] = {}
    ends = time.monotonic() + SLICE_SECONDS
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR) as process:
        CUTTERS.add(process)
        try:
            began = None
            for line in process.stdout or ():
                said = json.loads(line)
                cache.set(progress_key(image.pk), said, KEPT_PROGRESS)
                began = said.get("done") if began is None else began
                if said.get("finished") or "refused" in said:
                    break
                if is_stopped(image.pk):
                    raise jobs.LeaseLost(f"{CUT_TILES} {image.pk}")
                if time.monotonic() > ends and said["done"] > (began or 0):
                    process.kill()
                    return said
        except BaseException:
            process.kill()
            raise
        finally:
            CUTTERS.discard(process)
    if not said.get("finished"):
        raise RuntimeError(said.get("refused") or "The cutter died.")
    return said


def end_cutters() -> None:
    """For a process that ends: what is being cut goes on where it stopped when a worker comes again."""
    for process in list(CUTTERS):
        process.kill()


def is_stopped(image_id: int) -> bool:
    asked = undone([image_id])
    return bool(asked) and all(job.parked_at for job in asked)


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
    write(by, at, image, "cut tiles", f"{tiles} tiles of a picture of slide {image.slide} were cut.")
    return tiling
