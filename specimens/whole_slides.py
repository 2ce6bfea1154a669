"""Whole-slide files: looked at, and kept as they came. `tiling` cuts them.

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
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile

from specimens import ledger
from specimens.actors import Actor, person_id
from specimens.consenting import demand_consent
from specimens.deeds import deed, require
from specimens.errors import Invalid, Refused
from specimens.imaging import TooLarge, WrongKind, attach_image
from specimens.models import Slide, SlideImage
from specimens.tiles.headers import is_tiff
from specimens.tiling import ask_for_tiles, overview_of

LOOKING_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Looked:
    """What a slide file says of itself: pixels, micrometres a pixel and objective, where it tells them."""

    sha256: str
    bytes: int
    width: int
    height: int
    mpp: float | None
    magnification: float | None


def attach_upload(*, by: Actor, at: datetime, slide: Slide, name: str, path: Path,
                  demonstration: bool = False) -> SlideImage:  # fmt: skip
    """Attach an uploaded file as what its bytes say it is: a whole slide or a plain picture.

    The file is looked at, and the original kept, before the deed's transaction begins: neither is quick.
    """
    require(by, "specimens.attach_image", "Only histotechnologists attach pictures.")
    if not is_whole_slide(name, path):
        with path.open("rb") as file:
            content = file.read(settings.PARAFFIN_MAX_UPLOAD_BYTES + 1)
        return attach_image(by=by, at=at, slide=slide, name=name, content=content, demonstration=demonstration)
    looked = looked_at(name, path)
    kept = default_storage.exists(original_name(looked.sha256))
    kept_original(looked.sha256, path)
    try:
        return attach_slide_file(
            by=by, at=at, slide=slide, name=name, path=path, looked=looked, demonstration=demonstration
        )
    except Refused:
        if not kept:
            default_storage.delete(original_name(looked.sha256))
        raise


@contextmanager
def on_disk(upload: UploadedFile) -> Iterator[Path]:
    """An upload as a file; a small one, which is held in memory, is written to one."""
    if hasattr(upload, "temporary_file_path"):
        yield Path(upload.temporary_file_path())
        return
    with tempfile.NamedTemporaryFile() as file:
        for chunk in upload.chunks():
            file.write(chunk)
        file.flush()
        yield Path(file.name)


def is_whole_slide(name: str, path: Path) -> bool:
    """Is it for the slide reader? A TIFF that OpenSlide does not know is a plain picture while it is small."""
    with path.open("rb") as file:
        if not is_tiff(file.read(16)):
            return False
    if path.stat().st_size > settings.PARAFFIN_MAX_UPLOAD_BYTES:
        return True
    said = told_by("specimens.tiles.looking", str(path))
    if "refused" in said and not said.get("plain"):
        raise WrongKind("not_a_slide", f"{name}: {said['refused']}", field="file")
    return "refused" not in said


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
        thumbnail=overview_of(looked.sha256),
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
    ask_for_tiles(image)
    said = f"A whole-slide image of {looked.width} x {looked.height} pixels was attached to slide {slide}."
    became = {"sha256": looked.sha256, "bytes": looked.bytes}
    patient_id = slide.block.specimen.patient_id
    ledger.write([ledger.line("attach image", slide, said, patient_id=patient_id, became=became)], by=by, at=at)
    return image


def original_name(sha256: str) -> str:
    return f"originals/{sha256}"


def kept_original(sha256: str, path: Path) -> str:
    """Keep the file under its checksum; the same bytes are kept once."""
    kept = original_name(sha256)
    if default_storage.exists(kept):
        return kept
    with path.open("rb") as file:
        return default_storage.save(kept, File(file))
