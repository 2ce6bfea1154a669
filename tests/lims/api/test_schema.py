"""The schema is valid and whole; its page runs from our own files."""

import re
from typing import Any

from django.contrib.staticfiles import finders
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from lims.api.urls import urlpatterns


def test_the_schema_is_valid_and_holds_every_address() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    validate_schema(schema)
    hidden = {"schema", "api-docs", "api-missing"}
    assert len(schema["paths"]) == len([each for each in urlpatterns if each.name not in hidden])


def test_the_schema_opens_to_whoever_is_signed_in(world: Any, calling: Any) -> None:
    answer = calling(world.cast.reader).get("schema/")
    assert (answer.status_code, answer.json()["info"]["title"]) == (200, "Paraffin")
    assert calling(None).get("schema/").status_code == 401


def test_the_page_has_no_inline_script_and_only_our_own_files(world: Any, calling: Any) -> None:
    answer = calling(world.cast.reader).get("docs/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|https?://", page) == []
    files = re.findall(r'(?:src|href)="/static/([^"]+)"', page)
    assert len(files) >= 3
    assert [name for name in files if not finders.find(name)] == []
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "script-src" not in policy or "unsafe" not in policy.split("script-src")[1].split(";")[0]


def test_the_pages_script_comes_as_a_file_of_its_own(world: Any, calling: Any) -> None:
    answer = calling(world.cast.reader).get("docs/", script="")
    assert answer["Content-Type"].startswith("application/javascript")
    assert "/api/v1/schema/" in answer.content.decode()


def test_the_schema_comes_to_whoever_asks_for_json(world: Any, calling: Any) -> None:
    answer = calling(world.cast.reader).send("GET", "schema/", HTTP_ACCEPT="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.json()["info"]["title"] == "Paraffin"
