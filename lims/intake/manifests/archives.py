"""A workbook is a zip of XML. It is looked through here before anything reads it: how much, how many, what else."""

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from lims.intake.manifests.findings import FileRefused

MOST_ENTRIES = 200
MOST_INFLATED = 64 * 2**20
MOST_RATIO, RATIO_FROM = 150, 2**20
MOST_SHEET_ROWS, MOST_COLUMNS, MOST_CELLS = 50_000, 200, 3_000_000
PLACE = re.compile(rb"""\sr=["']([A-Z]{0,3})(\d{1,9})["']""")
CELL = re.compile(rb"<(?:\w+:)?c[\s>/]")
ROW = re.compile(rb"<(?:\w+:)?row[\s>/]")
FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
UNCOMPUTED = re.compile(
    rb"""<(?:\w+:)?c(?=\s)[^>]*?\sr=["']([A-Z]+\d+)["'][^>]*>\s*<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*"""
    rb"""(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"""
)
UNSAFE = "The workbook holds {}: it was not opened. Save it anew as a plain .xlsx file."


def check_workbook(content: bytes) -> None:
    """Refuse a zip that is damaged, protected, too large once unpacked, or that holds more than a workbook's parts."""
    check_directory(content)
    with well_formed(), zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name, part in parts_of(archive):
            check_part(name, part)


def check_directory(content: bytes) -> None:
    """What the zip's directory alone tells, before any of it is unpacked."""
    with well_formed(), zipfile.ZipFile(io.BytesIO(content)) as archive:
        check_entries(archive.infolist())
        check_names(archive.namelist())


@contextmanager
def well_formed() -> Iterator[None]:
    """What a broken archive makes its reader raise becomes a sentence."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        said = "The workbook is damaged or cut short: open it in your spreadsheet program and save it anew."
        raise FileRefused("damaged_workbook", said) from error


def check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MOST_ENTRIES:
        refuse(f"{len(entries):,} parts, more than any manifest has")
    if len({entry.filename.lower() for entry in entries}) < len(entries):
        refuse("two parts of the same name")
    if any(entry.flag_bits & 1 for entry in entries):
        raise FileRefused("protected", "The workbook is protected with a password: save it without one.")
    if any(stat.S_ISLNK(entry.external_attr >> 16) for entry in entries):
        refuse("a link to another file")
    inflated, packed = sum(e.file_size for e in entries), sum(e.compress_size for e in entries)
    if inflated > MOST_INFLATED or (inflated > RATIO_FROM and inflated > MOST_RATIO * max(packed, 1)):
        said = f"The workbook would unpack to {inflated / 2**20:,.0f} MB, too much for a manifest: it was not opened."
        raise FileRefused("unpacks_too_large", said, status=413)


def check_names(names: list[str]) -> None:
    for name in names:
        low = name.lower()
        if name.startswith(("/", "\\")) or ".." in name.split("/") or "\\" in name or ":" in name or "\x00" in name:
            refuse("a part that points outside of it")
        if low.endswith((".zip", ".xlsx", ".xlsm", ".xls", ".docx", ".7z", ".gz")):
            refuse("another archive")
        if "vbaproject" in low or "macrosheets/" in low or "activex/" in low:
            raise FileRefused("macros", "The workbook holds macros: save it as .xlsx, without them.", status=415)
        if low.startswith("xl/externallinks/"):
            said = "The workbook refers to other workbooks: paste the values in and save it anew."
            raise FileRefused("external_links", said)
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise FileRefused("no_workbook", "This archive is no Excel workbook, whatever its name says.", status=415)


def parts_of(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """Each part, inflated to the size it claims and no further; one that lies about it has a wrong checksum."""
    for entry in archive.infolist():
        yield entry.filename, archive.read(entry)


def check_part(name: str, part: bytes) -> None:
    if part[:4] == b"PK\x03\x04":
        refuse("another archive")
    if name.endswith((".xml", ".rels", ".vml")) and (b"<!DOCTYPE" in part[:4096] or b"<!ENTITY" in part):
        refuse("a document type of its own")
    if name.startswith("xl/worksheets/") and name.endswith(".xml"):
        check_extent(part)
        if FORMULA.search(part) and (found := UNCOMPUTED.search(part)):
            said = f"Cell {found.group(1).decode()} holds a formula without its value: open the workbook and save it."
            raise FileRefused("formula_without_value", said)


def check_extent(part: bytes) -> None:
    """Refuse a sheet whose cells span more than a manifest's: a reader would make room for all between them."""
    rows, columns = len(ROW.findall(part)), 0
    named = 0
    for letters, digits in PLACE.findall(part):
        rows = max(rows, int(digits))
        named += bool(letters)
        columns = max(columns, column_of(letters))
    if len(CELL.findall(part)) > named:
        columns = max(columns, *(len(CELL.findall(row)) for row in ROW.split(part)))
    if rows > MOST_SHEET_ROWS or columns > MOST_COLUMNS or rows * columns > MOST_CELLS:
        said = (
            f"A sheet spans {rows:,} rows and {columns:,} columns; a manifest has at most {MOST_SHEET_ROWS:,} rows and "
            f"{MOST_COLUMNS} columns. Delete the empty rows and columns behind the last item, or send it in parts."
        )
        raise FileRefused("sheet_too_large", said, status=413)


def column_of(letters: bytes) -> int:
    """A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def refuse(what: str) -> None:
    raise FileRefused("unsafe_workbook", UNSAFE.format(what))
