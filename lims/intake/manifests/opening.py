"""Bytes into sheets. What a file is, its first bytes say; its name says nothing."""

import csv
import io

from python_calamine import CalamineError, CalamineWorkbook

from lims.intake.manifests.archives import MOST_COLUMNS, MOST_SHEET_ROWS, check_directory, check_workbook
from lims.intake.manifests.findings import FileRefused
from lims.intake.manifests.grids import Grid

MOST_BYTES = 20 * 2**20
ZIP, OLE, PDF = b"PK", b"\xd0\xcf\x11\xe0", b"%PDF"
UTF16 = (b"\xff\xfe", b"\xfe\xff")
PAGES = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<script", b"<svg")
AS_CSV = "save the sheet as “CSV UTF-8, comma separated”, or send the workbook as .xlsx."


def opened(content: bytes, name: str = "") -> list[Grid]:
    """The sheets of a workbook, or the one sheet of a CSV file, called by its file's `name`."""
    glance(content)
    return workbook(content) if content.startswith(ZIP) else [Grid(name, table(content))]


def suffix_of(content: bytes) -> str:
    return ".xlsx" if content.startswith(ZIP) else ".csv"


def glance(content: bytes) -> None:
    """Refuse what is no manifest at first sight, before any of it is unpacked or parsed."""
    if not content.strip():
        raise FileRefused("empty_file", "The file is empty: choose the manifest once more.")
    if len(content) > MOST_BYTES:
        raise FileRefused("file_too_large", f"The file is larger than {MOST_BYTES // 2**20} MB.", status=413)
    if content.startswith(ZIP):
        check_directory(content)
        return
    if content.startswith(OLE):
        refuse_ole(content)
    head = content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(PAGES):
        raise FileRefused("web_page", f"This is a web page or XML, whatever its name says: {AS_CSV}", status=415)
    if content.startswith(PDF):
        raise FileRefused("pdf", f"This is a PDF: {AS_CSV}", status=415)
    decoded(content)


def refuse_ole(content: bytes) -> None:
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise FileRefused("protected", "The workbook is protected with a password: save it without one.", status=415)
    said = "This is an Excel file of the old kind (.xls): save it as .xlsx and send that."
    raise FileRefused("old_workbook", said, status=415)


def workbook(content: bytes) -> list[Grid]:
    check_workbook(content)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [book.get_sheet_by_name(name) for name in book.sheet_names]
        grids = [
            Grid(
                sheet.name,
                sheet.to_python(skip_empty_area=False),
                [(first[0] + 1, last[0] + 1) for first, last in sheet.merged_cell_ranges or ()],
            )
            for sheet in sheets
        ]
    except (CalamineError, OSError, ValueError) as error:
        said = "The workbook is damaged or cut short: open it in your spreadsheet program and save it anew."
        raise FileRefused("damaged_workbook", said) from error
    if not any(grid.rows for grid in grids):
        raise FileRefused("empty_file", "The workbook has no filled sheet.")
    return grids


def table(content: bytes) -> list[list[str]]:
    """The records of a comma-separated file; a blank line is a row without cells, as the sheet counts it."""
    text = decoded(content)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), strict=True):
            rows.append(row)
            if len(rows) > MOST_SHEET_ROWS or len(row) > MOST_COLUMNS:
                said = f"The file has more than {MOST_SHEET_ROWS:,} rows or {MOST_COLUMNS} columns: send it in parts."
                raise FileRefused("sheet_too_large", said, status=413)
    except csv.Error as error:
        said = f"Row {len(rows) + 1} is no well-formed CSV ({error}); a cell with a comma or a quote stands in quotes."
        raise FileRefused("malformed_csv", said) from error
    check_delimiter(rows)
    return rows


def decoded(content: bytes) -> str:
    if content.startswith(UTF16):
        raise FileRefused("not_utf8", f"The file is UTF-16 text: {AS_CSV}")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileRefused("not_utf8", f"Line {line} is not UTF-8 text: {AS_CSV}") from error
    if "\x00" in text:
        raise FileRefused("not_text", f"The file holds NUL characters and is no CSV: {AS_CSV}", status=415)
    return text


def check_delimiter(rows: list[list[str]]) -> None:
    """Semicolons or tabs instead of commas are said, not guessed at."""
    if max(len(row) for row in rows) > 1:
        return
    text = "\n".join(row[0] for row in rows[:50] if row)
    for sign, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if sign in text:
            said = f"The columns are separated by {word}: {AS_CSV}"
            raise FileRefused("wrong_delimiter", said)
