"""A tile of a slide beside the same bytes as a static file; and the memory in which slides of two sizes are cut."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone

from lims.bench import pyramid
from lims.bench.figures import Figure, in_turn, rounded, seconds
from lims.bench.ground import Ground
from lims.bench.processes import Caller, server
from lims.models import User
from scoring.models import ReadingCase
from specimens.models import SlideImage
from specimens.tiling import cut_tiles
from specimens.whole_slides import attach_upload

BESIDE_STATIC, MORE_MEMORY, MEGABYTE = 1.5, 1.2, 2**20
STATIC = "measured-tile.jpeg"
SIGNED_IN_BY = "allauth.account.auth_backends.AuthenticationBackend"


def measure(ground: Ground) -> list[Figure]:
    """A tile as a viewer asks for it, then slides cut at full size and at a sixteenth of the pixels."""
    return [tile(ground), *memory(ground.sizes.slide_side)]


# ---- one tile ----
def tile(ground: Ground) -> Figure:
    """Both over one kept connection each to the same server, in turn; the session was let in by its first tile."""
    case = ReadingCase.objects.select_related("slide").earliest("id")
    person = ground.house.technologist
    with tempfile.TemporaryDirectory() as folder:
        pyramid.write(Path(folder) / "slide.svs", 4, 4)
        image = attach_upload(
            by=person, at=timezone.now(), slide=case.slide, name="slide.svs", path=Path(folder) / "slide.svs"
        )
    cut_tiles(image.pk)
    address = f"/cases/{case.code}/pictures/1/tiles/11/1/1/"
    with static_copy(image), server() as caller:
        cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session_of(person)}"}
        ours, beside = fetching(caller, address, cookie), fetching(caller, f"{settings.STATIC_URL}{STATIC}", {})
        assert ours() == beside(), "both give the same bytes"
        in_turn(20, ours, beside)
        took, static = in_turn(10 * ground.sizes.calls, ours, beside)
    ratio = took / static
    target = f"at most {BESIDE_STATIC:g} times the time of the same bytes as a static file"
    return Figure(
        "images-tile", rounded(took * 1000), "ms", rounded(static * 1000), rounded(ratio), target,
        ratio <= BESIDE_STATIC,
    )  # fmt: skip


@contextmanager
def static_copy(image: SlideImage) -> Iterator[None]:
    """The tile as a static file beside it; the server looks for static files when it starts."""
    copy = Path(settings.STATIC_ROOT) / STATIC
    copy.parent.mkdir(parents=True, exist_ok=True)
    with default_storage.open(f"tiles/{image.sha256}/11/1_1.jpeg") as file:
        copy.write_bytes(file.read())
    try:
        yield
    finally:
        copy.unlink()


def session_of(person: User) -> str:
    client = Client(SERVER_NAME="localhost")
    client.force_login(person, SIGNED_IN_BY)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def fetching(caller: Caller, path: str, headers: dict[str, str]) -> Callable[[], bytes]:
    def fetched() -> bytes:
        caller.connection.request("GET", path, headers=headers)
        answer = caller.connection.getresponse()
        body = answer.read()
        assert answer.status == 200, f"{path} answered {answer.status}"
        return body

    return fetched


# ---- memory ----
def memory(side: int) -> list[Figure]:
    """The peak memory of the cutting process for a slide of `side` x `side` tiles and for one of a quarter the side."""
    with tempfile.TemporaryDirectory() as told:
        folder = Path(told)
        small = max(4, side // 4)
        (few, briefly, _), (many, took, size) = (cut(folder, number) for number in (small, side))
    target = f"at most {MORE_MEMORY:g} times the memory for a sixteenth of the pixels; the file has {size / 1e9:.1f} GB"
    ratio = many / few
    return [
        Figure("images-memory", rounded(many), "MB", rounded(few), rounded(ratio), target, ratio <= MORE_MEMORY),
        Figure(
            "images-cut",
            rounded(side * side / took),
            "tiles/s",
            rounded(small * small / briefly),
            rounded(side * side / took / (small * small / briefly)),
            "none: tiles of the finest level",
            True,
        ),
    ]


def cut(folder: Path, side: int) -> tuple[float, float, int]:
    """Peak memory in MB, seconds, and bytes of the file."""
    slide, tiles = folder / f"{side}.svs", folder / str(side)
    size = pyramid.write(slide, side, side)
    tiles.mkdir()
    peaks: list[float] = []
    took = seconds(lambda: peaks.append(peak_of(slide, tiles)))
    slide.unlink()
    shutil.rmtree(tiles)
    return peaks[0], took, size


def peak_of(slide: Path, tiles: Path) -> float:
    """Megabytes that the cutter held at most."""
    command = [sys.executable, "-m", "specimens.tiles.cutting", str(slide), str(tiles)]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL)  # noqa: S603
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)  # heard here, so nobody waits for it again
    assert process.returncode == 0, "the cutter finishes"
    return used.ru_maxrss * 1024 / MEGABYTE
