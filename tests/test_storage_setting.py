"""Where files are kept is a setting: this machine's disk, or a bucket of S3-compatible storage."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage

from specimens import tiling
from specimens.models import SlideImage
from specimens.tiles.cutting import OVERVIEW

ASKED = (
    "import json, django; django.setup(); from django.core.files.storage import default_storage as s; "
    "print(json.dumps([(s.exists, type(s._wrapped).__name__)[1]] + "
    "[getattr(s, n, None) for n in ('bucket_name', 'endpoint_url', 'region_name', 'location', 'querystring_auth', "
    "'file_overwrite')]))"
)


def storage(**environment: str) -> list[object]:
    """The kind of storage that a fresh process with this environment uses, and its options. Nothing is connected."""
    told = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONWARNINGS": "ignore", **environment}
    done = subprocess.run([sys.executable, "-c", ASKED], env=told, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_files_lie_on_the_disk_by_default() -> None:
    assert storage(PARAFFIN_S3_BUCKET="")[0] == "FileSystemStorage"


def test_a_bucket_is_named_by_the_environment() -> None:
    pytest.importorskip("storages")
    found = storage(
        PARAFFIN_S3_BUCKET="slides", PARAFFIN_S3_ENDPOINT="https://s3.example.org", PARAFFIN_S3_REGION="eu-1",
        PARAFFIN_S3_PREFIX="core",
    )  # fmt: skip
    assert found == ["S3Storage", "slides", "https://s3.example.org", "eu-1", "core", True, False]


class Elsewhere(FileSystemStorage):
    """Storage that has no paths on this machine, as a bucket has none."""

    def path(self, name: str) -> str:
        raise NotImplementedError

    def _open(self, name: str, mode: str = "rb") -> object:
        from django.core.files import File

        return File(Path(FileSystemStorage.path(self, name)).open(mode))

    def _save(self, name: str, content: object) -> str:
        place = Path(FileSystemStorage.path(self, name))
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.read())  # type: ignore[attr-defined]
        return name

    def exists(self, name: str) -> bool:
        return Path(FileSystemStorage.path(self, name)).exists()


def test_tiles_are_cut_here_and_sent_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Storage without paths: the original is fetched, and what is cut is sent once all of it is there."""
    there = Elsewhere(location=tmp_path / "there")
    monkeypatch.setattr(tiling, "default_storage", there)
    monkeypatch.setattr(tiling.tempfile, "tempdir", str(tmp_path))
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "original").write_bytes(b"as it came")
    image = SlideImage(sha256="f" * 64, file="original")
    with tiling.original_of(image) as original:
        assert original.read_bytes() == b"as it came"
    with tiling.tile_folder(image) as folder:
        (folder / OVERVIEW).write_bytes(b"small")
        (folder / "1").mkdir()
        (folder / "1" / "0_0.jpeg").write_bytes(b"tile")
    place = tmp_path / "there" / "tiles" / image.sha256
    assert [path.name for path in place.rglob("*.jpeg")] == [OVERVIEW]
    with tiling.tile_folder(image) as folder:
        assert (folder / "1" / "0_0.jpeg").read_bytes() == b"tile"
        (folder / "0").mkdir()
        (folder / "0" / "0_0.jpeg").write_bytes(b"top")
    assert {str(path.relative_to(place)) for path in place.rglob("*.jpeg")} == {OVERVIEW, "1/0_0.jpeg", "0/0_0.jpeg"}
    assert not folder.exists()
