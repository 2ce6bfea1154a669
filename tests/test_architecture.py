"""The walls of the house that import-linter does not hold (its contracts are in pyproject.toml)."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
ROOMS = ("config", "specimens", "scoring", "lims")
BANNED = {"manager", "service", "helper", "util", "handler", "processor", "data", "info"}
WRITES = {"save", "create", "get_or_create", "update_or_create", "bulk_create", "bulk_update"}
DOORS = ("lims/web", "lims/api", "lims/management", "lims/tasks.py", "scoring/tasks.py", "specimens/tasks.py")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def files(*places: str) -> Iterator[Path]:
    """Python files of ours under `places` (folders or files), migrations left out."""
    for place in places:
        path = ROOT / place
        for file in [path] if path.suffix else sorted(path.rglob("*.py")):
            if file.exists() and "migrations" not in file.parts:
                yield file


def nodes(*places: str) -> Iterator[tuple[str, ast.AST]]:
    """Each syntax node under `places`, with where it stands."""
    for file in files(*places):
        for node in ast.walk(ast.parse(file.read_text())):
            yield f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}", node


def imports(*places: str) -> Iterator[tuple[str, str]]:
    """Each module imported under `places`, relative ones aside, with where it is imported."""
    for where, node in nodes(*places):
        if isinstance(node, ast.Import):
            yield from ((where, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield where, str(node.module)
            yield from ((where, f"{node.module}.{name.name}") for name in node.names)


def words(name: str) -> set[str]:
    """The words of a name in snake or camel case, plurals made singular; a data cut is the trial's word."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name.replace("data_cut", "cut"))
    return {part.lower() for part in parts} | {part.lower().removesuffix("s") for part in parts}


def is_within(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def test_the_walls_are_looked_at() -> None:
    assert {file.relative_to(ROOT).parts[0] for file in files(*ROOMS)} == set(ROOMS)
    assert words("BlindReadManagers_helper") >= {"blind", "read", "manager", "helper"}


def test_rules_import_the_standard_library_only() -> None:
    allowed = (*sys.stdlib_module_names, "scoring.rules")
    assert [hit for hit in imports("scoring/rules") if not is_within(hit[1], *allowed)] == []


def test_config_imports_no_room() -> None:
    assert [hit for hit in imports("config") if is_within(hit[1], "specimens", "scoring", "lims")] == []


def test_the_lower_floors_know_no_web() -> None:
    assert [hit for hit in imports("specimens", "scoring") if is_within(hit[1], "django.http")] == []


def test_doors_query_through_queries() -> None:
    found = [
        where
        for where, node in nodes("lims/web", "lims/api")
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager", "_base_manager"}
    ]
    assert found == []


def writes(call: ast.Call) -> bool:
    """Does this look like a write to the database? `update` and `delete` as query sets spell them."""
    if not isinstance(call.func, ast.Attribute):
        return False
    if call.func.attr == "update":
        return bool(call.keywords) and not call.args
    if call.func.attr == "delete":
        return not call.args and not call.keywords
    return call.func.attr in WRITES


def test_only_deeds_write() -> None:
    assert [where for where, node in nodes(*DOORS) if isinstance(node, ast.Call) and writes(node)] == []


def is_deed(function: Function) -> bool:
    return any(isinstance(mark, ast.Name) and mark.id == "deed" for mark in function.decorator_list)


def test_deeds_take_keywords_and_say_who_and_when() -> None:
    deeds = [(where, node) for where, node in nodes(*ROOMS) if isinstance(node, Function) and is_deed(node)]
    found = [
        f"{where} {node.name}"
        for where, node in deeds
        if node.args.args or not {"by", "at"} <= {argument.arg for argument in node.args.kwonlyargs}
    ]
    assert deeds
    assert found == []


def test_names_are_the_benchs_words() -> None:
    names = [(str(file.relative_to(ROOT)), file.stem) for file in files(*ROOMS, "tests")]
    for where, node in nodes(*ROOMS, "tests"):
        if isinstance(node, Function | ast.ClassDef) and not is_of_django(node):
            names.append((where, node.name))
    assert [hit for hit in names if words(hit[1]) & BANNED and hit[1] not in DJANGOS_WORDS] == []


# Methods that a library calls by these names.
DJANGOS_WORDS = {"get_context_data", "validate_data", "to_internal_value", "handler404", "handler500"}


def is_of_django(node: ast.AST) -> bool:
    return isinstance(node, ast.ClassDef) and any("Manager" in ast.unparse(base) for base in node.bases)


def test_files_and_functions_are_short() -> None:
    long = [
        (str(file.relative_to(ROOT)), lines)
        for file in files(*ROOMS, "tests")
        if (lines := file.read_text().count("\n")) > 400
    ]
    for where, node in nodes(*ROOMS):
        if isinstance(node, Function) and (lines := (node.end_lineno or 0) - node.lineno + 1) > 50:
            long.append((f"{where} {node.name}", lines))
    assert long == []


def test_no_reverse_accessor_opens_the_wall() -> None:
    """Every relation from the top floor downwards hides its way back."""
    downwards = [
        field
        for model in apps.get_app_config("lims").get_models(include_auto_created=True)
        for field in [*model._meta.local_fields, *model._meta.local_many_to_many]
        if field.related_model and field.related_model._meta.app_label in {"specimens", "scoring"}
    ]
    assert downwards
    assert [str(field) for field in downwards if not str(field.remote_field.related_name).endswith("+")] == []


def test_there_is_no_admin_site() -> None:
    assert not apps.is_installed("django.contrib.admin")


INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)|<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|href\s*=\s*[\"']javascript:",
    re.IGNORECASE,
)


def test_templates_carry_no_inline_scripts_or_styles() -> None:
    templates = sorted((ROOT / "lims/templates").rglob("*.html"))
    found = [
        f"{template.relative_to(ROOT)}: {hit.group()}"
        for template in templates
        for hit in INLINE.finditer(template.read_text())
    ]
    assert templates
    assert found == []


def test_the_models_package_offers_no_outcome() -> None:
    """The reading pages may import lims.models; what lies there must not lead to an outcome."""
    import lims.models

    offered = {name for name, thing in vars(lims.models).items() if isinstance(thing, type)}
    manifests = {"Manifest", "ManifestCheck", "ManifestImport", "ColumnMapping"}
    assert offered == {"User", "RoleGrant", "RoleRevocation", "SavedView", "RememberedAnswer"} | manifests
